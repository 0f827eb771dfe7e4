"""What a person does in the chat: a word, a press of a button, a picture. Redacted, or looked at, and committed to the inbox
before it is answered 200.

The page gives each a number of its own, so that one whose answer was lost may be posted again without being heard twice.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from triagebot.errors import RequestRefused
from triagebot.messages import Batch, Incoming
from triagebot.privacy import redact
from triagebot.store import mailbox
from triagebot.web.body import whole
from triagebot.web.chat import pictures, visitor
from triagebot.web.chat.house import ChatHouse, language
from triagebot.web.site import HEADERS

LONGEST = 4000
"""Characters of one message: what a person types, not what was copied from a report."""
_MOST_BYTES = 64 * 1024
_PATIENCE_S = 10.0
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


async def begin(house: ChatHouse, request: Request) -> Response:
    """A cookie, before the first message: if the answer is lost, another is fetched, and nothing was said twice. Nothing is
    stored."""
    response = Response(status_code=204, headers=dict(HEADERS))
    if not house.chat(request):
        visitor.welcome(response, secure=house.site.secure, framed=house.framed(request))
    return response


async def message(house: ChatHouse, request: Request) -> Response:
    """``{"id", "text"}``, or for a button ``{"id", "message": number, "button": place among its buttons, from 0}``."""
    chat = _chat(house, request)
    posted = await _json(request)
    house.limits.message(chat)
    await _known(house, request, chat)
    if "button" in posted:
        return await _commit(house, request, chat, posted.get("id"), await _press(house, chat, posted))
    text = posted.get("text")
    if not isinstance(text, str):
        raise RequestRefused(400, "web.chat.unreadable")
    if len(text) > LONGEST:
        raise RequestRefused(413, "web.chat.too_long")
    words = redact(_readable(text))
    kind = "text" if words.text.strip() else "empty"
    said = {"kind": kind, "text": words.text, "hidden": tuple(words.kinds)}
    return await _commit(house, request, chat, posted.get("id"), said)


async def picture(house: ChatHouse, request: Request) -> Response:
    """The file itself, ``?id=``; looked at before the answer, kept nowhere; once, however often it is posted."""
    chat = _chat(house, request)
    house.limits.picture(chat)
    await _known(house, request, chat)
    number = request.query_params.get("id")
    with house.hands.taking(chat) as more:
        async with asyncio.timeout(pictures.PATIENCE_S):
            data = await pictures.taken(request, more)
        if await house.site.store.read(mailbox.has_heard, f"{chat}:{number}"):
            return JSONResponse({"ok": True}, headers=dict(HEADERS))
        seen = await house.look(mailbox.address(chat), data)
    return await _commit(house, request, chat, number, {"kind": "photo", "seen": seen})


def _chat(house: ChatHouse, request: Request) -> str:
    chat = house.chat(request)
    if not chat:
        raise RequestRefused(401, "web.chat.no_cookie")
    return chat


async def _json(request: Request) -> dict[str, Any]:
    """Only what says that it is JSON: another site's form cannot, without asking us first."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RequestRefused(415, "web.chat.unreadable")
    async with asyncio.timeout(_PATIENCE_S):
        body = await whole(request, _MOST_BYTES)
    if body is None:
        raise RequestRefused(413, "web.chat.too_long")
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestRefused(400, "web.chat.unreadable") from None
    if not isinstance(posted, dict):
        raise RequestRefused(400, "web.chat.unreadable")
    return posted


async def _known(house: ChatHouse, request: Request, chat: str) -> None:
    """Who was never heard counts as new, whatever cookie they have made up."""
    if await house.site.store.read(mailbox.language, chat) is None:
        house.limits.stranger(house.caller(request))


async def _press(house: ChatHouse, chat: str, posted: dict[str, Any]) -> dict[str, Any]:
    """The action is the one that was sent to this very chat: nobody presses what they were not offered."""
    number, place = posted.get("message"), posted.get("button")
    if type(number) is not int or type(place) is not int or not 0 < number < 2**63:
        raise RequestRefused(400, "web.chat.unreadable")
    action = await house.site.store.read(_action, chat, number, place)
    if not action:
        raise RequestRefused(410, "web.chat.gone")
    return {"kind": "press", "action": action, "message_ref": str(number)}


def _action(session: Session, chat: str, number: int, place: int) -> str:
    """ "" when there is no such button."""
    told = mailbox.told(session, chat, number)
    buttons = [button for row in told.buttons for button in row] if told is not None else []
    return buttons[place].action if 0 <= place < len(buttons) else ""


async def _commit(house: ChatHouse, request: Request, chat: str, number: object, said: dict[str, Any]) -> Response:
    if not isinstance(number, str) or not _ID.fullmatch(number):
        raise RequestRefused(400, "web.chat.unreadable")
    to = mailbox.address(chat)
    heard = Incoming(address=to, external_id=f"{chat}:{number}", user=chat, at=house.site.clock(),
                     lang_hint=language(request), **said)  # fmt: skip
    async with asyncio.timeout(_PATIENCE_S):
        await house.intake(Batch([heard]))
    house.wakes.wake([to])
    return JSONResponse({"ok": True}, headers=dict(HEADERS))


def _readable(text: str) -> str:
    """Half characters and control characters become visible nothings, not errors; lines stay lines."""
    cleaned = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\t\n " else " " for c in cleaned.replace("\r\n", "\n"))
