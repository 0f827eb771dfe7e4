"""What agents do to a ticket. Each function is one verb: it checks, records, tells whom it concerns, says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triagebot.desk import buttons, cards, tickets, user_side
from triagebot.desk.afterwards import aftercare
from triagebot.desk.buttons import Answer
from triagebot.desk.escalation import escalate
from triagebot.desk.incident import following
from triagebot.desk.office import Office
from triagebot.desk.team import agents, assignment, on_call
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


def must_be_free(call: Call) -> None:
    """Somebody else's ticket is theirs; a supervisor may step in."""
    if call.the_ticket.assignee_id not in (None, call.agent.id) and not agents.may(call.agent, "supervisor"):
        raise DeniedError(_taken_by(call, "desk.held_by_other"))


def must_hold(call: Call) -> None:
    """As ``must_be_free``, and in a queue that the agent works on."""
    must_be_free(call)
    ticket = call.the_ticket
    if ticket.queue and not agents.works_on(call.agent, ticket.queue):
        queue = call.office.queue_title(ticket.queue, call.lang)
        raise DeniedError(say(call.lang, "desk.not_your_queue", number=ticket.id, queue=queue))


def _taken_by(call: Call, key: str) -> str:
    """Who has the ticket, and since when."""
    ticket = call.the_ticket
    holder = call.session.get(Agent, ticket.assignee_id)
    given = [e.at for e in tickets.timeline(call.session, ticket.id or 0) if e.data.get("agent") == ticket.assignee_id]
    at = spoken_time(given[-1] if given else ticket.updated_at, call.now, call.office.zone, call.lang)
    return say(call.lang, key, number=ticket.id, agent=holder.name if holder else "?", at=at)


def own(call: Call) -> None:
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
             reason="agent_stepped_in", data={"agent_name": call.agent.name}, held=True)  # fmt: skip


def take(call: Call) -> str:
    ticket = call.the_ticket
    must_be_open(call)
    if ticket.assignee_id == call.agent.id:
        on_call.acknowledge(call.session, call.office, ticket, call.agent, call.now)
        return call.done("desk.yours_already")
    if ticket.assignee_id is not None and not agents.may(call.agent, "supervisor"):
        raise DeniedError(_taken_by(call, "desk.taken_by"))
    must_hold(call)
    if ticket.status == "bot":
        _step_in(call)
    call.record("taken", agent=call.agent.id)
    return call.done("desk.taken")


def note(call: Call) -> str:
    call.record("note", text=call.text)
    return call.done("desk.noted")


def resolve(call: Call) -> str:
    own(call)
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
    """To another queue; what follows its name is why, for the colleagues there."""
    queue, words = queue_named(call)
    must_be_open(call)
    must_hold(call)
    move(call, queue, words)
    return call.done("desk.transferred", queue=call.office.queue_title(queue, call.lang))


def queue_named(call: Call) -> tuple[str, str]:
    """The queue that was named, and the words after it."""
    queue, _, words = call.text.partition(" ")
    if queue not in call.office.book.queues:
        raise DeskError(say(call.lang, "desk.no_such_queue", queue=queue, known=", ".join(call.office.book.queues)))
    return queue, words.strip()


def move(call: Call, queue: str, words: str) -> None:
    """Into ``queue``, where nobody holds it yet; ``words``: why, shown on the card."""
    ticket = call.the_ticket
    told = {"text": words} if words else {}
    if ticket.status == "bot":
        escalate(call.session, call.office, ticket, call.actor, call.now, queue=queue, priority=ticket.priority,
                 reason="transfer", data={"agent_name": call.agent.name, **told})  # fmt: skip
    else:
        promise = call.office.promise_to(ticket, queue=queue)
        call.record("queue_changed", queue=queue, promise=promise, **told)
        assignment.offer(call.session, call.office, ticket, call.now)


def to_queue(verb: str, call: Call) -> Answer:
    """The queues that ``verb`` may move the ticket to, to be pressed."""
    must_be_open(call)
    must_hold(call)
    rows = buttons.queues(verb, call.office, call.the_ticket, call.lang)
    return Answer(say(call.lang, f"choose.{verb}", number=call.the_ticket.id), rows, done=False)


def to_priority(call: Call) -> Answer:
    must_be_open(call)
    must_be_free(call)
    levels = [(level, f"{cards.MARKS[level]} {level}") for level in PRIORITIES if level != call.the_ticket.priority]
    rows = buttons.choice("priority", call.the_ticket, levels, beside=len(levels))
    return Answer(say(call.lang, "choose.priority", number=call.the_ticket.id), rows, done=False)


def priority(call: Call) -> str:
    wanted = call.text.upper()
    if wanted not in PRIORITIES:
        raise DeskError(say(call.lang, "desk.no_such_priority", priority=call.text, known=", ".join(PRIORITIES)))
    must_be_open(call)
    must_be_free(call)
    ticket = call.the_ticket
    raised = wanted == PRIORITIES[0] != ticket.priority and ticket.assignee_id != call.agent.id
    promise = call.office.promise_to(ticket, priority=wanted)
    call.record("priority_changed", priority=wanted, **({"promise": promise} if ticket.status in HUMAN_STATES else {}))
    if raised:
        on_call.begin(call.session, call.office, ticket, call.now)
    return call.done("desk.prioritised", priority=wanted)


def category(call: Call) -> str:
    if call.text not in call.office.book.categories:
        raise DeskError(say(call.lang, "desk.no_such_category", category=call.text))
    call.record("category_changed", category=call.text, was=call.the_ticket.category)
    return call.done("desk.recategorised", category=call.office.title(call.text, call.lang))
