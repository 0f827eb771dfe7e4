"""The way of a request to the chat: the right name, sent by our own page, not too many; only then it is answered."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from triagebot.errors import RequestRefused, StoreError
from triagebot.locale import say
from triagebot.web.chat.house import ChatHouse, language
from triagebot.web.site import HEADERS

log = structlog.get_logger()

Answer = Callable[[ChatHouse, Request], Awaitable[Response]]


def guarded(house: ChatHouse, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """What is refused is said in words, to scripts as JSON: ``{"words", "why"}``, and ``after`` how many seconds it may be
    tried again."""

    async def endpoint(request: Request) -> Response:
        try:
            _let_in(house, request)
            return await answer(house, request)
        except RequestRefused as refused:
            return _told(request, refused)
        except (StoreError, TimeoutError) as error:
            log.error("chat.not_taken", path=request.url.path, reason=str(error) or type(error).__name__)
            return _told(request, RequestRefused(503, "web.chat.outage", 5))
        except ClientDisconnect:
            return Response(status_code=400)

    return endpoint


def _let_in(house: ChatHouse, request: Request) -> None:
    if not house.site.is_meant(request):
        raise RequestRefused(421, "web.chat.wrong_host")
    if request.method == "POST":
        if not house.site.is_own(request):
            raise RequestRefused(403, "web.chat.forged")
        house.limits.request(house.caller(request))


def _told(request: Request, refused: RequestRefused) -> Response:
    told: dict[str, object] = {"words": say(language(request), refused.key), "why": refused.key.rpartition(".")[2]}
    headers = dict(HEADERS)
    if refused.after_s:
        told["after"] = math.ceil(refused.after_s)
        headers["retry-after"] = str(told["after"])
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(str(told["words"]), refused.status, headers)
    return JSONResponse(told, refused.status, headers)
