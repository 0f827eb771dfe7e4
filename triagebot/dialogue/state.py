"""What a step of the dialogue sees and what it decides. Plain values: no database, no clock, no channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal

from triagebot.messages import Button
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.verdict import Verdict

State = Literal["idle", "menu", "asked_which", "asked_platform", "answered", "handed_over", "resolved"]
"""Where a person is. ``handed_over`` and ``resolved`` are read from the ticket, the others from the conversation."""

MOST_TEXTS = 6
"""So many of a person's last messages are judged together; older ones have had their answer."""


@dataclass(frozen=True)
class Memory:
    """What the bot keeps in mind about the problem at hand (Conversation.memory).

    ``round``: index of the last fix that was shown, -1 for none. ``asked``: slots asked for already.
    ``pending``: the slot that the next message may answer. ``offered``: label and action of the last buttons,
    so that typing a label or its number presses it. ``lang_fixed``: the person chose the language.
    """

    texts: tuple[str, ...] = ()
    category: str = ""
    platform: str = "unknown"
    round: int = -1
    asked: tuple[str, ...] = ()
    pending: str = ""
    unclear: int = 0
    offered: tuple[tuple[str, str], ...] = ()
    lang_fixed: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Memory:
        known = {f.name for f in fields(cls)}
        kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
        if "offered" in kept:
            kept["offered"] = tuple((label, action) for label, action in kept["offered"])
        return cls(**kept)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def hearing(self, text: str) -> Memory:
        return replace(self, texts=(*self.texts, text)[-MOST_TEXTS:]) if text else self

    def fresh(self) -> Memory:
        """The mind cleared for another problem; how the person wants to be spoken to stays."""
        return Memory(lang_fixed=self.lang_fixed)


@dataclass(frozen=True)
class TicketView:
    """What the dialogue must know of a ticket. ``due``: the promised answer, None when none is running."""

    number: int
    status: str
    category: str
    platform: str = "unknown"
    queue: str = ""
    priority: str = "P4"
    assignee: str = ""
    escalated: bool = False
    resolved_at: datetime | None = None
    rating: int | None = None
    due: datetime | None = None


UNKNOWN = -1
"""Version of a conversation in which nothing was said yet, whether or not it has a row."""


@dataclass(frozen=True)
class View:
    """One person's conversation at one moment. ``ticket`` is the one in focus; ``others`` their other open ones."""

    state: State = "idle"
    memory: Memory = field(default_factory=Memory)
    lang: str = "zh"
    ticket: TicketView | None = None
    others: tuple[TicketView, ...] = ()
    version: int = UNKNOWN


WHAT_NOW = "what_now"
"""The person asks what to do meanwhile."""


@dataclass(frozen=True)
class Signal:
    """What the person did, as far as the table of transitions is concerned.

    ``name``: text | solved | not_solved | human | pick | topic | none_of | platform | skip | rate | reopen | lang |
    forget | command:<word> | kind:<kind>. ``arg`` is the rest of a button's action; of a text it is ``WHAT_NOW`` or "".
    ``count``: how many messages were heard together as this one; ``flood``: so many that the person is told.
    """

    name: str
    arg: str = ""
    text: str = ""
    verdict: Verdict | None = None
    edited: bool = False
    count: int = 1
    flood: bool = False


@dataclass(frozen=True)
class Open:
    """A new self-service ticket; ``leave`` says what becomes of the one that the bot had."""

    facts: Mapping[str, Any]
    summary: str = ""
    leave: str = ""


@dataclass(frozen=True)
class Reopen:
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """An event on the ticket in focus."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Escalate:
    queue: str
    priority: str
    reason: str
    category: str = ""


@dataclass(frozen=True)
class Resolve:
    by: str = "user"


@dataclass(frozen=True)
class Remind:
    """Come back to the person when the category's clock says so."""


@dataclass(frozen=True)
class Focus:
    """Talk about this ticket from now on."""

    number: int


@dataclass(frozen=True)
class SetLang:
    lang: str


@dataclass(frozen=True)
class Forget:
    """Erase what the person said and who they are."""


@dataclass(frozen=True)
class Say:
    """A piece of the reply, by catalogue key. ``number``, ``due`` and ``queue`` of the ticket are filled in when it is
    written, because only then are they known. Key "text": the words are in ``values['text']``."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


Effect = Open | Reopen | Record | Escalate | Resolve | Remind | Focus | SetLang | Forget
FIRST = (Open, Reopen, Focus)
"""Effects that decide which ticket the person's words belong to: they come before the words are recorded."""


@dataclass
class Draft:
    """The step in the making: handlers write on it, dialogue.step turns it into a Step."""

    view: View
    book: RuleBook
    now: datetime
    state: State
    memory: Memory
    lang: str
    effects: list[Effect] = field(default_factory=list)
    parts: list[Say] = field(default_factory=list)
    buttons: list[tuple[Button, ...]] = field(default_factory=list)
    silent: bool = False

    @property
    def ticket(self) -> TicketView | None:
        return self.view.ticket

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def say(self, key: str, **values: Any) -> None:
        self.parts.append(Say(key, values))

    def line(self, text: str) -> None:
        self.parts.append(Say("text", {"text": text}))

    def offer(self, *row: Button) -> None:
        if row:
            self.buttons.append(row)

    def remember(self, **changes: Any) -> None:
        self.memory = replace(self.memory, **changes)


@dataclass(frozen=True)
class Step:
    """What was decided. ``heard`` is what goes into the log as the person's words."""

    state: State
    memory: Memory
    lang: str
    effects: tuple[Effect, ...]
    parts: tuple[Say, ...]
    buttons: tuple[tuple[Button, ...], ...]
    silent: bool
    verdict: Verdict | None = None
