"""messages.Incoming and messages.Outgoing as JSON-able dicts, for the inbox and the outbox; strings as databases take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from triagebot.messages import Address, Button, Incoming, LinkOrder, Order, Outgoing, Seen
from triagebot.privacy import redact
from triagebot.text import clip

_PLAIN = (
    "user",
    "kind",
    "text",
    "user_name",
    "action",
    "message_ref",
    "reply_ref",
    "ack_ref",
    "lang_hint",
    "topic",
    "file",
)
_LONGEST_REASON = 500


def storable(text: str) -> str:
    """Without what no database takes: NUL (PostgreSQL) and lone surrogates (both). One such message must not hold up the
    batch that it arrived in."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def reason(text: str) -> str:
    """Why something failed, as it may be kept: a network's or an exception's words can quote what a person wrote."""
    return clip(redact(storable(text)).text, _LONGEST_REASON)


def incoming_to_json(message: Incoming) -> dict[str, Any]:
    """Address and external id are columns of their own and are left out, as are empty values."""
    data: dict[str, Any] = {name: storable(value) for name in _PLAIN if (value := getattr(message, name))}
    data["at"] = message.at.isoformat()
    if message.hidden:
        data["hidden"] = list(message.hidden)
    if not message.mine:
        data["mine"] = False
    if message.forwarded:
        data["forwarded"] = True
    if message.position:
        data["position"] = message.position
    if message.seen is not None:
        data["seen"] = seen_to_json(message.seen)
    return data


def seen_to_json(seen: Seen) -> dict[str, Any]:
    return {**asdict(seen), "text": storable(seen.text)}


def incoming_from_json(address: Address, external_id: str, data: Mapping[str, Any]) -> Incoming:
    plain = {name: data[name] for name in _PLAIN if name in data}
    return Incoming(
        address=address,
        external_id=external_id,
        at=datetime.fromisoformat(data["at"]),
        hidden=tuple(data.get("hidden", ())),
        mine=data.get("mine", True),
        position=data.get("position", 0),
        forwarded=data.get("forwarded", False),
        seen=_seen(data["seen"]) if "seen" in data else None,
        **{"user": "", **plain},
    )


def outgoing_to_json(message: Outgoing) -> dict[str, Any]:
    data: dict[str, Any] = {"text": storable(message.text)}
    if message.buttons:
        data["buttons"] = [[[b.label, b.action] for b in row] for row in message.buttons]
    for name in ("card", "ticket", "verdict", "drop_buttons_of", "topic", "forum", "keepsake"):
        if value := getattr(message, name):
            data[name] = value
    if message.order is not None:
        data["order"] = asdict(message.order)
    return data


def outgoing_from_json(data: Mapping[str, Any]) -> Outgoing:
    return Outgoing(
        text=data["text"],
        buttons=tuple(tuple(Button(label, action) for label, action in row) for row in data.get("buttons", ())),
        card=data.get("card", ""),
        ticket=data.get("ticket"),
        verdict=data.get("verdict"),
        drop_buttons_of=data.get("drop_buttons_of", ""),
        topic=data.get("topic", ""),
        forum=data.get("forum", ""),
        order=_order(data["order"]) if "order" in data else None,
        keepsake=data.get("keepsake", ""),
    )


def _seen(data: Mapping[str, Any]) -> Seen:
    lists = {name: tuple(data[name]) for name in ("hidden", "faults")}
    return Seen(**{**data, **lists, "measures": tuple((name, value) for name, value in data["measures"])})


def _order(data: Mapping[str, Any]) -> Order | LinkOrder:
    kind, pairs = (LinkOrder, "grants") if "purpose" in data else (Order, "filters")
    return kind(**{**data, pairs: tuple((name, value) for name, value in data[pairs])})
