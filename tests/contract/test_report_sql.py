"""The figures of a report equal those of SQL that was written without looking at the report's code, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.desk_traffic import AGENTS, fill
from triagebot import rulebook
from triagebot.desk import ticket_clocks
from triagebot.desk.office import Office, open_office
from triagebot.desk.periods import Period
from triagebot.errors import UsageError
from triagebot.report.build import build
from triagebot.report.figures import Figures, Filters, Report
from triagebot.resources import bundled
from triagebot.store.store import Store
from triagebot.store.tables import Ticket

END = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai, from Sunday to Monday."""
WEEK = Period(END - timedelta(days=7), END)


@pytest.fixture(scope="module")
def office() -> Office:
    return open_office(rulebook.load(bundled("rules")), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def filled(store: Store, office: Office) -> Store:
    """Six weeks, 700 tickets: the week that is reported is the last but one, so that the log goes on after it."""
    store.write_now(fill, office, tickets=700, days=42, until=END + timedelta(days=7))
    return store


def _count(session: Session, sql: str, **more: Any) -> int:
    shape = "%Y-%m-%d %H:%M:%S.%f"
    sqlite = session.get_bind().dialect.name == "sqlite"
    given = {name: at.strftime(shape) if sqlite else at for name, at in (("a", WEEK.since), ("b", WEEK.until))}
    return int(session.connection().execute(text(sql), {**given, **more}).scalar_one())


COUNTS = {
    "opened": "SELECT count(*) FROM ticket WHERE created_at >= :a AND created_at < :b",
    "escalated": "SELECT count(*) FROM ticket WHERE escalated_at >= :a AND escalated_at < :b",
    "resolved": "SELECT count(DISTINCT ticket_id) FROM event WHERE type = 'resolved' AND at >= :a AND at < :b",
    "by_bot": """SELECT count(DISTINCT r.ticket_id) FROM event r WHERE r.type = 'resolved' AND r.at >= :a AND r.at < :b
        AND NOT EXISTS (SELECT 1 FROM event e WHERE e.ticket_id = r.ticket_id AND e.type = 'escalated' AND e.at < :b)""",
    "left_alone": "SELECT count(*) FROM event WHERE type = 'closed' AND actor = 'system' AND at >= :a AND at < :b",
    "reopened": "SELECT count(DISTINCT ticket_id) FROM event WHERE type = 'reopened' AND at >= :a AND at < :b",
    "overridden": """SELECT count(DISTINCT ticket_id) FROM event
        WHERE type = 'category_changed' AND actor LIKE 'agent:%' AND at >= :a AND at < :b""",
    "ratings": "SELECT count(DISTINCT ticket_id) FROM event WHERE type = 'rated' AND at >= :a AND at < :b",
    "first_answers": """SELECT count(*) FROM (SELECT min(at) AS first FROM event WHERE type = 'agent_replied'
        GROUP BY ticket_id) AS answers WHERE first >= :a AND first < :b""",
    "replies": "SELECT count(*) FROM event WHERE type = 'agent_replied' AND at >= :a AND at < :b",
    "backlog": """SELECT count(*) FROM ticket t WHERE escalated_at < :b AND NOT EXISTS (
        SELECT 1 FROM event e WHERE e.ticket_id = t.id AND e.type IN ('resolved', 'closed', 'merged') AND e.at < :b
        AND NOT EXISTS (SELECT 1 FROM event o WHERE o.ticket_id = t.id AND o.type = 'reopened' AND o.at > e.at
                        AND o.at < :b))""",
}


def _said(found: Figures) -> dict[str, int]:
    return {
        "opened": found.opened, "escalated": found.escalated, "resolved": found.resolved, "by_bot": found.by_bot.part,
        "left_alone": found.left_alone, "reopened": found.reopened.part, "overridden": found.overridden.part,
        "ratings": found.ratings.n, "first_answers": found.time("first_response").n,
        "replies": sum(agent.replies for agent in found.agents), "backlog": found.backlog.open,
    }  # fmt: skip


def _report(store: Store, office: Office, **filters: str) -> Report:
    return store.read_now(build, office, WEEK, Filters(**filters), END + timedelta(days=7))


def _clocks(session: Session, office: Office) -> dict[str, list[int]]:
    """Kept and broken in the week, from every single ticket of the database."""
    found: dict[str, list[int]] = {}
    for (number,) in session.connection().execute(text("SELECT id FROM ticket WHERE escalated_at IS NOT NULL")).all():
        ticket = session.get_one(Ticket, number)
        for clock in ticket_clocks.ticket_clocks(session, office, ticket, WEEK.until - timedelta(microseconds=1)):
            at = clock.breached_at if clock.state == "breached" else clock.met_at
            if clock.state in ("met", "breached") and at is not None and WEEK.since <= at < WEEK.until:
                found.setdefault(clock.metric, [0, 0])[clock.state == "breached"] += 1
    return found


def test_figures_equal_independent_sql(filled: Store, office: Office) -> None:
    found = _report(filled, office).now
    expected = {name: filled.read_now(_count, sql) for name, sql in COUNTS.items()}
    assert _said(found) == expected
    assert min(n for name, n in expected.items() if name not in ("overridden", "reopened", "left_alone")) > 3
    assert sum(map(sum, found.arrivals)) == found.opened
    assert sum(point.opened for point in found.course) == found.opened
    assert found.course[-1].backlog == found.backlog.open
    assert sum(map(sum, found.breach_hours)) == len(found.breaches)


def test_promises_equal_those_of_every_ticket_looked_at_by_itself(filled: Store, office: Office) -> None:
    found = _report(filled, office).now
    expected = filled.read_now(_clocks, office)
    assert {m: [s.part, s.whole - s.part] for m, s in found.attainment.items()} == expected
    assert len(found.breaches) == sum(broken for _, broken in expected.values())


def test_the_period_before_is_the_report_of_that_period(filled: Store, office: Office) -> None:
    now = END + timedelta(days=7)
    earlier = filled.read_now(build, office, WEEK.before(), Filters(), now)
    assert _report(filled, office).before == earlier.now


def test_filters_share_out_the_whole(filled: Store, office: Office) -> None:
    book, whole = office.book, _report(filled, office).now
    values = {"queue": book.queues, "priority": ("P1", "P2", "P3", "P4"), "platform": book.platforms, "agent": AGENTS}
    for name, known in values.items():
        parts = [_report(filled, office, **{name: value}).now for value in known]
        if name in ("priority", "platform"):
            assert sum(part.opened for part in parts) == whole.opened
        assert sum(part.time("first_response").n for part in parts) == whole.time("first_response").n
        assert sorted(b.ticket for part in parts for b in part.breaches if b.agent) == sorted(
            b.ticket for b in whole.breaches if b.agent
        )


def test_a_filter_that_names_nothing_is_a_clear_line(store: Store, office: Office) -> None:
    with pytest.raises(UsageError, match="there is no queue 'sales'; known: customer_service"):
        _report(store, office, queue="sales")
