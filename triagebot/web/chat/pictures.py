"""Is it a picture, and small enough? Told by its first bytes, while the rest comes into memory: nothing of it is written."""

from __future__ import annotations

from starlette.requests import Request

from triagebot.errors import RequestRefused
from triagebot.web.body import announced
from triagebot.web.chat.hands import More

MOST_BYTES = 10 * 1024 * 1024
PATIENCE_S = 120.0
"""Wall seconds for a large picture from a slow phone."""
_HEAD = 16
_PDF = b"%PDF"


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
        if not judged and len(data) >= _HEAD:
            _judge(data[:_HEAD])
            judged = True
    _judge(data[:_HEAD])
    return bytes(data)


def _judge(head: bytearray) -> None:
    if head.startswith(_PDF):
        raise RequestRefused(415, "web.chat.no_pdf")
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if not (head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or webp):
        raise RequestRefused(415, "web.chat.no_picture")
