"""The sweep: looks at tickets whose next due moment has come, and tells people before and when a promise breaks.

Each step of each clock is announced once, however often, late or doubled the sweep runs: Notice rows are unique and
written in the transaction that puts the words into the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import agents, cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import ticket_clocks
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Button, Outgoing
from triagebot.sla.clocks import Clock, next_moment
from triagebot.store import outbox
from triagebot.store.tables import Agent, Notice, Ticket
from triagebot.text import spoken_span, spoken_time

BREACH = "breach"


@dataclass(frozen=True)
class Step:
    """One thing to announce: ``name`` is ``breach`` or the share of the target that is used up (``0.8``)."""

    ticket: Ticket
    clock: Clock
    name: str

    @property
    def clock_id(self) -> str:
        return f"{self.clock.metric}@{self.clock.started_at.isoformat()}"


def sweep(session: Session, office: Office, now: datetime, limit: int = 200) -> int:
    """Announce what is due; returns how many tickets were looked at (``limit`` means: there may be more)."""
    query = select(Ticket).where(col(Ticket.next_due_at) <= now).order_by(col(Ticket.next_due_at)).limit(limit)
    found = list(session.exec(query))
    letters: dict[int, list[Step]] = defaultdict(list)
    people: dict[int, Agent] = {}
    for ticket in found:
        clocks = ticket_clocks(session, office, ticket, now)
        for step in _announceable(session, office, ticket, clocks, now):
            for person in _audience(session, step):
                people[person.id or 0] = person
                letters[person.id or 0].append(step)
        ticket.next_due_at = next_moment(clocks, now)
        session.add(ticket)
    for key, steps in letters.items():
        _write(session, office, people[key], steps, now)
    return len(found)


def _announceable(
    session: Session, office: Office, ticket: Ticket, clocks: tuple[Clock, ...], now: datetime
) -> Iterator[Step]:
    """New steps, recorded; of several that passed unseen on one clock (a long stop) only the gravest is told."""
    known = {(n.clock, n.step) for n in session.exec(select(Notice).where(Notice.ticket_id == ticket.id))}
    for clock in clocks:
        new = [s for s in _passed(office, ticket, clock, now) if (s.clock_id, s.name) not in known]
        for step in new:
            session.add(Notice(ticket_id=ticket.id or 0, clock=step.clock_id, step=step.name, at=now))
            told = step is new[-1]
            kind = "sla_breached" if step.name == BREACH else "sla_warned"
            due = clock.due_at.isoformat() if clock.due_at else ""
            tickets.record(session, office, ticket, kind, "system", now,
                           {"metric": clock.metric, "step": step.name, "due_at": due, "told": told})  # fmt: skip
        if new:
            cards.refresh(session, office, ticket, now)
            yield new[-1]


def _passed(office: Office, ticket: Ticket, clock: Clock, now: datetime) -> Iterator[Step]:
    """Steps of ``clock`` that lie behind us, mildest first; a clock that was met in time has none."""
    if clock.state in ("running", "breached"):
        shares = sorted(ticket.sla.get("policy", {}).get("warn_at", ()))
        for share, at in zip(shares, clock.warnings_at, strict=False):
            if at <= now:
                yield Step(ticket, clock, f"{share:g}")
    if clock.state == "breached":
        yield Step(ticket, clock, BREACH)


def _audience(session: Session, step: Step) -> list[Agent]:
    """A warning goes to the assignee, or to the queue while nobody has it; a breach to supervisors and the assignee.

    A breach that there is nobody of these to tell goes to the queue.
    """
    holder = session.get(Agent, step.ticket.assignee_id) if step.ticket.assignee_id else None
    reachable = [holder] if holder is not None and holder.user and holder.active else []
    if step.name != BREACH:
        return reachable or agents.of_queue(session, step.ticket.queue)
    answerable = list({a.id: a for a in [*agents.supervisors(session), *reachable]}.values())
    return answerable or agents.of_queue(session, step.ticket.queue)


def _write(session: Session, office: Office, person: Agent, steps: list[Step], now: datetime) -> None:
    """All that one person must hear of this sweep, in one message."""
    to = agents.address(person)
    if to is None:
        return
    lines = [_line(office, step, person.lang, now) for step in steps]
    urgent = any(s.ticket.priority == "P1" or s.name == BREACH for s in steps)
    single = steps[0].ticket if len(steps) == 1 else None
    buttons = ((Button(say(person.lang, "verb.show.button"), f"show:{single.id}"),),) if single else ()
    outbox.put(session, to, Outgoing(text="\n".join(lines), buttons=buttons, ticket=single.id if single else None),
               now=now, priority=PRIORITY_URGENT if urgent else PRIORITY_NOTICE,
               ticket_id=single.id if single else None)  # fmt: skip


def _line(office: Office, step: Step, lang: str, now: datetime) -> str:
    key = "notice.breach" if step.name == BREACH else "notice.warning"
    due = step.clock.due_at or now
    share = "" if step.name == BREACH else f"{float(step.name):.0%}"
    return say(lang, key, number=step.ticket.id, priority=step.ticket.priority,
               category=office.title(step.ticket.category, lang), metric=say(lang, f"metric.{step.clock.metric}"),
               share=share, at=spoken_time(due, now, office.zone, lang),
               span=spoken_span((due - now).total_seconds(), lang))  # fmt: skip
