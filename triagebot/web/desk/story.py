"""A ticket's events as a conversation: what was said, to whom it can be seen, and what happened in between. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from triagebot.locale import say
from triagebot.store.tables import Event
from triagebot.web.desk.words import Words

Side = Literal["user", "bot", "agent", "note"]

_SIDES: Mapping[str, Side] = {
    "user_replied": "user", "user_edited": "user", "user_sent": "user", "fact_given": "user", "rating_explained": "user",
    "bot_replied": "bot", "agent_replied": "agent", "note": "note", "reply_held": "note",
}  # fmt: skip
"""Events that are words of somebody; a note is for colleagues only. All others happened."""
_MARKED = frozenset({"user_edited", "rating_explained", "reply_held"})
_SILENT = frozenset({"answered", "asked"})
"""Told by the bot's own words beside them."""


@dataclass(frozen=True)
class Said:
    """``mark``: what is special about it, "" for nothing. ``text``: "" when it was erased. ``picture``: the name of the
    screenshot in which it was read (vision.keepsakes), "" for none."""

    side: Side
    name: str
    at: datetime
    text: str
    mark: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str
    detail: str


@dataclass(frozen=True)
class Happened:
    """What happened between two words, oldest first. ``id`` names it for good, so that what is unfolded stays so."""

    id: int
    lines: tuple[Line, ...]
    side: Literal["happened"] = "happened"


Entry = Said | Happened


def told(events: Iterable[Event], person: str, w: Words) -> list[Entry]:
    """``person``: what the user is called."""
    entries: list[Entry] = []
    shown = (event for event in events if event.type not in _SILENT)
    for spoken, run in groupby(shown, key=lambda event: event.type in _SIDES):
        group = list(run)
        if spoken:
            entries += [_said(event, person, w) for event in group]
        else:
            entries.append(Happened(group[0].id or 0, tuple(_line(event, w) for event in group)))
    return entries


def _said(event: Event, person: str, w: Words) -> Said:
    side, data = _SIDES[event.type], event.data
    name = person if side == "user" else data.get("agent_name") or say(w.lang, f"actor.{event.actor.partition(':')[0]}")
    return Said(side, name, event.at, _text(event, w), _mark(event, w), str(data.get("keepsake", "")))


def _text(event: Event, w: Words) -> str:
    text = str(event.data.get("text", ""))
    if event.type == "user_sent":
        kind = w.hint("web.sent", str(event.data.get("kind", ""))) or say(w.lang, "web.sent.other")
        return f"{kind}\n{text}".strip()
    return text


def _mark(event: Event, w: Words) -> str:
    if event.type == "fact_given":
        return str(event.data.get("title", ""))
    if "macro" in event.data:
        return say(w.lang, "web.story.macro", name=w.macro(event.data["macro"]))
    if event.data.get("screen"):
        return say(w.lang, "web.story.screen")
    return say(w.lang, f"web.story.{event.type}") if event.type in _MARKED else ""


def _line(event: Event, w: Words) -> Line:
    who = event.data.get("agent_name") or say(w.lang, f"actor.{event.actor.partition(':')[0]}")
    what = w.hint("event", event.type) or event.type
    return Line(event.at, who, what, " · ".join(dict.fromkeys(_details(event.data, w))))


def _pressed(action: str, w: Words) -> str:
    name, _, rest = action.partition(":")
    words = w.hint("button", name)
    return words or (w.category(rest.partition(":")[0]) if name == "topic" else "")


def _metric(value: str, w: Words) -> str:
    return w.hint("metric", value)


_DETAILS: tuple[tuple[str, Callable[[Any, Words], str]], ...] = (
    ("queue", lambda value, w: w.queue(str(value))),
    ("category", lambda value, w: w.category(str(value))),
    ("platform", lambda value, w: w.platform(str(value)) if value != "unknown" else ""),
    ("app_version", lambda value, w: say(w.lang, "incident.detail.app_version", version=value)),
    ("priority", lambda value, w: str(value)),
    ("to", lambda value, w: str(value)),
    ("into", lambda value, w: f"#{value}"),
    ("stars", lambda value, w: "★" * int(value) + "☆" * (5 - int(value))),
    ("metric", lambda value, w: _metric(str(value), w)),
    ("result", lambda value, w: w.hint("inquiry.result", str(value))),
    ("rule", lambda value, w: str(value)),
    ("light", lambda value, w: "、".join(w.hint("web.light", str(fault)) for fault in value)),
    ("action", lambda value, w: _pressed(str(value), w)),
    ("tags", lambda value, w: str(value).replace(",", "、")),
    ("until", lambda value, w: w.time(datetime.fromisoformat(str(value)))),
    ("title", lambda value, w: str(value)),
    ("reason", lambda value, w: w.hint("web.reason", str(value)) or ("" if _is_code(str(value)) else str(value))),
    ("text", lambda value, w: w.brief(str(value), 160)),
)
"""What may stand in an event's data, in the order in which it is told."""


def _is_code(reason: str) -> bool:
    """A reason that the product wrote, for itself; people's reasons have spaces or other letters."""
    return reason.isascii() and all(c.islower() or c.isdigit() or c in "._" for c in reason)


def _details(data: Mapping[str, Any], w: Words) -> Iterator[str]:
    for name, words in _DETAILS:
        if data.get(name) and (told := words(data[name], w)):
            yield told
