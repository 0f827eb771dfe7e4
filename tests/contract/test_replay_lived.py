"""What-if against the product itself: the same people under another policy are lived through by the real desk, and the
replay of the first log must say what the report of the second one says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.swept_traffic import live
from triagebot import rulebook
from triagebot.desk.office import Office, open_office
from triagebot.desk.periods import Period
from triagebot.report.build import build
from triagebot.report.figures import Filters, Share
from triagebot.report.replay import replay
from triagebot.resources import bundled
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.store.store import Store

END = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
PERIOD = Period(END - timedelta(days=21), END)
NOW = END + timedelta(days=7)
"""The log goes on after the period."""
ZONE = ZoneInfo("Asia/Shanghai")
STRICT_STEPS = [
    {"at": 0.8, "do": ["raise_priority"], "metrics": ["resolution"]},
    {"at": 1.0, "do": ["raise_priority", "notify_supervisor"]},
    {"at": 1.5, "every": 0.5, "times": 3, "do": ["raise_priority"], "metrics": ["first_response", "update"]},
]


def _office(**sla: object) -> Office:
    book = rulebook.load(bundled("rules"))
    rules = SlaRules.model_validate({**book.sla.model_dump(mode="json", exclude_none=True), **sla})
    return open_office(book.model_copy(update={"sla": rules}), ZONE)


@pytest.fixture(scope="module")
def present() -> Office:
    return _office()


@pytest.fixture(scope="module")
def strict() -> Office:
    """Shorter targets with other lengths between the priorities, and an update every two hours for everybody."""
    rows = [
        {"queue": queue, "priority": f"P{n}", "first_response": f"{10 * n * n}m", "next_response": later,
         "resolution": solved, "update": "2h"}
        for queue, later, solved in (("customer_service", "80m", "3h"), ("hotline", "2h", "1d"), ("security", "1h", "6h"))
        for n in (1, 2, 3, 4)
    ]  # fmt: skip
    return _office(version=2, steps=STRICT_STEPS, policies=rows, tell_user_at=0)


def _report(store: Store, office: Office, **filters: str) -> dict[str, Share]:
    return dict(store.read_now(build, office, PERIOD, Filters(**filters), NOW).now.attainment)


def _raises(session: Session) -> int:
    return int(session.connection().execute(text(
        "SELECT count(*) FROM event WHERE type = 'priority_changed' AND actor = 'system'")).scalar_one())  # fmt: skip


def test_the_policy_in_force_gives_the_figures_of_the_report(store: Store, present: Office) -> None:
    """200 tickets with the desk's own raises, on each database."""
    store.write_now(lambda s: live(s, present, tickets=200, days=42, until=NOW))
    assert store.read_now(_raises) > 5
    found = store.read_now(replay, present, present, PERIOD)
    report = _report(store, present)
    assert {metric: pair.was for metric, pair in found.metrics.items()} == report
    assert {metric: pair.would for metric, pair in found.metrics.items()} == report
    assert min(share.whole - share.part for share in report.values()) > 0
    for queue in present.book.queues:
        assert {metric: pair.would for metric, pair in found.queues[queue].items()} == _report(
            store, present, queue=queue
        )
        alone = store.read_now(replay, present, present, PERIOD, queue)
        assert dict(alone.metrics) == dict(found.queues[queue])
    assert (found.newly_broken, found.newly_kept) == ((), ())
    assert found.raises_was == found.raises_would > 0
    assert found.seen == (1,)


def test_another_policy_gives_the_figures_of_a_desk_that_worked_under_it(
    sqlite_url: str, tmp_path: Path, present: Office, strict: Office
) -> None:
    """Raises before, at and after the breach on three kinds of clocks; every seventh ticket was given the present targets
    in between (``sla reapply``), which the replay must leave out."""
    log, other = Store.open(sqlite_url), Store.open(_another(sqlite_url, tmp_path))
    try:
        log.write_now(lambda s: live(s, present, tickets=150, days=42, until=NOW, reapplied=_office(version=9)))
        other.write_now(lambda s: live(s, strict, tickets=150, days=42, until=NOW))
        expected = _report(other, strict)
        found = log.read_now(replay, present, strict, PERIOD)
        assert {metric: pair.would for metric, pair in found.metrics.items()} == expected
        assert {metric: pair.was for metric, pair in found.metrics.items()} == _report(log, present)
        assert found.raises_would == other.read_now(replay, strict, strict, PERIOD).raises_was > 50 > found.raises_was
        assert found.seen == (1, 9)
    finally:
        log.close()
        other.close()


def _another(url: str, folder: Path) -> str:
    """A second, equally empty database beside the first one."""
    file = Path(url.removeprefix("sqlite:///"))
    copy = folder / "other.db"
    copy.write_bytes(file.read_bytes())
    return f"sqlite:///{copy}"
