"""The on-call chain: about a P1 that nobody has acknowledged one person after the other is called, at last all supervisors.

A call is a Page row, an event and a message, written together: a late or doubled tick calls nobody twice, and a kill before
the message is sent loses nothing. That somebody acts is read from the ticket's log, whatever they did it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.desk.team import agents, pages
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.rulebook.schema import OnCall
from triagebot.store.tables import Agent, Event, Page, Ticket
from triagebot.text import span

WAITING, ACKNOWLEDGED, PASSED_ON, ENDED = "waiting", "acknowledged", "passed_on", "ended"
_SETTLED = (ACKNOWLEDGED, ENDED)
_ACTS = {"taken": "taken", "agent_replied": "answered", "pending_user": "answered", "on_hold": "answered"}
"""What a person does to a ticket that says that they have it, and the words for it."""


class Call(NamedTuple):
    """``round`` and ``step`` as in Page; ``agent``: an id."""

    round: int
    step: int
    agent: int


def next_call(chain: Sequence[int], called: Sequence[Call], rounds: int, first: int = 0) -> Call | None:
    """Who is called next; None when everybody was called as often as the rules say.

    ``chain``: ids of people who can be reached, in order, as it is now; ``called``: the calls so far, oldest first; ``first``:
    the number of the first round. A person who left the chain is passed over, one who joined has their turn in this round.
    """
    this = called[-1].round if called else first
    had = [call.agent for call in called if call.round == this]
    left = [agent for agent in chain if agent not in had]
    if left and this < first + rounds:
        return Call(this, len(had), left[0])
    return Call(this + 1, 0, chain[0]) if chain and this + 1 < first + rounds else None


def begin(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """A P1 came to a queue, or a ticket became one: its chain is called from the beginning. Nothing where there is none."""
    rule = _rule(office, ticket)
    if rule is None or ticket.priority != "P1" or ticket.status not in HUMAN_STATES:
        return
    before = _of(session, ticket)
    _settle(session, [page for page in before if page.state == WAITING], ENDED)
    _go_on(session, office, ticket, rule, [], now, _after(before))


def acknowledge(session: Session, office: Office, ticket: Ticket, person: Agent, now: datetime) -> bool:
    """Somebody knows: nobody else is called. False when nobody is being called about this ticket."""
    run = _run(_of(session, ticket))
    waiting = [page for page in run if page.state == WAITING]
    if not waiting:
        return False
    _settle(session, waiting, ACKNOWLEDGED)
    tickets.record(session, office, ticket, "acknowledged", f"agent:{person.id}", now, {"agent_name": person.name})
    pages.close(session, ticket, run, "acknowledged", person.name, now)
    return True


def was_called(session: Session, ticket: Ticket, person: Agent) -> bool:
    return any(page.agent_id == person.id for page in _run(_of(session, ticket)))


def unreachable(session: Session, office: Office) -> list[tuple[str, str]]:
    """(queue, name) of everybody whom the rules put on call and whom nobody can call: no agent, or one without a chat."""
    there = {a.name for a in agents.listed(session) if a.user}
    rules = [(queue.id, queue.on_call) for queue in office.book.queues.values()]
    return [(queue, name) for queue, rule in rules if rule is not None and rule.chain != "available"
            for name in rule.chain if name not in there]  # fmt: skip


def run_due(session: Session, office: Office, now: datetime, limit: int = 200) -> int:
    """End calls about tickets that somebody has, call the next person where a time is up; returns how many tickets that were.

    However late this comes, one person is called: their time begins now."""
    query = select(Page.ticket_id).where(Page.state == WAITING).group_by(col(Page.ticket_id))
    numbers = session.exec(query.order_by(col(Page.ticket_id)).limit(limit)).all()
    if not numbers:
        return 0
    found = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id))
    locked = found.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return sum(_look_at(session, office, ticket, now) for ticket in list(session.exec(locked)))


def _look_at(session: Session, office: Office, ticket: Ticket, now: datetime) -> bool:
    found = _of(session, ticket)
    run = _run(found)
    waiting = [page for page in run if page.state == WAITING]
    rule = _rule(office, ticket)
    why, who = _settled(session, ticket, run) if rule is not None else ("no_chain", "")
    if rule is None or why:
        _end(session, office, ticket, run, why, who, now)
        return True
    if any(page.until > now for page in waiting):
        return False
    _settle(session, waiting, PASSED_ON)
    _go_on(session, office, ticket, rule, run, now, _after(found[: -len(run)]))
    return True


def _settled(session: Session, ticket: Ticket, run: Sequence[Page]) -> tuple[str, str]:
    """Why nobody need be called any more, and by whom; ("", "") while somebody must be."""
    if ticket.status not in HUMAN_STATES:
        return "over", ""
    if ticket.priority != "P1":
        return "lowered", ""
    first = {"round": run[0].round, "step": run[0].step}
    acts, since = None, False
    query = select(Event).where(Event.ticket_id == ticket.id, col(Event.type).in_(("paged", *_ACTS)))
    for event in session.exec(query.order_by(col(Event.id))):
        if event.type == "paged":
            since = since or first.items() <= event.data.items()
        elif since and event.actor.startswith("agent:"):
            acts = event
    return (_ACTS[acts.type], str(acts.data.get("agent_name", ""))) if acts is not None else ("", "")


def _go_on(
    session: Session, office: Office, ticket: Ticket, rule: OnCall, run: Sequence[Page], now: datetime, first: int
) -> None:
    """Call the next person, after the last round all supervisors at once, after them nobody."""
    called = [Call(page.round, page.step, page.agent_id) for page in run]
    staff = {a.id or 0: a for a in agents.listed(session) if a.user}
    chain = _chain(rule, ticket, list(staff.values()))
    call = next_call(chain, called, rule.rounds, first)
    if call is not None:
        _call(session, office, ticket, rule, [(call, staff[call.agent])], now)
        return
    last = first + rule.rounds
    above = [a for a in staff.values() if agents.may(a, "supervisor")]
    if not above or any(call.round == last for call in called):
        _end(session, office, ticket, run, "nobody", "", now)
        return
    _call(session, office, ticket, rule, [(Call(last, n, a.id or 0), a) for n, a in enumerate(above)], now)


def _call(
    session: Session, office: Office, ticket: Ticket, rule: OnCall, whom: Sequence[tuple[Call, Agent]], now: datetime
) -> None:
    first = whom[0][0]
    names = "、".join(person.name for _, person in whom)
    tickets.record(session, office, ticket, "paged", "system", now,
                   {"to": names, "round": first.round, "step": first.step})  # fmt: skip
    for call, person in whom:
        page = Page(ticket_id=ticket.id or 0, agent_id=person.id or 0, round=call.round, step=call.step, at=now,
                    until=now + span(rule.every))  # fmt: skip
        session.add(page)
        pages.put(session, office, ticket, page, person, now)
    session.flush()


def _end(
    session: Session, office: Office, ticket: Ticket, run: Sequence[Page], why: str, who: str, now: datetime
) -> None:
    """``run`` ends here, so that a later one is not taken for its continuation."""
    _settle(session, [page for page in run if page.state == WAITING] or run[-1:], ENDED)
    facts = {"why": why, **({"to": who} if who else {})}
    tickets.record(session, office, ticket, "paging_ended", "system", now, facts)
    pages.close(session, ticket, run, why, who, now)


def _settle(session: Session, found: Sequence[Page], state: str) -> None:
    for page in found:
        page.state = state
        session.add(page)


def _of(session: Session, ticket: Ticket) -> list[Page]:
    return list(session.exec(select(Page).where(Page.ticket_id == ticket.id).order_by(col(Page.id))))


def _run(found: Sequence[Page]) -> list[Page]:
    """The calls since the last time that somebody acknowledged, or that calling ended."""
    settled = [n for n, page in enumerate(found) if page.state in _SETTLED]
    return list(found[settled[-1] + 1 :] if settled else found)


def _after(before: Sequence[Page]) -> int:
    """The number of the first round after those: a ticket's rounds are counted on, so that each call is there once."""
    return max((page.round + 1 for page in before), default=0)


def _rule(office: Office, ticket: Ticket) -> OnCall | None:
    queue = office.book.queues.get(ticket.queue)
    return queue.on_call if queue is not None else None


def _chain(rule: OnCall, ticket: Ticket, staff: Sequence[Agent]) -> list[int]:
    """Who can be reached, in order. Of those who are available, who was given the ticket comes first, supervisors last."""
    if rule.chain != "available":
        by_name = {a.name: a.id or 0 for a in staff}
        return [by_name[name] for name in rule.chain if name in by_name]
    there = [a for a in staff if a.available and agents.works_on(a, ticket.queue)]
    return [
        a.id or 0 for a in sorted(there, key=lambda a: (a.id != ticket.assignee_id, agents.ROLES.index(a.role), a.id))
    ]
