"""What was posted, as it comes, and never more of it than is wanted."""

from __future__ import annotations

from starlette.requests import Request


def announced(request: Request) -> int:
    """How many bytes the request says it has; 0 when it does not say."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() else 0


async def whole(request: Request, most: int) -> bytes | None:
    """None when it is larger than ``most`` bytes: by its own word, or as it comes."""
    if announced(request) > most:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)
