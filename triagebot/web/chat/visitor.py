"""Who is it? A cookie of 256 random bits; the chat's address is a hash of it, so that the database opens nobody's chat."""

from __future__ import annotations

import re
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from triagebot.access import tokens

KEPT = timedelta(days=180)
_NAME = "triagebot_chat"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_CHAT_LENGTH = 32


def cookie_name(*, secure: bool) -> str:
    """``__Host-``: no other site below the same domain can put its own one in place."""
    return f"__Host-{_NAME}" if secure else _NAME


def chat_of(request: Request, *, secure: bool) -> str:
    """The chat of who asks, "" when they have none."""
    token = request.cookies.get(cookie_name(secure=secure), "")
    return tokens.hashed(token)[:_CHAT_LENGTH] if _TOKEN.fullmatch(token) else ""


def welcome(response: Response, *, secure: bool, framed: bool) -> None:
    """Gives a cookie. In another site's frame browsers only keep one that is theirs together (CHIPS), and encrypted."""
    where = "SameSite=None; Secure; Partitioned" if framed and secure else f"SameSite=Lax{'; Secure' if secure else ''}"
    age = int(KEPT.total_seconds())
    cookie = f"{cookie_name(secure=secure)}={tokens.new()}; Max-Age={age}; Path=/; HttpOnly; {where}"
    response.headers.append("set-cookie", cookie)
