"""Is it a picture, and small enough? Told by its first bytes, while the rest runs by: nothing of it is kept."""

from __future__ import annotations

from starlette.requests import Request

from triagebot.errors import RequestRefused
from triagebot.vision import header
from triagebot.web.body import announced

MOST_BYTES = header.MOST_BYTES
PATIENCE_S = 120.0
"""Wall seconds for a large picture from a slow phone."""
_FORMS = ("PNG", "JPEG", "WEBP")


async def look_at(request: Request) -> None:
    """RequestRefused for what is no picture (PNG, JPEG, WebP) or too large."""
    if announced(request) > MOST_BYTES:
        raise RequestRefused(413, "web.chat.picture_large")
    head, size = b"", 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise RequestRefused(413, "web.chat.picture_large")
        if len(head) < header.HEAD:
            head += part[: header.HEAD]
            if len(head) >= header.HEAD:
                _judge(head)
    _judge(head)


def _judge(head: bytes) -> None:
    form = header.form_of(head)
    if form not in _FORMS:
        raise RequestRefused(415, "web.chat.no_pdf" if form == "pdf" else "web.chat.no_picture")
