"""What agents do to a ticket. Each function is one verb: it checks, records, tells whom it concerns, says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triagebot.desk import aftercare, agents, cards, following, tickets, user_side
from triagebot.desk.escalation import escalate
from triagebot.desk.office import Office
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES, PRIORITIES
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Ticket
from triagebot.text import spoken_time


@dataclass(frozen=True)
class Call:
    """One command of one agent. ``ticket`` is set when the verb needs one; ``text`` is what followed it."""

    session: Session
    office: Office
    agent: Agent
    now: datetime
    ticket: Ticket | None = None
    text: str = ""

    @property
    def lang(self) -> str:
        return self.agent.lang

    @property
    def actor(self) -> str:
        return f"agent:{self.agent.id}"

    @property
    def the_ticket(self) -> Ticket:
        if self.ticket is None:
            raise DeskError(say(self.lang, "desk.needs_number"))
        return self.ticket

    def record(self, type: str, **data: object) -> None:
        tickets.record(self.session, self.office, self.the_ticket, type, self.actor, self.now,
                       {"agent_name": self.agent.name, **data})  # fmt: skip

    def done(self, key: str, **values: object) -> str:
        """Refresh the cards and say, in the agent's language, what happened."""
        cards.refresh(self.session, self.office, self.the_ticket, self.now)
        return say(self.lang, key, number=self.the_ticket.id, **values)


def must_be_open(call: Call) -> None:
    if call.the_ticket.status not in OPEN_STATES:
        status = cards.status_words(call.session, call.the_ticket, call.lang)
        raise DeskError(say(call.lang, "desk.not_open", number=call.the_ticket.id, status=status))


def must_hold(call: Call) -> None:
    """Somebody else's ticket is theirs; a supervisor may step in."""
    holder = call.the_ticket.assignee_id
    if holder not in (None, call.agent.id) and not agents.may(call.agent, "supervisor"):
        other = call.session.get(Agent, holder)
        raise DeniedError(
            say(call.lang, "desk.held_by_other", number=call.the_ticket.id, agent=other.name if other else "?")
        )
    if call.the_ticket.queue and not agents.works_on(call.agent, call.the_ticket.queue):
        queue = call.office.queue_title(call.the_ticket.queue, call.lang)
        raise DeniedError(say(call.lang, "desk.not_your_queue", number=call.the_ticket.id, queue=queue))


def _own(call: Call) -> None:
    """Answering a ticket that nobody holds is taking it."""
    must_be_open(call)
    must_hold(call)
    ticket = call.the_ticket
    if ticket.status == "bot":
        _step_in(call)
    if ticket.assignee_id is None:
        call.record("taken", agent=call.agent.id)


def _step_in(call: Call) -> None:
    """A person goes to a ticket that the bot still has: it becomes theirs to answer, clocks start now."""
    ticket = call.the_ticket
    queue = call.office.book.categories[ticket.category].queue
    escalate(call.session, call.office, ticket, call.actor, call.now, queue=queue, priority=ticket.priority,
             reason="agent_stepped_in")  # fmt: skip


def take(call: Call) -> str:
    ticket = call.the_ticket
    must_be_open(call)
    if ticket.assignee_id == call.agent.id:
        return call.done("desk.yours_already")
    if ticket.assignee_id is not None and not agents.may(call.agent, "supervisor"):
        taken = [e for e in tickets.timeline(call.session, ticket.id or 0) if e.type in ("taken", "reassigned")][-1]
        at = spoken_time(taken.at, call.now, call.office.zone, call.lang)
        holder = taken.data.get("to") or taken.data.get("agent_name", "?")
        raise DeniedError(say(call.lang, "desk.taken_by", number=ticket.id, agent=holder, at=at))
    must_hold(call)
    if ticket.status == "bot":
        _step_in(call)
    call.record("taken", agent=call.agent.id)
    return call.done("desk.taken")


def reply(call: Call) -> str:
    _own(call)
    lang = call.the_ticket.lang
    user_side.tell(
        call.session, call.office, call.the_ticket,
        say(lang, "user.agent_says", agent=call.agent.name, number=call.the_ticket.id, text=call.text), call.now,
        type="agent_replied", actor=call.actor, data={"text": call.text, "agent_name": call.agent.name},
    )  # fmt: skip
    return call.done("desk.replied")


def note(call: Call) -> str:
    call.record("note", text=call.text)
    return call.done("desk.noted")


def resolve(call: Call) -> str:
    _own(call)
    ticket = call.the_ticket
    following.plan_end(call.session, ticket, call.now)
    call.record("resolved", by="agent", reason=call.text)
    aftercare.plan(call.session, call.office, ticket, call.now)
    words = say(ticket.lang, "user.resolved_by", agent=call.agent.name, number=ticket.id)
    if call.text:
        words += "\n" + say(ticket.lang, "user.resolved_reason", reason=call.text)
    user_side.tell(call.session, call.office, ticket, words + "\n" + say(ticket.lang, "user.please_rate"), call.now,
                   buttons=user_side.rating_buttons(ticket, ticket.lang))  # fmt: skip
    return call.done("desk.resolved")


def transfer(call: Call) -> str:
    queue, _, reason = call.text.partition(" ")
    if queue not in call.office.book.queues:
        raise DeskError(say(call.lang, "desk.no_such_queue", queue=queue, known=", ".join(call.office.book.queues)))
    must_be_open(call)
    must_hold(call)
    ticket = call.the_ticket
    if ticket.status == "bot":
        escalate(call.session, call.office, ticket, call.actor, call.now, queue=queue, priority=ticket.priority,
                 reason=reason or "transfer")  # fmt: skip
    else:
        promise = call.office.promise(queue, ticket.priority, ticket.category)
        call.record("queue_changed", queue=queue, reason=reason, promise=promise)
        cards.announce(call.session, call.office, ticket, call.now)
    return call.done("desk.transferred", queue=call.office.queue_title(queue, call.lang))


def priority(call: Call) -> str:
    wanted = call.text.upper()
    if wanted not in PRIORITIES:
        raise DeskError(say(call.lang, "desk.no_such_priority", priority=call.text, known=", ".join(PRIORITIES)))
    must_be_open(call)
    ticket = call.the_ticket
    promise = call.office.promise(ticket.queue, wanted, ticket.category)
    call.record("priority_changed", priority=wanted, **({"promise": promise} if ticket.status in HUMAN_STATES else {}))
    return call.done("desk.prioritised", priority=wanted)


def category(call: Call) -> str:
    if call.text not in call.office.book.categories:
        raise DeskError(say(call.lang, "desk.no_such_category", category=call.text))
    call.record("category_changed", category=call.text, was=call.the_ticket.category)
    return call.done("desk.recategorised", category=call.office.title(call.text, call.lang))
