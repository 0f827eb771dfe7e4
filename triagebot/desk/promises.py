"""The sweep: looks at tickets whose next due moment has come, does what their promise says, tells whom it concerns.

Each step of each clock is taken once, however often, late or doubled the sweep runs: Notice rows are unique, and are
written in the transaction that does what the step says. When nothing is left to look at, people hear of it: each person
one message, however many steps there were (desk.notices).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import cards, measures, notices, tickets
from triagebot.desk.office import Office
from triagebot.desk.steps import BREACH, USER, Step
from triagebot.desk.team import agents
from triagebot.desk.team.workload import Load
from triagebot.desk.ticket_clocks import Story, clock_id, clocks_of, nearest_due, next_look, stories
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.sla.clocks import Clock
from triagebot.store import later
from triagebot.store.statements import table_of
from triagebot.store.tables import Agent, Notice, Ticket

_MOST_CARDS = 20
"""After a long stop the summary counts; redrawing hundreds of cards would keep the chats busy for minutes."""
_NOTICED = table_of(Notice).insert()


@dataclass
class _Watch:
    """One sweep over a batch: what was read for all of its tickets at once, and whose cards must be drawn again."""

    session: Session
    office: Office
    now: datetime
    staff: Sequence[Agent]
    stories: dict[int, Story]
    known: dict[int, set[tuple[str, str]]]
    work: Load
    stale: dict[int, Ticket] = field(default_factory=dict)
    newly: list[tuple[Ticket, Agent]] = field(default_factory=list)


def sweep(session: Session, office: Office, now: datetime, limit: int = 200) -> int:
    """Take the steps that are due; returns how many tickets were looked at (``limit`` means: there may be more)."""
    query = select(Ticket).where(col(Ticket.next_due_at) <= now).order_by(col(Ticket.next_due_at)).limit(limit)
    found = list(session.exec(query.with_for_update(skip_locked=True)))
    if found:
        watch = _read(session, office, found, now)
        for ticket in found:
            _look_at(watch, ticket)
        _redraw(watch)
    if len(found) < limit:
        notices.tell(session, office, now)
    return len(found)


def _read(session: Session, office: Office, found: Sequence[Ticket], now: datetime) -> _Watch:
    known: dict[int, set[tuple[str, str]]] = defaultdict(set)
    query = select(Notice.ticket_id, Notice.clock, Notice.step).where(col(Notice.ticket_id).in_([t.id for t in found]))
    for number, clock, step in session.exec(query):
        known[number].add((clock, step))
    staff = agents.listed(session)
    return _Watch(session, office, now, staff, stories(session, found), known, Load(session, staff))


def _look_at(watch: _Watch, ticket: Ticket) -> None:
    """A second time when a step changed the promise: what is measured anew may have passed already (rule 8)."""
    story, seen, held = watch.stories[ticket.id or 0], -1, None
    while seen < len(story):
        seen = len(story)
        clocks = clocks_of(watch.office, ticket, story, watch.now)
        plans = watch.office.steps_of(ticket.sla)
        for clock in clocks:
            held = _take(watch, ticket, clock, plans[clock.metric], story) or held
    ticket.due_at, ticket.due_metric = nearest_due(clocks)
    ahead = next_look(clocks, watch.now)
    ticket.next_due_at = min(ahead, held) if ahead and held else ahead or held
    watch.session.add(ticket)


def _take(watch: _Watch, ticket: Ticket, clock: Clock, plan: Sequence[Step], story: Story) -> datetime | None:
    """Take the new steps of one clock; returns until when a step waits that must not be taken in the night."""
    known, name = watch.known[ticket.id or 0], clock_id(clock)
    new = [step for step in _passed(plan, ticket, clock, watch.now) if (name, step.name) not in known]
    quiet = watch.office.quiet_until(watch.now) if new and ticket.priority != "P1" else None
    held = quiet if any("reassign" in step.do for step in new) else None
    new = [step for step in new if held is None or "reassign" not in step.do]
    speaker, words = _spoken(new)
    for step in new:
        known.add((name, step.name))
        if step.name != USER:
            _record(watch, ticket, clock, step, told=step is speaker)
        taken = measures.take(watch.session, watch.office, watch.work, ticket, clock, step, story, watch.now)
        said = words if step is speaker else step.do if step.name == USER else ()
        _keep(watch, ticket, name, step, [*said, *taken.tell])
        if taken.holder is not None:
            watch.newly.append((ticket, taken.holder))
    return held


def _spoken(new: Sequence[Step]) -> tuple[Step | None, list[str]]:
    """Of several steps that come at once (after a long stop) one is told to staff: the gravest, or the breach itself to
    everyone whom the steps since then concern."""
    loud = [step for step in new if notices.TO_STAFF.intersection(step.do)]
    if not loud:
        return None, []
    breach = next((step for step in new if step.name == BREACH and loud[-1].share >= 1), None)
    concerned = [step for step in loud if step.share >= 1] if breach else loud[-1:]
    return breach or loud[-1], sorted(notices.TO_STAFF.intersection(action for step in concerned for action in step.do))


def _record(watch: _Watch, ticket: Ticket, clock: Clock, step: Step, told: bool) -> None:
    kind = "sla_breached" if step.name == BREACH else "sla_warned" if step.share < 1 else "sla_escalated"
    due = clock.due_at.isoformat() if clock.due_at else ""
    tickets.record(watch.session, watch.office, ticket, kind, "system", watch.now,
                   {"metric": clock.metric, "step": step.name, "due_at": due, "told": told})  # fmt: skip
    if step.share >= 1:
        watch.stale[ticket.id or 0] = ticket


def _keep(watch: _Watch, ticket: Ticket, clock: str, step: Step, whom: Sequence[str]) -> None:
    row = {"ticket_id": ticket.id, "clock": clock, "step": step.name, "at": watch.now, "tell": " ".join(whom),
           "tell_at": watch.now if whom else None}  # fmt: skip
    later.add(watch.session, _NOTICED, row)


def _passed(plan: Sequence[Step], ticket: Ticket, clock: Clock, now: datetime) -> Iterator[Step]:
    """Steps of ``clock`` that lie behind us, mildest first; a clock that was met in time has none.

    Steps beyond the breach, and words to the person, only while somebody still waits. A moment before the breach was
    dated did not exist: nobody is late before the promise (rule 8).
    """
    if clock.state not in ("running", "breached"):
        return
    waits = clock.met_at is None and ticket.status in HUMAN_STATES
    reached = dict(clock.marks_at)
    for step in plan:
        at = reached.get(step.share)
        if step.name == BREACH:
            if clock.state == "breached":
                yield step
        elif at is None or at > now:
            continue
        elif step.name == USER:
            if waits:
                yield step
        elif step.share < 1 or (waits and clock.breached_at is not None and at >= clock.breached_at):
            yield step


def _redraw(watch: _Watch) -> None:
    for ticket in list(watch.stale.values())[:_MOST_CARDS]:
        cards.refresh(watch.session, watch.office, ticket, watch.now)
    for ticket, holder in watch.newly:
        cards.put(watch.session, watch.office, ticket, holder, watch.now)
