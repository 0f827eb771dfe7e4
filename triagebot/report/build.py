"""From the event log to a report: tickets are read once, and counted for the period and for the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.ticket_clocks import Line
from triagebot.errors import UsageError
from triagebot.report import history
from triagebot.report.figures import Figures, Filters, Report
from triagebot.report.history import Story
from triagebot.report.tally import Tally
from triagebot.store.tables import Agent

_LANGUAGES = ("zh", "en")
_PRIORITIES = ("P1", "P2", "P3", "P4")


def build(session: Session, office: Office, period: Period, filters: Filters, now: datetime) -> Report:
    """Reads only. UsageError for a filter that names nothing. ``period`` must not reach beyond ``now``."""
    names = {number or 0: name for number, name in session.exec(select(Agent.id, Agent.name).order_by(col(Agent.id)))}
    _check(office, filters, names)
    earlier = period.before()
    tallies = [Tally(span, office.zone, names) for span in (earlier, period)]
    for number, lines in history.tickets(session, Period(earlier.since, period.until)):
        for tally in tallies:
            _count(office, tally, filters, number, lines)
    before, found = (tally.figures() for tally in tallies)
    return Report(filters, office.zone.key, now, found, before, _titles(office, (found, before)))


def _count(office: Office, tally: Tally, filters: Filters, number: int, lines: list[Line]) -> None:
    if not lines or lines[0].at >= tally.period.until:
        return
    story = history.told(number, lines, tally.period.until)
    open_still = bool(story.with_people) and story.with_people[-1][1] is None
    if (open_still or story.lines[-1].at >= tally.period.since) and _fits(story, filters, tally.names):
        tally.add(story, story.clocks(office, tally.period.until))


def _fits(story: Story, filters: Filters, names: Mapping[int, str]) -> bool:
    row = story.standing
    has = {"queue": row.queue, "priority": row.priority, "category": row.category, "platform": row.platform,
           "agent": names.get(row.assignee_id or 0, "")}  # fmt: skip
    return all(has[name] == wanted for name, wanted in filters.chosen().items())


def _check(office: Office, filters: Filters, names: Mapping[int, str]) -> None:
    known = {"queue": office.book.queues, "priority": _PRIORITIES, "category": office.book.categories,
             "platform": office.book.platforms, "agent": names.values()}  # fmt: skip
    for name, wanted in filters.chosen().items():
        if wanted not in known[name]:
            raise UsageError(f"there is no {name} {wanted!r}; known: {', '.join(known[name]) or 'none'}")


def _titles(office: Office, both: tuple[Figures, ...]) -> dict[str, dict[str, str]]:
    queues = {q.queue for f in both for q in f.queues} | {b.queue for f in both for b in f.breaches}
    categories = {c.category for f in both for c in f.categories} | {b.category for f in both for b in f.breaches}
    return {
        lang: {name: office.queue_title(name, lang) for name in sorted(queues | set(office.book.queues))}
        | {name: office.title(name, lang) for name in sorted(categories | set(office.book.categories))}
        | {name: office.platform_title(name, lang) for name in office.book.platforms}
        for lang in _LANGUAGES
    }
