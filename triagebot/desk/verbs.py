"""One table of agent verbs, used alike by chat commands, card buttons and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import (
    cards,
    macros,
    overview,
    raising,
    replies,
    reports,
    snooze,
    stats,
    tagging,
    tickets,
    waits,
    work,
)
from triagebot.desk.afterwards import reopening
from triagebot.desk.buttons import Answer, Rows
from triagebot.desk.finding import search
from triagebot.desk.incident import incident_verbs, merging, showing, silence_verbs
from triagebot.desk.office import Office
from triagebot.desk.team import agents, duty, link_orders, presence, staffing
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store import later
from triagebot.store.tables import Agent

_LONGEST_NAME = 40
Group = Literal["look", "answer", "move", "incident", "people", "more"]
"""Where a verb stands in ``/help``, in this order."""
GROUPS: tuple[Group, ...] = ("look", "answer", "move", "incident", "people", "more")


@dataclass(frozen=True)
class Verb:
    """``ticket``: the first word is a ticket number. ``text``: something must follow. ``role``: who may.

    ``changes``: more than what the agent sees; such verbs go into the audit log. ``menu``: what is answered where something
    must follow and nothing does; ``alone``: where not even a number does. ``number_last``: the number may also come last.
    ``about``: what the number that comes first is a number of, there. Verbs about people and links write audit rows of their
    own, which say more.
    """

    name: str
    run: Callable[[Call], str | Answer]
    usage: str
    ticket: bool = True
    text: bool = False
    role: str = "agent"
    changes: bool = True
    group: Group = "more"
    menu: Callable[[Call], Answer] | None = None
    alone: Callable[[Call], Answer] | None = None
    number_last: bool = False
    about: str = "ticket"


def _next(call: Call) -> Answer:
    """Where the card was never shown it is the answer, so that it can be answered; else it is somewhere further up."""
    ticket = overview.next_ticket(call.session, call.agent, call.now)
    if ticket is None:
        return overview.next_(call)
    presence.seen(call.session, ticket, call.agent, None, call.now)
    new = not cards.is_shown(call.session, ticket, call.agent)
    cards.put(call.session, call.office, ticket, call.agent, call.now)
    return Answer("") if new and call.agent.user else overview.next_(call)


def _help(call: Call) -> str:
    lines = []
    for group in GROUPS:
        mine = [verb for verb in VERBS.values() if verb.group == group and agents.may(call.agent, verb.role)]
        lines += [say(call.lang, f"help.{group}")] if mine else []
        lines += [f"{verb.usage}  {say(call.lang, f'verb.{verb.name}.help')}" for verb in mine]
    return "\n".join([*lines, say(call.lang, "help.foot")])


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("queue", overview.queue, "/queue [QUEUE]", ticket=False, changes=False, group="look"),
        Verb("next", _next, "/next", ticket=False, changes=False, group="look"),
        Verb("show", overview.show, "/show N", changes=False, group="look"),
        Verb("search", search.verb, "/search WORDS", ticket=False, text=True, changes=False, group="look"),
        Verb("sla", overview.sla, "/sla", ticket=False, changes=False, group="look"),
        Verb("stats", stats.stats, "/stats [NAME]", ticket=False, changes=False, group="look"),
        Verb("report", reports.report, "/report [PERIOD] [QUEUE]", ticket=False, role="supervisor", changes=False,
             group="look"),
        Verb("take", work.take, "/take N", group="answer"),
        Verb("ack", duty.acknowledge, "/ack N", group="answer"),
        Verb("reply", replies.reply, "/reply N TEXT", text=True, group="answer"),
        Verb("macro", macros.macro, "/macro [NAME] [N]", text=True, group="answer", menu=macros.menu, alone=macros.listed,
             number_last=True),
        Verb("send", replies.send, "/send N", group="answer"),
        Verb("note", work.note, "/note N TEXT", text=True, group="answer"),
        Verb("pending", waits.pending, "/pending N [TEXT]", group="answer"),
        Verb("resume", waits.resume, "/resume N", group="answer"),
        Verb("snooze", snooze.snooze, "/snooze N WHEN [TEXT]", text=True, group="answer", menu=snooze.to_moment),
        Verb("wake", snooze.wake, "/wake N", group="answer"),
        Verb("resolve", work.resolve, "/resolve N [TEXT]", group="answer"),
        Verb("reopen", reopening.reopen, "/reopen N [TEXT]", group="answer"),
        Verb("transfer", work.transfer, "/transfer N QUEUE [TEXT]", text=True, group="move",
             menu=partial(work.to_queue, "transfer")),
        Verb("escalate", raising.escalate, "/escalate N QUEUE [TEXT]", text=True, group="move",
             menu=partial(work.to_queue, "escalate")),
        Verb("priority", work.priority, "/priority N P1..P4", text=True, group="move", menu=work.to_priority),
        Verb("category", work.category, "/category N ID", text=True, group="move"),
        Verb("merge", merging.merge, "/merge N INTO", text=True, group="move"),
        Verb("tag", tagging.tag, "/tag N WORD …", text=True, group="move"),
        Verb("untag", tagging.untag, "/untag N WORD …", text=True, group="move"),
        Verb("incidents", incident_verbs.listed, "/incidents", ticket=False, role="supervisor", changes=False,
             group="incident"),
        Verb("incident", showing.show, "/incident I", ticket=False, text=True, role="supervisor", changes=False,
             group="incident"),
        Verb("incident_open", incident_verbs.declare, "/incident_open TITLE", ticket=False, text=True, role="supervisor",
             group="incident", about="incident"),
        Verb("attach", incident_verbs.attach, "/attach N I", text=True, role="supervisor", group="incident"),
        Verb("detach", incident_verbs.detach, "/detach N", role="supervisor", group="incident"),
        Verb("incident_ack", incident_verbs.acknowledge, "/incident_ack I", ticket=False, text=True, role="supervisor",
             group="incident", about="incident"),
        Verb("incident_status", incident_verbs.status, "/incident_status I TEXT", ticket=False, text=True, role="supervisor",
             group="incident", about="incident"),
        Verb("incident_resolve", incident_verbs.resolve, "/incident_resolve I [TEXT]", ticket=False, text=True,
             role="supervisor", group="incident", about="incident"),
        Verb("incident_reopen", incident_verbs.reopen, "/incident_reopen I", ticket=False, text=True, role="supervisor",
             group="incident", about="incident"),
        Verb("silence", silence_verbs.put, silence_verbs.USAGE, ticket=False, text=True, role="supervisor",
             group="incident", about="silence"),
        Verb("silences", silence_verbs.listed, "/silences", ticket=False, role="supervisor", changes=False,
             group="incident"),
        Verb("unsilence", silence_verbs.end, "/unsilence S", ticket=False, text=True, role="supervisor",
             group="incident", about="silence"),
        Verb("postmortem", showing.postmortem, "/postmortem I", ticket=False, text=True, role="supervisor", changes=False,
             group="incident"),
        Verb("agents", staffing.listed, "/agents", ticket=False, role="supervisor", changes=False, group="people"),
        Verb("invite", staffing.invite, "/invite ROLE [QUEUES]", ticket=False, text=True, role="supervisor", changes=False,
             group="people"),
        Verb("role", staffing.role, "/role NAME ROLE", ticket=False, text=True, role="admin", changes=False,
             group="people"),
        Verb("queues", staffing.queues, "/queues NAME Q1,Q2|-", ticket=False, text=True, role="admin", changes=False,
             group="people"),
        Verb("remove", staffing.remove, "/remove NAME", ticket=False, text=True, role="admin", changes=False,
             group="people"),
        Verb("available", duty.available, "/available [on|off]", ticket=False, changes=False),
        Verb("desk", link_orders.desk, "/desk", ticket=False, changes=False),
        Verb("help", _help, "/help", ticket=False, changes=False),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """What came of a verb. ``text``, ``buttons``: for the agent; ``refusal``: why it was not done, None when it was.

    ``done``: False also when nothing happened yet because the agent is to choose or to confirm."""

    text: str
    refusal: DeskError | None = None
    buttons: Rows = ()
    done: bool = True


def attempt(session: Session, office: Office, agent: Agent, name: str, words: str, now: datetime) -> Attempt:
    """As ``perform``, for the edges: nothing is half done, what was changed and what was denied is in the audit log, and the
    refusal is returned, so that the log of it is kept with it."""
    number, _ = _split(VERBS.get(name), words)
    about = VERBS[name].about if name in VERBS else "ticket"
    target = f"{about}:{number}" if number is not None else ""
    try:
        with later.savepoint(session):
            answer = perform(session, office, agent, name, words, now)
    except DeskError as refused:
        outcome: audit.Outcome = "denied" if isinstance(refused, DeniedError) else "refused"
        if outcome == "denied":
            audit.note(session, now, f"agent:{agent.id}", name[:_LONGEST_NAME], target=target, outcome=outcome)
        return Attempt(str(refused), refused, done=False)
    if VERBS[name].changes and answer.done:
        audit.note(session, now, f"agent:{agent.id}", name, target=target)
    return Attempt(answer.text, buttons=answer.buttons, done=answer.done)


def perform(session: Session, office: Office, agent: Agent, name: str, words: str, now: datetime) -> Answer:
    """Carry out ``name`` for ``agent``; ``words`` is everything after the command.

    Returns what to tell the agent. Raises DeskError (with words for the agent) and changes nothing when it cannot be.
    """
    verb = VERBS.get(name)
    if verb is None:
        raise DeskError(say(agent.lang, "desk.unknown_verb", verb=name))
    if not agents.may(agent, verb.role):
        raise DeniedError(say(agent.lang, "desk.denied", verb=name))
    call = Call(session=session, office=office, agent=agent, now=now, text=words.strip())
    if verb.alone is not None and not call.text:
        return verb.alone(call)
    if verb.ticket:
        number, rest = _split(verb, call.text)
        if number is None:
            raise DeskError(say(agent.lang, "desk.usage", usage=verb.usage))
        call = replace(call, ticket=tickets.get(session, number, to_change=True), text=rest)
    answer = _answer(verb, call)
    if call.ticket is not None and answer.done:  # a menu shows nothing of the ticket
        presence.seen(session, call.ticket, agent, None, now)
    return answer


def _answer(verb: Verb, call: Call) -> Answer:
    if verb.text and not call.text:
        if verb.menu is None:
            raise DeskError(say(call.lang, "desk.usage", usage=verb.usage))
        return verb.menu(call)
    said = verb.run(call)
    return said if isinstance(said, Answer) else Answer(said)


def _split(verb: Verb | None, words: str) -> tuple[int | None, str]:
    """The ticket's number, None when there is none, and what goes with it."""
    first, rest = (*words.split(maxsplit=1), "", "")[:2]
    number = tickets.number_in(first)
    if number is None and verb is not None and verb.number_last:
        before, _, last = words.strip().rpartition(" ")
        return tickets.number_in(last), before.strip()
    return number, rest
