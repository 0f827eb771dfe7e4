"""Who gets which report when. Here it is only ordered; the sender makes it at the moment at which it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import periods, schedules
from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.schedules import Schedule
from triagebot.desk.team import agents
from triagebot.desk.work import Call
from triagebot.errors import DeskError, UsageError
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_REPLY, Order, Outgoing
from triagebot.store import outbox
from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Agent, ReportSent

FORMS = ("text", "png", "xlsx")
"""A report in a chat is these three messages, in this order."""
_SENT = table_of(ReportSent)
_CLAIM = PerDialect(
    lambda insert: insert(_SENT).on_conflict_do_nothing(index_elements=["audience", "until"]).returning(_SENT.c.id)
)


def send_due(session: Session, office: Office, planned: Sequence[Schedule], now: datetime) -> int:
    """Order each report that is due, once, whoever asks and however often; returns how many were ordered.

    After a stop only the newest period of each schedule is sent. A schedule that is new sends its newest one at once.
    """
    ordered = 0
    for schedule in planned:
        period = schedules.due(schedule, now, office.zone)
        if period is None or _is_sent(session, schedule, period):
            continue
        people = _audience(session, schedule)
        if people and _claim(session, schedule, period, now):
            for person in people:
                order(session, person, period, now, queue=schedule.queue, audience=schedule.line)
            ordered += 1
    return ordered


def _is_sent(session: Session, schedule: Schedule, period: Period) -> bool:
    """Also when a later one was: a clock that was set back repeats nothing."""
    later = select(ReportSent.id).where(ReportSent.audience == schedule.line, col(ReportSent.until) >= period.until)
    return session.exec(later.limit(1)).first() is not None


def _claim(session: Session, schedule: Schedule, period: Period, now: datetime) -> bool:
    row = {"audience": schedule.line, "until": period.until, "at": now}
    return run(session, _CLAIM.on(session), row).first() is not None


def _audience(session: Session, schedule: Schedule) -> list[Agent]:
    if not schedule.to:
        return agents.supervisors(session)
    return [agent for agent in agents.listed(session) if agent.user and agent.name in schedule.to]


def order(
    session: Session, person: Agent, period: Period, now: datetime, *, queue: str = "", audience: str = ""
) -> bool:
    """Put a report into ``person``'s chat; False when there is none. ``audience``: of a scheduled report."""
    to = agents.address(person)
    if to is None:
        return False
    since, until = period.since.isoformat(), period.until.isoformat()
    for form in FORMS:
        wanted = Order(form, since, until, person.lang, (("queue", queue),) if queue else ())
        key = f"report:{audience}:{until}:{person.id}:{form}" if audience else None
        priority = PRIORITY_NOTICE if audience else PRIORITY_REPLY
        outbox.put(session, to, Outgoing(text="", order=wanted), now=now, priority=priority, key=key)
    return True


def report(call: Call) -> str:
    """/report [period] [queue]: the answer is the report itself."""
    words = call.text.split()
    queue = next((word for word in words if word in call.office.book.queues), "")
    try:
        period = periods.named(" ".join(word for word in words if word != queue), call.now, call.office.zone)
    except UsageError:
        raise DeskError(say(call.lang, "desk.no_such_period", said=call.text)) from None
    if not order(call.session, call.agent, period, call.now, queue=queue):
        raise DeskError(say(call.lang, "desk.no_chat"))
    return ""
