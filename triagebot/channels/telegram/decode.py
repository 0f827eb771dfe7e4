"""A raw update -> messages.Incoming, redacted. Works on plain dicts: an update of a type that nobody knows yet must
not stop the others, so every surprise is a ValueError about this one update."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triagebot.access import tokens
from triagebot.channels.telegram import signing
from triagebot.channels.telegram.pictures import NOTHING, Offered, offered
from triagebot.channels.telegram.settings import CHANNEL
from triagebot.locale import map_language
from triagebot.messages import Address, Incoming, Kind
from triagebot.privacy import redact, redact_name

WANTED = ("message", "edited_message", "callback_query")
"""Kinds of updates that we ask for and read; others are confirmed and let go."""

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("photo", "photo"), ("document", "document"), ("sticker", "sticker"), ("voice", "voice"), ("audio", "voice"),
    ("video_note", "voice"), ("location", "location"), ("venue", "location"),
)  # fmt: skip


def decode(update: Mapping[str, Any], bot: str, key: bytes, now: datetime, room: str = "") -> Incoming | None:
    """None for updates that do not concern us (other kinds, groups, other bots). ValueError when it makes no sense.

    ``room``: the id of the group in which colleagues work, if there is one."""
    try:
        if "callback_query" in update:
            return _press(update, bot, key, now, room)
        for name in ("message", "edited_message"):
            if name in update:
                there = bool(room) and str(update[name]["chat"]["id"]) == room
                return (_in_room if there else _message)(update, update[name], bot, edited=name != "message")
    except (KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__} in {'/'.join(sorted(update))}") from None
    return None


def _message(update: Mapping[str, Any], message: Mapping[str, Any], bot: str, *, edited: bool) -> Incoming | None:
    if message["chat"]["type"] != "private" or message["from"].get("is_bot"):
        return None
    if not edited and (joining := _joining(update, message, bot)) is not None:
        return joining
    picture = offered(message) if not edited else NOTHING
    return Incoming(
        **_common(update, message["chat"]["id"], message["from"], bot),
        **_said(message, picture, edited=edited),
        file=picture.file,
        seen=picture.seen,
        reply_ref=str((message.get("reply_to_message") or {}).get("message_id", "")),
    )


def _in_room(update: Mapping[str, Any], message: Mapping[str, Any], bot: str, *, edited: bool) -> Incoming | None:
    """What somebody says among colleagues. Who speaks for the group or for a channel is nobody: their ``user`` is "".
    None for what the network says itself (somebody came, a topic was closed), and for other bots."""
    speaker = message.get("sender_chat")
    if not any(field in message for field in ("text", "caption", *(field for field, _ in _KINDS))):
        return None
    if speaker is None and message["from"].get("is_bot"):
        return None
    who = _common(update, message["from"]["id"] if speaker is None else speaker["id"], message.get("from") or {}, bot)
    topic = str(int(message["message_thread_id"])) if message.get("is_topic_message") else ""
    return Incoming(
        **{**who, **({"user": ""} if speaker is not None else {})},
        **_said(message, NOTHING, edited=edited),
        mine=False,
        topic=topic,
    )


def _said(message: Mapping[str, Any], picture: Offered, *, edited: bool) -> dict[str, Any]:
    """The message itself, whoever said it wherever."""
    words = redact(_text(message, named=not picture.is_picture))
    kind = next((kind for field, kind in _KINDS if field in message), None) if "text" not in message else "text"
    if kind is None:
        kind = "other"
    if edited:
        kind = "edit"
    elif kind == "text" and not words.text.strip():
        kind = "empty"
    return {
        "at": datetime.fromtimestamp(message.get("edit_date", message["date"]) if edited else message["date"], UTC),
        "kind": kind,
        "text": words.text,
        "hidden": tuple(words.kinds),
        "message_ref": str(message["message_id"]),
        "forwarded": "forward_origin" in message,
    }


def _joining(update: Mapping[str, Any], message: Mapping[str, Any], bot: str) -> Incoming | None:
    """Somebody who opens an invitation: from here on there is only the hash of its token. A message that was forwarded is
    somebody else's words."""
    text = message.get("text")
    opened = tokens.joining(text) if isinstance(text, str) and "forward_origin" not in message else None
    if opened is None:
        return None
    return Incoming(
        **_common(update, message["chat"]["id"], message["from"], bot),
        at=datetime.fromtimestamp(message["date"], UTC),
        kind="join",
        text="/start",
        action=opened,
        message_ref=str(message["message_id"]),
    )


def _text(message: Mapping[str, Any], *, named: bool) -> str:
    """Text or caption, ``named`` with the name of a file: all of it is the person's words, all of it is redacted."""
    text = message.get("text") or message.get("caption") or ""
    name = (message.get("document") or {}).get("file_name", "") if named else ""
    if not isinstance(text, str) or not isinstance(name, str):
        raise TypeError("text")
    return "\n".join(part for part in (text, name) if part)


def _press(update: Mapping[str, Any], bot: str, key: bytes, now: datetime, room: str) -> Incoming:
    """A press that we did not make (forged, of another chat, in a group) does nothing, but that somebody tried is kept."""
    query = update["callback_query"]
    message = query.get("message") or {}
    chat = message.get("chat") or {"id": query["from"]["id"], "type": "private"}
    action = signing.verify(key, str(chat["id"]), str(query.get("data", "")))
    private = chat.get("type", "private") == "private"
    if not private and str(chat["id"]) != room:
        action = None
    thread = message.get("message_thread_id") if action is not None and not private else None
    return Incoming(
        **_common(update, chat["id"] if private and action is not None else query["from"]["id"], query["from"], bot),
        at=now,
        kind="press",
        action=action or "",
        message_ref=str(message.get("message_id", "")),
        ack_ref=str(query["id"]),
        mine=private and action is not None,
        topic=str(int(thread)) if thread is not None else "",
    )


def _common(update: Mapping[str, Any], chat: Any, sender: Mapping[str, Any], bot: str) -> dict[str, Any]:
    name = " ".join(str(sender[k]) for k in ("first_name", "last_name") if sender.get(k))
    return {
        "address": Address(CHANNEL, bot, str(int(chat))),
        "external_id": str(int(update["update_id"])),
        "position": int(update["update_id"]),
        "user": str(int(sender.get("id", chat))),
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
