"""Canned answers (rules/macros.yaml): which fit a ticket, what they say there, and sending one."""

from __future__ import annotations

import contextlib
from datetime import datetime

from triagebot.desk import buttons, replies
from triagebot.desk.buttons import Answer
from triagebot.desk.office import Office
from triagebot.desk.steps import ANSWERS
from triagebot.desk.work import Call, must_be_open, must_hold
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.rulebook.canned import filled as fill
from triagebot.rulebook.canned import variables
from triagebot.rulebook.schema import Macro
from triagebot.store.tables import Agent, Ticket
from triagebot.text import one_line, spoken_time

_MOST_OFFERED = 8
_PREVIEW = 40


def fitting(office: Office, ticket: Ticket) -> list[Macro]:
    """Those for the ticket's problem, then those for its queue, then those for everything; only what can be filled in."""
    ranked = [(rank, macro) for macro in office.book.macros.values() if (rank := _rank(macro, ticket)) is not None]
    there = {*_values(office, ticket, ""), *(["due"] if _due(ticket) is not None else [])}
    usable = [(rank, macro) for rank, macro in ranked if variables(macro.text.in_(ticket.lang)) <= there]
    return [macro for _, macro in sorted(usable, key=lambda row: row[0])]


def filled(office: Office, ticket: Ticket, macro: Macro, agent: Agent, now: datetime) -> str:
    """What ``macro`` says to the user of ``ticket``, in their language. DeskError when a value is missing: no promise is
    running, or nobody knows the platform."""
    values, due = _values(office, ticket, agent.name), _due(ticket)
    if due is not None and due > now:
        values["due"] = spoken_time(due, now, office.zone, ticket.lang)
    try:
        return fill(macro.text.in_(ticket.lang), values)
    except KeyError as missing:
        raise DeskError(
            say(agent.lang, "desk.macro_lacks", macro=macro.title.in_(agent.lang), variable=f"{{{missing.args[0]}}}",
                number=ticket.id)
        ) from None  # fmt: skip


def offered(office: Office, ticket: Ticket, agent: Agent, now: datetime) -> list[tuple[Macro, str]]:
    """Those that fit, each with what it says now; without those whose promised moment has passed."""
    found = []
    for each in fitting(office, ticket):
        with contextlib.suppress(DeskError):
            found.append((each, filled(office, ticket, each, agent, now)))
    return found


def macro(call: Call) -> Answer:
    """/macro NAME N: answer with it; the name is its id or its title."""
    must_be_open(call)
    must_hold(call)
    wanted = call.text.casefold()
    chosen = next(
        (m for m in call.office.book.macros.values() if wanted in (m.id, m.title.zh.casefold(), m.title.en.casefold())),
        None,
    )
    if chosen is None:
        known = ", ".join(m.id for m in fitting(call.office, call.the_ticket))
        raise DeskError(say(call.lang, "desk.no_such_macro", macro=one_line(call.text), known=known))
    text = filled(call.office, call.the_ticket, chosen, call.agent, call.now)
    return replies.deliver(call, text, macro=chosen.id)


def menu(call: Call) -> Answer:
    """Those that fit the ticket, with the words that pressing one sends."""
    must_be_open(call)
    must_hold(call)
    found = offered(call.office, call.the_ticket, call.agent, call.now)[:_MOST_OFFERED]
    if not found:
        return Answer(say(call.lang, "macro.none"), done=False)
    lines = [say(call.lang, "choose.macro", number=call.the_ticket.id)]
    lines += [_line(m, text, call.lang) for m, text in found]
    options = [(m.id, m.title.in_(call.lang)) for m, _ in found]
    return Answer("\n".join(lines), buttons.choice("macro", call.the_ticket, options), done=False)


def listed(call: Call) -> Answer:
    """/macro alone: those that this agent may need."""
    queues = set(call.agent.queues.split(",")) if call.agent.queues else set(call.office.book.queues)
    mine = [m for m in call.office.book.macros.values() if not m.queues or queues & set(m.queues) or m.categories]
    if not mine:
        return Answer(say(call.lang, "macro.none"), done=False)
    lines = [_line(m, m.text.in_(call.lang), call.lang) for m in mine]
    return Answer("\n".join([say(call.lang, "macro.head"), *lines]), done=False)


def _line(macro: Macro, text: str, lang: str) -> str:
    return say(lang, "macro.line", id=macro.id, title=macro.title.in_(lang), text=one_line(text, _PREVIEW))


def _rank(macro: Macro, ticket: Ticket) -> int | None:
    if ticket.category in macro.categories:
        return 0
    if ticket.queue in macro.queues:
        return 1
    return None if macro.categories or macro.queues else 2


def _values(office: Office, ticket: Ticket, agent: str) -> dict[str, str]:
    """What is known of ``ticket`` whatever the time is, in its language."""
    lang = ticket.lang
    values = {"ticket": str(ticket.id), "agent": agent, "category": office.title(ticket.category, lang)}
    if ticket.queue:
        values["queue"] = office.queue_title(ticket.queue, lang)
    if ticket.platform != "unknown":
        values["platform"] = office.platform_title(ticket.platform, lang)
    return values


def _due(ticket: Ticket) -> datetime | None:
    """By when an answer is promised, or the later moment that the person was told."""
    if ticket.due_at is None or ticket.due_metric not in ANSWERS:
        return None
    told = ticket.sla.get("told")
    return max(ticket.due_at, datetime.fromisoformat(told["at"])) if told else ticket.due_at
