"""What admins and supervisors say about people who work here: ``/agents``, ``/role``, ``/queues``, ``/invite``, ``/remove``."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from triagebot.desk.team import agents, invitations, link_orders, people
from triagebot.desk.team.people import By
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Ticket


def listed(call: Call) -> str:
    """/agents: who works here, as what, on which queues, with how many tickets."""
    found = agents.listed(call.session)
    open_ = _open_tickets(call.session)
    lines = [_line(call, agent, open_.get(agent.id, 0)) for agent in found]
    return "\n".join([say(call.lang, "people.head", count=len(found)), *lines])


def _open_tickets(session: Session) -> dict[int | None, int]:
    held = select(Ticket.assignee_id, func.count()).where(
        col(Ticket.assignee_id).is_not(None), col(Ticket.status).in_(sorted(HUMAN_STATES))
    )
    return dict(session.exec(held.group_by(col(Ticket.assignee_id))).all())


def _line(call: Call, agent: Agent, open_: int) -> str:
    comma = "、" if call.lang == "zh" else ", "
    queues = comma.join(call.office.queue_title(queue, call.lang) for queue in agent.queues.split(",") if queue)
    return say(call.lang, "people.line", agent=agent.name, role=say(call.lang, f"role.{agent.role}"),
               queues=queues or say(call.lang, "people.all_queues"), open=open_)  # fmt: skip


def role(call: Call) -> str:
    """/role NAME ROLE: from their next command on."""
    name, wanted = _name_and(call, "/role NAME ROLE")
    agent = people.named(call.session, By.agent(call.agent), name)
    people.change_role(call.session, By.agent(call.agent), agent, wanted, call.now)
    return say(call.lang, "people.role_changed", agent=agent.name, role=say(call.lang, f"role.{agent.role}"))


def queues(call: Call) -> str:
    """/queues NAME Q1,Q2|-: which queues they work on; - for all."""
    name, wanted = _name_and(call, "/queues NAME Q1,Q2|-")
    agent = people.named(call.session, By.agent(call.agent), name)
    people.change_queues(call.session, By.agent(call.agent), call.office, agent, wanted, call.now)
    comma = "、" if call.lang == "zh" else ", "
    titles = comma.join(call.office.queue_title(queue, call.lang) for queue in agent.queues.split(",") if queue)
    return say(
        call.lang, "people.queues_changed", agent=agent.name, queues=titles or say(call.lang, "people.all_queues")
    )


def _name_and(call: Call, usage: str) -> tuple[str, str]:
    """A name may have spaces; what is to be is the last word."""
    name, _, wanted = call.text.rpartition(" ")
    if not name.strip():
        raise DeskError(say(call.lang, "desk.usage", usage=usage))
    return name.strip(), wanted


def remove(call: Call) -> str:
    """/remove NAME: their rights end at once, their tickets go back to the queues."""
    by = By.agent(call.agent)
    agent = people.named(call.session, by, call.text)
    numbers = people.remove(call.session, by, call.office, agent, call.now)
    return removed(by, call.office.admins, agent, numbers)


def removed(by: By, admins: frozenset[str], agent: Agent, numbers: list[int]) -> str:
    """What came of a removal. ``admins``: of the setting, which brings people back at the next start."""
    lines = [by.say("people.removed", agent=agent.name, count=len(numbers))]
    if agent.user and agent.user in admins:
        lines.append(by.say("people.in_admins", user=agent.user))
    return "\n".join(lines)


def invite(call: Call) -> str:
    """/invite ROLE [QUEUES]: the invitation comes as a message of its own, to be sent on."""
    by = By.agent(call.agent)
    word, _, rest = call.text.partition(" ")
    wanted = people.of_role(by, word)
    if not invitations.may_invite(call.agent, wanted):
        raise DeniedError(say(call.lang, "people.may_not_invite", role=say(call.lang, f"role.{wanted}")))
    chosen = ",".join(people.queues_in(by, call.office, rest))
    return link_orders.order(call, "invitation", {"role": wanted, "queues": chosen})
