"""Secrets that are shown once: only their hash is kept, so that who reads the database cannot use them."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

_BYTES = 32
JOIN = "join_"
"""Before the token of an invitation in what a chat's ``/start`` is given (Telegram: at most 64 of A-Z a-z 0-9 _ -)."""
_START = re.compile(rf"/start(?:@\w+)?\s+{JOIN}([\w-]{{1,59}})", re.ASCII)


def new() -> str:
    """256 random bits, fit for a URL and a cookie."""
    return secrets.token_urlsafe(_BYTES)


def hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def joining(text: str) -> str | None:
    """The hash of the token, when ``text`` is what opening an invitation sends (``/start join_…``)."""
    found = _START.fullmatch(text.strip())
    return hashed(found[1]) if found is not None else None
