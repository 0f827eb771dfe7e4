"""The log as a stream of reports: who said when that what fails where. Read by the detector, by backtests and by charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row, bindparam, literal_column
from sqlmodel import Session

from triagebot.detect.series import Report
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Event, Ticket

Numbered = tuple[int, Report]
"""An event's id, and what it reports."""
_UNKNOWN = "unknown"
_LATE = timedelta(hours=1)
_EVENT, _TICKET = table_of(Event), table_of(Ticket)
# In the very words of the partial index ix_event_reports: with a parameter no database would see that it serves.
_IS_REPORT = _EVENT.c.type.in_([literal_column(f"'{type}'") for type in ("opened", "classified", "category_changed")])
_COLUMNS = (_EVENT.c.id, _EVENT.c.at, _EVENT.c.type, _EVENT.c.data, _TICKET.c.id.label("ticket_id"),
            _TICKET.c.conversation_id, _TICKET.c.category, _TICKET.c.platform, _TICKET.c.created_at)  # fmt: skip
_AFTER, _UP_TO = _EVENT.c.id > bindparam("after"), _EVENT.c.id <= bindparam("last")
# By id, within the ids that a span of time has: asked by both, a database would rather read all of that time for each page.
_PAGE = (
    sa.select(*_COLUMNS)
    .join_from(_EVENT, _TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .where(_IS_REPORT, _AFTER, _UP_TO)
    .order_by(_EVENT.c.id)
    .limit(bindparam("most"))
)
_FIRST = sa.select(sa.func.min(_EVENT.c.id)).where(_IS_REPORT, _EVENT.c.at >= bindparam("begin", type_=UtcDateTime))
_LAST = sa.select(sa.func.max(_EVENT.c.id)).where(_IS_REPORT, _EVENT.c.at < bindparam("end", type_=UtcDateTime))
_IDS = sa.select(_EVENT.c.id).where(_AFTER, _IS_REPORT).order_by(_EVENT.c.id).limit(bindparam("most"))
_NO_END = 2**62


def since(
    session: Session, begin: datetime, end: datetime | None = None, after_id: int = 0, limit: int = 10_000
) -> list[Numbered]:
    """Reports from ``begin`` up to before ``end``, in the order of the log, of events after ``after_id``; about ``limit`` at
    most: go on after the last id until nothing comes.

    A correction by an agent counts where the person wrote within the hour before: later it says nothing about now. What an
    event leaves out (a correction names no platform) is the ticket's own, as it is now."""
    return [(number, report) for number, _, report in with_tickets(session, begin, end, after_id, limit)]


def with_tickets(
    session: Session, begin: datetime, end: datetime | None = None, after_id: int = 0, limit: int = 10_000
) -> list[tuple[int, int, Report]]:
    """As ``since``: (event's id, ticket's id, report)."""
    first = first_id(session, begin)
    if first is None:
        return []
    last = _NO_END if end is None else run(session, _LAST, {"end": end}).scalar_one() or 0
    after = max(after_id, first - 1)
    while True:
        rows = run(session, _PAGE, {"after": after, "last": last, "most": limit}).all()
        found = [(row.id, row.ticket_id, _report(row)) for row in rows
                 if row.at >= begin and (end is None or row.at < end) and not _is_late(row)]  # fmt: skip
        if found or not rows:
            return found
        after = rows[-1].id


def after(session: Session, number: int, limit: int) -> list[Numbered]:
    """Reports of the events after ``number``, the first ``limit`` of them."""
    rows = run(session, _PAGE, {"after": number, "last": _NO_END, "most": limit})
    return [(row.id, _report(row)) for row in rows if not _is_late(row)]


def first_id(session: Session, begin: datetime) -> int | None:
    """Of the first event since ``begin`` that is a report; None when there is none."""
    found: int | None = run(session, _FIRST, {"begin": begin}).scalar_one()
    return found


def ids_after(session: Session, number: int, limit: int) -> list[int]:
    """Ids of the events after ``number`` that are reports, the first ``limit``: a look that costs next to nothing."""
    return [row.id for row in run(session, _IDS, {"after": number, "most": limit})]


def _is_late(row: Row[Any]) -> bool:
    late: bool = row.type == "category_changed" and row.at - row.created_at > _LATE
    return late


def _report(row: Row[Any]) -> Report:
    data: Mapping[str, Any] = row.data
    category = data.get("category", row.category)
    platform = data.get("platform", row.platform)
    return Report(
        at=row.at.timestamp(),
        person=row.conversation_id,
        category=category,
        platform="" if platform == _UNKNOWN else platform,
        signatures=_signatures(category, data),
        app_version=str(data.get("app_version", "")),
    )


def _signatures(category: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Wordings of ``category`` that were recognised; ids of other rules have no colon."""
    rules = data.get("verdict", {}).get("evidence", {}).get("rules", ())
    return tuple(rule for rule in rules if rule.startswith(f"{category}:"))
