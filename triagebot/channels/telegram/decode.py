"""A raw update -> messages.Incoming, redacted. Works on plain dicts: an update of a type that nobody knows yet must
not stop the others, so every surprise is a ValueError about this one update."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triagebot.access import tokens
from triagebot.channels.telegram import signing
from triagebot.locale import map_language
from triagebot.messages import Address, Incoming, Kind
from triagebot.privacy import redact, redact_name

CHANNEL = "telegram"
WANTED = ("message", "edited_message", "callback_query")
"""Kinds of updates that we ask for and read; others are confirmed and let go."""

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("photo", "photo"), ("document", "document"), ("sticker", "sticker"), ("voice", "voice"), ("audio", "voice"),
    ("video_note", "voice"), ("location", "location"), ("venue", "location"),
)  # fmt: skip


def decode(update: Mapping[str, Any], bot: str, key: bytes, now: datetime) -> Incoming | None:
    """None for updates that do not concern us (other kinds, groups, other bots). ValueError when it makes no sense."""
    try:
        if "callback_query" in update:
            return _press(update, bot, key, now)
        for name in ("message", "edited_message"):
            if name in update:
                return _message(update, update[name], bot, edited=name != "message")
    except (KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__} in {'/'.join(sorted(update))}") from None
    return None


def _message(update: Mapping[str, Any], message: Mapping[str, Any], bot: str, *, edited: bool) -> Incoming | None:
    if message["chat"]["type"] != "private" or message["from"].get("is_bot"):
        return None
    if not edited and (joining := _joining(update, message, bot)) is not None:
        return joining
    words = redact(_text(message))
    kind = next((kind for field, kind in _KINDS if field in message), None) if "text" not in message else "text"
    if kind is None:
        kind = "other"
    if edited:
        kind = "edit"
    elif kind == "text" and not words.text.strip():
        kind = "empty"
    return Incoming(
        **_common(update, message["chat"], message["from"], bot),
        at=datetime.fromtimestamp(message.get("edit_date", message["date"]) if edited else message["date"], UTC),
        kind=kind,
        text=words.text,
        hidden=tuple(words.kinds),
        message_ref=str(message["message_id"]),
        reply_ref=str((message.get("reply_to_message") or {}).get("message_id", "")),
        forwarded="forward_origin" in message,
    )


def _joining(update: Mapping[str, Any], message: Mapping[str, Any], bot: str) -> Incoming | None:
    """Somebody who opens an invitation: from here on there is only the hash of its token. A message that was forwarded is
    somebody else's words."""
    text = message.get("text")
    opened = tokens.joining(text) if isinstance(text, str) and "forward_origin" not in message else None
    if opened is None:
        return None
    return Incoming(
        **_common(update, message["chat"], message["from"], bot),
        at=datetime.fromtimestamp(message["date"], UTC),
        kind="join",
        text="/start",
        action=opened,
        message_ref=str(message["message_id"]),
    )


def _text(message: Mapping[str, Any]) -> str:
    """Text or caption, with the name of a file: all of it is the person's words, all of it is redacted."""
    text = message.get("text") or message.get("caption") or ""
    name = (message.get("document") or {}).get("file_name", "")
    if not isinstance(text, str) or not isinstance(name, str):
        raise TypeError("text")
    return "\n".join(part for part in (text, name) if part)


def _press(update: Mapping[str, Any], bot: str, key: bytes, now: datetime) -> Incoming | None:
    query = update["callback_query"]
    message = query.get("message") or {}
    chat = message.get("chat") or {"id": query["from"]["id"], "type": "private"}
    action = signing.verify(key, str(chat["id"]), str(query.get("data", "")))
    if chat.get("type", "private") != "private" or action is None:
        return None
    return Incoming(
        **_common(update, chat, query["from"], bot),
        at=now,
        kind="press",
        action=action,
        message_ref=str(message.get("message_id", "")),
        ack_ref=str(query["id"]),
    )


def _common(update: Mapping[str, Any], chat: Mapping[str, Any], sender: Mapping[str, Any], bot: str) -> dict[str, Any]:
    name = " ".join(str(sender[k]) for k in ("first_name", "last_name") if sender.get(k))
    return {
        "address": Address(CHANNEL, bot, str(int(chat["id"]))),
        "external_id": str(int(update["update_id"])),
        "position": int(update["update_id"]),
        "user": str(int(sender["id"])),
        "user_name": redact_name(name),
        "lang_hint": map_language(str(sender.get("language_code", ""))),
    }


def shape(update: Any) -> str:
    """What an unreadable update looked like, without anything that a person wrote: its keys, two levels deep."""
    if not isinstance(update, Mapping):
        return type(update).__name__
    parts = []
    for key, value in sorted(update.items(), key=lambda item: str(item[0])):
        inner = "{" + ",".join(sorted(map(str, value))) + "}" if isinstance(value, Mapping) else ""
        parts.append(f"{key}{inner}")
    return redact(" ".join(parts)[:500]).text
