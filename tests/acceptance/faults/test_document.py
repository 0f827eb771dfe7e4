"""The document tells of every case, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from tests.acceptance.faults.reliability import DOCUMENT, NEVER, Observation, Row, document, name_of, rows_of, with_seen


def test_every_case_of_this_run_is_in_the_document_and_held(request: pytest.FixtureRequest) -> None:
    cases = {name_of(item) for item in request.session.items if item.get_closest_marker("fault")}
    rows = rows_of(DOCUMENT.read_text())
    assert cases <= {(row.zh, row.en) for row in rows}
    assert [row.en for row in rows if "FAILED" in row.short + row.long] == []
    assert [row.en for row in rows if row.short == row.long == NEVER] == []


def test_rows_are_read_as_they_were_written_and_the_others_stay() -> None:
    today, seen = date(2026, 11, 29), Observation("断电", "power cut", False, True, {"lost": 0}, 3.2)
    before = [Row("满了", "disk full", "held", "held"), Row("断电", "power cut", "old", "older")]
    after = with_seen(before, [seen], today)
    assert after == [before[0], Row("断电", "power cut", "lost 0 (3 s, 2026-11-29)", "older")]
    assert rows_of(document(after)) == after


def test_a_case_that_failed_says_so() -> None:
    seen = Observation("断电", "power cut", True, False, {"lost": 1}, 3.2)
    (row,) = with_seen([], [seen], date(2026, 11, 29))
    assert (row.short, row.long) == (NEVER, "**FAILED** lost 1 (3 s, 2026-11-29)")
