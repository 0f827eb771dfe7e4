"""A ticket's page: its story and what is known, the boxes to write in, what can be done. Parts of it are fetched anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk import dossier, drafts, macros
from triagebot.desk.dossier import Dossier
from triagebot.desk.team import presence
from triagebot.desk.team.presence import Other
from triagebot.desk.ticket_clocks import running
from triagebot.locale import say
from triagebot.store.tables import Agent, Ticket
from triagebot.web.desk import actions, story
from triagebot.web.desk.actions import tags_of
from triagebot.web.desk.door import Visit, told

MOST_SHOWN = 200
"""Entries of a story on a page; the older ones are a link away."""
LONGEST = 3500
"""Characters of an answer: one message, on every network."""
_MOST_CANDIDATES = 3
_MOST_NUMBER = 10**18
_SUREST = 0.99


@dataclass(frozen=True)
class Sheet:
    dossier: Dossier
    others: tuple[Other, ...]
    draft: str


def number_of(visit: Visit) -> int:
    """The ticket in the address; 0, which none has, for more digits than a database counts."""
    number: int = visit.request.path_params["number"]
    return number if number < _MOST_NUMBER else 0


async def show(visit: Visit) -> Response:
    return await _page(visit, "desk/ticket.html")


async def parts(visit: Visit) -> Response:
    """What may have changed since the page was made; the boxes to write in are left alone."""
    return await _page(visit, "desk/ticket/parts.html")


async def _page(visit: Visit, template: str) -> Response:
    number = number_of(visit)
    sheet = await visit.site.store.read(_read, visit, number)
    if sheet is None:
        return told(visit.request, 404, say(visit.lang, "web.no_such_ticket", number=number), visit.lang)
    return visit.page(template, **_values(visit, sheet))


def _read(session: Session, visit: Visit, number: int) -> Sheet | None:
    if session.get(Ticket, number) is None:
        return None
    agent = session.get_one(Agent, visit.agent.id)
    found = dossier.read(session, visit.site.office, agent, number, visit.now)
    others = presence.others(session, found.ticket, agent, visit.now)
    return Sheet(found, tuple(others), drafts.kept(session, number, agent.id))


def _values(visit: Visit, sheet: Sheet) -> dict[str, Any]:
    w, d = visit.words, sheet.dossier
    person = d.person.user_name or say(visit.lang, "card.nameless")
    entries = story.told(d.events, person, w)
    whole = "whole" in visit.request.query_params
    left_out = 0 if whole else max(0, len(entries) - MOST_SHOWN)
    fitting = actions.fitting(d, visit.agent)
    return {
        "shown": {name for e in entries if (name := _picture(e)) and visit.site.keepsakes.find(name)},
        "d": d, "t": d.ticket, "w": w, "person": person, "entries": entries[left_out:], "left_out": left_out,
        "clocks": sorted(d.clocks, key=lambda clock: clock.met_at is not None),
        "next_clock": next(iter(running(d.clocks)), None),
        "verdict": _verdict(d), "tags": tags_of(d.ticket.tags), "others": sheet.others, "draft": sheet.draft,
        "forms": [(a, [(f, f.options(d, w) if f.options else []) for f in a.fields]) for a in fitting],
        "can": {action.verb for action in fitting}, "longest": LONGEST, "macros": _macros(visit, d),
    }  # fmt: skip


def _picture(entry: story.Entry) -> str:
    return entry.picture if isinstance(entry, story.Said) else ""


def _macros(visit: Visit, d: Dossier) -> list[tuple[str, str]]:
    """Title and words of the canned answers that fit, as the user would read them."""
    offered = macros.offered(visit.site.office, d.ticket, visit.agent, visit.now)
    return [(macro.title.in_(visit.lang), text) for macro, text in offered]


def _verdict(d: Dossier) -> dict[str, Any]:
    """As kept at the opening, with the likeliest kinds and their chances in whole per cent; {} when it is not known."""
    told = d.verdict
    if "candidates" not in told:
        return {}
    rows = [(row["category"], round(min(row["p"], _SUREST) * 100)) for row in told["candidates"][:_MOST_CANDIDATES]]
    return {**told, "rows": [row for row in rows if row[1] >= 1] or rows[:1]}
