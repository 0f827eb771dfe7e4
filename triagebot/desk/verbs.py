"""One table of agent verbs, used alike by chat commands, card buttons and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import (
    agents,
    cards,
    incident_verbs,
    link_orders,
    merging,
    overview,
    reopening,
    reports,
    snooze,
    staffing,
    tagging,
    tickets,
    work,
)
from triagebot.desk.office import Office
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store import later
from triagebot.store.tables import Agent

_LONGEST_NAME = 40


@dataclass(frozen=True)
class Verb:
    """``ticket``: the first word is a ticket number. ``text``: something must follow. ``role``: who may.

    ``changes``: more than what the agent sees; such verbs go into the audit log. (Those about people and links write rows of
    their own, which say more.) ``about``: what the number that comes first is a number of, there."""

    name: str
    run: Callable[[Call], str]
    usage: str
    ticket: bool = True
    text: bool = False
    role: str = "agent"
    changes: bool = True
    about: str = "ticket"


def _next(call: Call) -> str:
    ticket = overview.next_ticket(call.session, call.agent)
    if ticket is None:
        return say(call.lang, "list.empty")
    cards.put(call.session, call.office, ticket, call.agent, call.now)
    return cards.render(call.session, call.office, ticket, call.lang, call.now).text


def _help(call: Call) -> str:
    lines = [say(call.lang, "help.head")]
    for verb in VERBS.values():
        if agents.may(call.agent, verb.role):
            lines.append(f"{verb.usage}  {say(call.lang, f'verb.{verb.name}.help')}")
    return "\n".join([*lines, say(call.lang, "help.foot")])


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("queue", overview.queue, "/queue [QUEUE]", ticket=False, changes=False),
        Verb("next", _next, "/next", ticket=False, changes=False),
        Verb("show", overview.show, "/show N", changes=False),
        Verb("take", work.take, "/take N"),
        Verb("reply", work.reply, "/reply N TEXT", text=True),
        Verb("note", work.note, "/note N TEXT", text=True),
        Verb("resolve", work.resolve, "/resolve N [TEXT]"),
        Verb("transfer", work.transfer, "/transfer N QUEUE", text=True),
        Verb("priority", work.priority, "/priority N P1..P4", text=True),
        Verb("category", work.category, "/category N ID", text=True),
        Verb("merge", merging.merge, "/merge N INTO", text=True),
        Verb("reopen", reopening.reopen, "/reopen N [TEXT]"),
        Verb("tag", tagging.tag, "/tag N WORD …", text=True),
        Verb("untag", tagging.untag, "/untag N WORD …", text=True),
        Verb("snooze", snooze.snooze, "/snooze N WHEN [TEXT]", text=True),
        Verb("wake", snooze.wake, "/wake N"),
        Verb("sla", overview.sla, "/sla", ticket=False, changes=False),
        Verb("report", reports.report, "/report [PERIOD] [QUEUE]", ticket=False, role="supervisor", changes=False),
        Verb("desk", link_orders.desk, "/desk", ticket=False, changes=False),
        Verb("agents", staffing.listed, "/agents", ticket=False, role="supervisor", changes=False),
        Verb(
            "invite",
            staffing.invite,
            "/invite ROLE [QUEUES]",
            ticket=False,
            text=True,
            role="supervisor",
            changes=False,
        ),
        Verb("role", staffing.role, "/role NAME ROLE", ticket=False, text=True, role="admin", changes=False),
        Verb("queues", staffing.queues, "/queues NAME Q1,Q2|-", ticket=False, text=True, role="admin", changes=False),
        Verb("remove", staffing.remove, "/remove NAME", ticket=False, text=True, role="admin", changes=False),
        Verb("incidents", incident_verbs.listed, "/incidents", role="supervisor", ticket=False, changes=False),
        Verb("incident", incident_verbs.show, "/incident I", role="supervisor", ticket=False, text=True, changes=False),
        Verb(
            "incident_open",
            incident_verbs.declare,
            "/incident_open TITLE",
            role="supervisor",
            ticket=False,
            text=True,
            about="incident",
        ),
        Verb(
            "incident_ack",
            incident_verbs.acknowledge,
            "/incident_ack I",
            role="supervisor",
            ticket=False,
            text=True,
            about="incident",
        ),
        Verb(
            "incident_resolve",
            incident_verbs.resolve,
            "/incident_resolve I [TEXT]",
            role="supervisor",
            ticket=False,
            text=True,
            about="incident",
        ),
        Verb("attach", incident_verbs.attach, "/attach N I", role="supervisor", text=True),
        Verb("detach", incident_verbs.detach, "/detach N", role="supervisor"),
        Verb("help", _help, "/help", ticket=False, changes=False),
    )
}


@dataclass(frozen=True)
class Attempt:
    """What came of a verb. ``text``: for the agent; ``refusal``: why it was not done, None when it was."""

    text: str
    refusal: DeskError | None = None


def attempt(session: Session, office: Office, agent: Agent, name: str, words: str, now: datetime) -> Attempt:
    """As ``perform``, for the edges: nothing is half done, what was changed and what was denied is in the audit log, and the
    refusal is returned, so that the log of it is kept with it."""
    about = VERBS[name].about if name in VERBS else "ticket"
    target = f"{about}:{number}" if (number := tickets.number_in(words.partition(" ")[0])) is not None else ""
    try:
        with later.savepoint(session):
            text = perform(session, office, agent, name, words, now)
    except DeskError as refused:
        outcome: audit.Outcome = "denied" if isinstance(refused, DeniedError) else "refused"
        if outcome == "denied":
            audit.note(session, now, f"agent:{agent.id}", name[:_LONGEST_NAME], target=target, outcome=outcome)
        return Attempt(str(refused), refused)
    if VERBS[name].changes:
        audit.note(session, now, f"agent:{agent.id}", name, target=target)
    return Attempt(text)


def perform(session: Session, office: Office, agent: Agent, name: str, words: str, now: datetime) -> str:
    """Carry out ``name`` for ``agent``; ``words`` is everything after the command.

    Returns what to tell the agent. Raises DeskError (with words for the agent) and changes nothing when it cannot be.
    """
    verb = VERBS.get(name)
    if verb is None:
        raise DeskError(say(agent.lang, "desk.unknown_verb", verb=name))
    if not agents.may(agent, verb.role):
        raise DeniedError(say(agent.lang, "desk.denied", verb=name))
    words = words.strip()
    ticket = None
    if verb.ticket:
        first, words = (*words.split(maxsplit=1), "", "")[:2]
        number = tickets.number_in(first)
        if number is None:
            raise DeskError(say(agent.lang, "desk.usage", usage=verb.usage))
        ticket = tickets.get(session, number, to_change=True)
    if verb.text and not words:
        raise DeskError(say(agent.lang, "desk.usage", usage=verb.usage))
    return verb.run(Call(session=session, office=office, agent=agent, now=now, ticket=ticket, text=words))
