"""Callback data that nobody can make up: the action, signed for the chat it was shown in. At most 64 bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac

_LENGTH = 11
_SEPARATOR = "~"
MOST_BYTES = 64


def key_of(secret: str, token: str) -> bytes:
    """The signing key; without a SECRET_KEY setting it follows from the token, which is as secret and as lasting."""
    return hashlib.sha256(b"triagebot callback:" + (secret or token).encode()).digest()


def sign(key: bytes, chat: str, action: str) -> str:
    """ValueError when the result would be longer than Telegram allows."""
    data = f"{_signature(key, chat, action)}{_SEPARATOR}{action}"
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"the button action {action!r} is too long for Telegram")
    return data


def verify(key: bytes, chat: str, data: str) -> str | None:
    """The action, or None when the data was not made by us for this chat."""
    signature, separator, action = data.partition(_SEPARATOR)
    if not separator or not hmac.compare_digest(signature.encode(), _signature(key, chat, action).encode()):
        return None
    return action


def _signature(key: bytes, chat: str, action: str) -> str:
    digest = hmac.new(key, f"{chat}\n{action}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_LENGTH]
