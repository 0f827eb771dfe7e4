"""Is it a picture, and small enough? Told by its first bytes, while the rest runs by: nothing of it is kept."""

from __future__ import annotations

from starlette.requests import Request

from triagebot.errors import RequestRefused
from triagebot.web.body import announced

MOST_BYTES = 10 * 1024 * 1024
PATIENCE_S = 120.0
"""Wall seconds for a large picture from a slow phone."""
_HEAD = 16
_PDF = b"%PDF"


async def look_at(request: Request) -> None:
    """RequestRefused for what is no picture (PNG, JPEG, WebP) or too large."""
    if announced(request) > MOST_BYTES:
        raise RequestRefused(413, "web.chat.picture_large")
    head, size = b"", 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise RequestRefused(413, "web.chat.picture_large")
        if len(head) < _HEAD:
            head += part[:_HEAD]
            if len(head) >= _HEAD:
                _judge(head)
    _judge(head)


def _judge(head: bytes) -> None:
    if head.startswith(_PDF):
        raise RequestRefused(415, "web.chat.no_pdf")
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if not (head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or webp):
        raise RequestRefused(415, "web.chat.no_picture")
