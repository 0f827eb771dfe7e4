"""The live board: its page, and the part of it that is fetched anew whenever a ticket changes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk import board
from triagebot.desk.board import PAGE, Column
from triagebot.desk.team import agents
from triagebot.errors import DeskError
from triagebot.store.tables import Agent
from triagebot.web import pages
from triagebot.web.desk import asked
from triagebot.web.desk.asked import Asked
from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS


async def show(visit: Visit) -> Response:
    """GET /desk."""
    question = asked.read(visit.request.query_params, visit.site.office)
    part = await _part(visit, question)
    return visit.page("desk/board.html", part=part, asked=question, states=asked.STATES, orders=asked.ORDERS,
                      seen=_digest(part))  # fmt: skip


async def again(visit: Visit) -> Response:
    """GET /desk/board: the part, with the address under which the page would show it; 204 where ``seen`` says that the browser
    has it as it is."""
    question = asked.read(visit.request.query_params, visit.site.office)
    part = await _part(visit, question)
    headers = {**HEADERS, "hx-replace-url": f"/desk?{question.address}" if question.address else "/desk"}
    seen = _digest(part)
    if visit.request.query_params.get("seen") == seen:
        return Response(status_code=204, headers=headers)
    return pages.page("desk/board/again.html", visit.lang, headers=headers, part=part, asked=question, seen=seen)


async def _part(visit: Visit, question: Asked) -> str:
    """The same for all who may see the same: nothing of the agent, and no session's word, is in it."""
    site, lang = visit.site, visit.lang
    everything = agents.may(visit.agent, "supervisor") or not visit.agent.queues
    key = (question, lang, asked.seen_by(visit.agent, question, everything))

    async def make() -> str:
        columns = await site.store.read(_columns, visit, question)
        return pages.rendered("desk/board/part.html", lang, **_values(visit, question, columns))

    try:
        return await site.kept.get(key, await site.store.read(board.version), visit.now, make)
    except DeskError as error:
        return pages.rendered("desk/board/not_understood.html", lang, words=str(error))


def _columns(session: Session, visit: Visit, question: Asked) -> tuple[Column, ...]:
    agent = session.get_one(Agent, visit.agent.id)
    view = asked.view(question, visit.site.office, visit.lang)
    return board.board(session, visit.site.office, agent, view, visit.now)


def _values(visit: Visit, question: Asked, columns: tuple[Column, ...]) -> dict[str, Any]:
    total = sum(column.count for column in columns)
    return {
        "columns": columns,
        "asked": question,
        "w": visit.words,
        "page_size": PAGE,
        "total": total,
        "now": visit.now,
    }


def _digest(part: str) -> str:
    return blake2b(part.encode(), digest_size=8).hexdigest()
