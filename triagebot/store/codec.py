"""messages.Incoming and messages.Outgoing as JSON-able dicts, for the inbox and the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triagebot.messages import Address, Button, Incoming, Outgoing

_PLAIN = ("user", "kind", "text", "user_name", "action", "message_ref", "reply_ref", "ack_ref", "lang_hint")


def incoming_to_json(message: Incoming) -> dict[str, Any]:
    """Address and external id are columns of their own and are left out, as are empty values."""
    kept = {name: getattr(message, name) for name in _PLAIN if getattr(message, name)}
    return {**kept, "at": message.at.isoformat(), **({"hidden": list(message.hidden)} if message.hidden else {})}


def incoming_from_json(address: Address, external_id: str, data: Mapping[str, Any]) -> Incoming:
    plain = {name: data[name] for name in _PLAIN if name in data}
    return Incoming(
        address=address,
        external_id=external_id,
        at=datetime.fromisoformat(data["at"]),
        hidden=tuple(data.get("hidden", ())),
        **{"user": "", **plain},
    )


def outgoing_to_json(message: Outgoing) -> dict[str, Any]:
    data: dict[str, Any] = {"text": message.text}
    if message.buttons:
        data["buttons"] = [[[b.label, b.action] for b in row] for row in message.buttons]
    for name in ("card", "ticket", "verdict", "drop_buttons_of"):
        if value := getattr(message, name):
            data[name] = value
    return data


def outgoing_from_json(data: Mapping[str, Any]) -> Outgoing:
    return Outgoing(
        text=data["text"],
        buttons=tuple(tuple(Button(label, action) for label, action in row) for row in data.get("buttons", ())),
        card=data.get("card", ""),
        ticket=data.get("ticket"),
        verdict=data.get("verdict"),
        drop_buttons_of=data.get("drop_buttons_of", ""),
    )
