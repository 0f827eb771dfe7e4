"""A picture that the bot has sent, shown to the person whom it was sent to, while this process still has it in memory."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from triagebot.errors import RequestRefused
from triagebot.store import mailbox
from triagebot.web.chat.house import ChatHouse
from triagebot.web.site import HEADERS

PATH = "/chat/pictures/{name}"


async def keepsake(house: ChatHouse, request: Request) -> Response:
    """404 for who has no chat, whose chat was not sent it, and once it is gone: nobody learns which."""
    chat, name = house.chat(request), str(request.path_params["name"])
    picture = house.keepsakes.find(name)
    if not chat or not picture or not await house.site.store.read(mailbox.was_shown, chat, name):
        raise RequestRefused(404, "web.chat.picture_gone")
    headers = {**HEADERS, "cross-origin-resource-policy": "same-origin"}
    return Response(picture, media_type="image/jpeg", headers=headers)
