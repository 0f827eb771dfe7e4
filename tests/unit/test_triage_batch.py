"""Many messages at once get the verdicts that they would get one by one."""

from __future__ import annotations

import pytest
from triage_pack import book, brain

from triagebot.triage import batch
from triagebot.triage.batch import triage_all

TEXTS = ["", "急", "刷脸不过", "the sms never came", *(t for c in book().categories.values() for t in c.examples.zh)]


def test_many_at_once_are_judged_as_one_by_one() -> None:
    assert brain().triage_many(TEXTS) == [brain().triage(text) for text in TEXTS]
    assert brain().triage_many([]) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_verdicts_come_in_the_order_of_the_texts(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 3)
    assert list(triage_all(brain(), iter(TEXTS), jobs)) == [brain().triage(text) for text in TEXTS]


def test_one_job_answers_each_line_before_it_reads_the_next() -> None:
    read: list[str] = []

    def lines() -> object:
        for text in TEXTS:
            read.append(text)
            yield text

    next(triage_all(brain(), lines(), 1))  # type: ignore[arg-type]
    assert read == TEXTS[:1]
