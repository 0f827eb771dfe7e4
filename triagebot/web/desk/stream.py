"""The stream of changes that an open page listens to (server-sent events)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS


async def stream(visit: Visit) -> Response:
    """Event ``changed`` for any ticket; with ``?ticket=12`` event ``ticket`` when that one changed. Data: the numbers."""
    wanted = visit.request.query_params.get("ticket", "")
    number = int(wanted) if wanted.isdecimal() else None
    headers = {**HEADERS, "x-accel-buffering": "no"}
    return StreamingResponse(_told(visit, number), media_type="text/event-stream", headers=headers)


async def _told(visit: Visit, number: int | None) -> AsyncIterator[str]:
    yield ": here\n\n"
    async for tickets in visit.site.live.changes():
        if not tickets:
            yield ": alive\n\n"
        elif number is None:
            yield f"event: changed\ndata: {','.join(map(str, sorted(tickets)))}\n\n"
        elif number in tickets:
            yield f"event: ticket\ndata: {number}\n\n"
