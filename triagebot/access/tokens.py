"""Secrets that are shown once: only their hash is kept, so that who reads the database cannot use them."""

from __future__ import annotations

import secrets
from hashlib import sha256

_BYTES = 32


def new() -> str:
    """256 random bits, fit for a URL and a cookie."""
    return secrets.token_urlsafe(_BYTES)


def hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
