"""Which tickets an agent sees at the web desk: those of their queues, those they hold, and those that no queue has yet."""

from __future__ import annotations

from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.errors import DeniedError
from triagebot.locale import say
from triagebot.store.tables import Agent, Ticket


def sees(agent: Agent, ticket: Ticket) -> bool:
    """Supervisors see all of them."""
    mine = ticket.assignee_id is not None and ticket.assignee_id == agent.id
    return mine or not ticket.queue or agents.may(agent, "supervisor") or agents.works_on(agent, ticket.queue)


def must_see(office: Office, agent: Agent, ticket: Ticket) -> None:
    """DeniedError, in the agent's language, for a ticket that is none of theirs."""
    if not sees(agent, ticket):
        queue = office.queue_title(ticket.queue, agent.lang)
        raise DeniedError(say(agent.lang, "desk.not_your_queue", number=ticket.id, queue=queue))
