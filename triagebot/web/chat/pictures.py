"""Is it a picture, and small enough? Told by its first bytes, while the rest comes into memory: nothing of it is written."""

from __future__ import annotations

from starlette.requests import Request

from triagebot.errors import RequestRefused
from triagebot.vision.header import HEAD, MOST_BYTES, form_of
from triagebot.web.body import announced
from triagebot.web.chat.hands import More

PATIENCE_S = 120.0
"""Wall seconds for a large picture from a slow phone."""
_REFUSED = {"pdf": "web.chat.no_pdf", "format": "web.chat.no_picture", "empty": "web.chat.no_picture"}


async def taken(request: Request, more: More) -> bytes:
    """The whole file. RequestRefused for what is no picture (PNG, JPEG, WebP) or too large, and by ``more``."""
    if announced(request) > MOST_BYTES:
        raise RequestRefused(413, "web.chat.picture_large")
    data, judged = bytearray(), False
    async for part in request.stream():
        more(len(part))
        data += part
        if len(data) > MOST_BYTES:
            raise RequestRefused(413, "web.chat.picture_large")
        if not judged and len(data) >= HEAD:
            _judge(data)
            judged = True
    if not judged:
        _judge(data)
    return bytes(data)


def _judge(data: bytearray) -> None:
    if words := _REFUSED.get(form_of(bytes(data[:HEAD]))):
        raise RequestRefused(415, words)
