"""What a step of the dialogue sees and what it decides. Plain values: no database, no clock, no channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from triagebot.desk.incident.going import Going
from triagebot.dialogue.picture_facts import Pictures
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe, WatchView
from triagebot.messages import Button
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.verdict import Verdict

State = Literal[
    "idle", "menu", "asked_which", "asked_platform", "answered", "waiting", "handed_over", "followed", "resolved"
]
"""Where a person is. ``waiting`` (for the end of an incident, nobody else is asked), ``handed_over``, ``followed`` and
``resolved`` are read from the ticket, the others from the conversation."""

MOST_TEXTS = 6
"""So many of a person's last messages are judged together; older ones have had their answer."""
_LONGEST = 4096
"""Signs of one of them: what was heard together may be much longer, and says in its beginning what it is about."""
_MOST_CHANGES = 20


LIGHT = "light"
"""The person chose to have the light on their face measured."""


@dataclass(frozen=True)
class Memory:
    """What the bot keeps in mind about the problem at hand (Conversation.memory).

    ``round``: index of the last fix that was shown, -1 for none. ``asked``: slots asked for already.
    ``pending``: the slot that the next message may answer. ``offered``: label and action of the last buttons,
    so that typing a label or its number presses it. ``lang_fixed``: the person chose the language.
    ``refs``: the network's ids of the messages that ``texts`` are, "" for what was heard together; shorter in old rows.
    ``changed``: id and time (seconds since 1970) of the last changes of messages: an older version may arrive after them.
    ``lately``: what was last said when (seconds since 1970), of what is not to be said again at once (Draft.say_once).
    ``told``: the steps that were said about it, by what they are about or in their own words (dialogue.fixes); ``pointed``:
    those among them that were said to be the ones that matter.
    ``unseen``: kind and number of pictures and the like that came while there was no ticket to write it on.
    ``app_version``: as the person named it, "" while they have not.
    ``awaits``: what the next picture is for when the person was asked for one: ``LIGHT`` or "".
    ``day_of``: the clock (rules/clocks.yaml) for which a day was asked, "" for none; ``clocks``: those that were accepted.
    ``inquiry``: what is known of the strange inquiry that is being judged: fact and answer, in the order of the answers.
    ``apart``: number of the incident of which the person said that theirs is something else, 0 for none.
    """

    texts: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    changed: tuple[tuple[str, float], ...] = ()
    category: str = ""
    platform: str = "unknown"
    round: int = -1
    told: tuple[str, ...] = ()
    pointed: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    pending: str = ""
    unclear: int = 0
    offered: tuple[tuple[str, str], ...] = ()
    lang_fixed: bool = False
    lately: tuple[tuple[str, float], ...] = ()
    unseen: tuple[tuple[str, int], ...] = ()
    awaits: str = ""
    app_version: str = ""
    day_of: str = ""
    clocks: tuple[str, ...] = ()
    inquiry: tuple[tuple[str, str], ...] = ()
    apart: int = 0

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Memory:
        known = {f.name for f in fields(cls)}
        kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
        for pairs in ("offered", "changed", "lately", "unseen", "inquiry"):
            if pairs in kept:
                kept[pairs] = tuple((one, other) for one, other in kept[pairs])
        return cls(**kept)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def hearing(self, text: str, ref: str = "") -> Memory:
        """With ``text``, in the place of what the message ``ref`` said before."""
        if not text:
            return self
        text = text[:_LONGEST]
        texts, refs = [*self.texts], [*self._refs()]
        if ref and ref in refs:
            texts[refs.index(ref)] = text
        else:
            texts.append(text)
            refs.append(ref)
        return replace(self, texts=tuple(texts[-MOST_TEXTS:]), refs=tuple(refs[-MOST_TEXTS:]))

    def texts_beside(self, ref: str) -> tuple[str, ...]:
        """What was said in other messages than ``ref``."""
        return tuple(text for text, known in zip(self.texts, self._refs(), strict=True) if not ref or known != ref)

    def _refs(self) -> tuple[str, ...]:
        return (*[""] * (len(self.texts) - len(self.refs)), *self.refs)

    def noting_change(self, ref: str, at: float) -> Memory:
        others = [change for change in self.changed if change[0] != ref]
        return replace(self, changed=(*others, (ref, at))[-_MOST_CHANGES:]) if ref else self

    def knows_newer(self, ref: str, at: float) -> bool:
        """Whether the message ``ref`` was changed after ``at``, and the person heard as what it says since."""
        return any(known == ref and at < since for known, since in self.changed)

    def counting(self, kind: str, count: int) -> Memory:
        """With ``count`` more unseen messages of ``kind``."""
        return replace(self, unseen=tuple((Counter(dict(self.unseen)) + Counter({kind: count})).items()))

    def fresh(self) -> Memory:
        """The mind cleared for another problem; how the person wants to be spoken to, and what they changed and sent, stays."""
        return Memory(lang_fixed=self.lang_fixed, changed=self.changed, lately=self.lately, unseen=self.unseen)


@dataclass(frozen=True)
class TicketView:
    """What the dialogue must know of a ticket. ``due``: the promised answer, None when none is running. ``follows``: it is
    worked on together with other people's tickets of the same incident (desk.following). ``incident``: that goes on, that it
    is attached to, and of whose end its person will hear."""

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
    follows: bool = False
    opened_at: datetime | None = None
    incident: Going | None = None


_ZONE = ZoneInfo("Asia/Shanghai")
UNKNOWN = -1
"""Version of a conversation in which nothing was said yet, whether or not it has a row."""


@dataclass(frozen=True)
class View:
    """One person's conversation at one moment. ``ticket`` is the one in focus; ``others`` their other open ones,
    ``following`` those that follow other people's, or wait for the end of an incident. ``looks``: pictures can be looked at.
    ``zone``: in which days begin. ``incidents``: those that go on and that people are told of. ``watches``: what they
    subscribed to, read where it matters (signals.of_watches)."""

    state: State = "idle"
    memory: Memory = field(default_factory=Memory)
    lang: str = "zh"
    ticket: TicketView | None = None
    others: tuple[TicketView, ...] = ()
    following: tuple[TicketView, ...] = ()
    version: int = UNKNOWN
    looks: bool = False
    zone: ZoneInfo = _ZONE
    incidents: tuple[Going, ...] = ()
    watches: tuple[WatchView, ...] = ()


WHAT_NOW = "what_now"
"""The person asks what to do meanwhile."""
HOW_LONG = "how_long"
"""They ask when a person will answer."""
STILL_WAITING = "still_waiting"
"""They ask how long it still takes: for a person, where people have the ticket."""
WORRIED = "worried"
"""They ask whether it will show on their report."""
ANOTHER = "another"
"""They say themselves that it is about something else (另外…)."""
TRIED = "tried"
"""They have tried all that was said."""


@dataclass(frozen=True)
class Signal:
    """What the person did, as far as the table of transitions is concerned.

    ``name``: text | solved | not_solved | give_up | withdraw | human | pick | topic | none_of | platform | skip | rate |
    reopen | lang | why | forget | light | measured | watch | remind | day | remind_off | remind_done | remind_undone |
    command:<word> | kind:<kind>. ``arg`` is the rest of a button's action; of a text it is ``WHAT_NOW``, ``HOW_LONG``,
    ``STILL_WAITING``, ``WORRIED``, ``ANOTHER`` or ""; of not_solved perhaps ``TRIED``.
    ``count``: how many messages were heard together as this one; ``flood``: so many that the person is told.
    ``ref`` is the message's id on the network, ``at`` the time of this version of it in seconds since 1970.
    ``pictures``: what was made out in those that were sent, whose words are in ``text``; None without any.
    """

    name: str
    arg: str = ""
    text: str = ""
    verdict: Verdict | None = None
    edited: bool = False
    count: int = 1
    flood: bool = False
    ref: str = ""
    at: float = 0.0
    pictures: Pictures | None = None


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
class Accept:
    """The person wants the reminder of ``clock`` (rules/clocks.yaml). ``counted_from``: a day that they named, None for now."""

    clock: str
    counted_from: date | None = None


@dataclass(frozen=True)
class StopReminders:
    """Nothing more is to be said unasked about the ticket in focus, or about anything."""

    everything: bool = False


@dataclass(frozen=True)
class LookAfter:
    """People take over what the person leaves unfinished (desk.afterwards.unfinished)."""


@dataclass(frozen=True)
class Focus:
    """Talk about this ticket from now on."""

    number: int


@dataclass(frozen=True)
class Attach:
    """The ticket in focus is part of this incident, and its person hears so with this reply."""

    incident: int


@dataclass(frozen=True)
class Detach:
    """It is no part of its incident: the person's trouble is another one."""


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


Effect = (
    Open | Reopen | Record | Escalate | Resolve | Remind | Accept | StopReminders | LookAfter | Focus | Attach | Detach
    | SetLang | Subscribe | Unsubscribe | Forget
)  # fmt: skip
FIRST = (Open, Reopen, Focus)
"""Effects that decide which ticket the person's words belong to: they come before the words are recorded."""


_ONCE_IN_S = 60.0


@dataclass
class Draft:
    """The step in the making: handlers write on it, dialogue.step turns it into a Step. ``said``: the person's words of this
    turn, and of a screen the telling ones; "" for a button. ``evidence``: ids of expressions and wordings found in them.
    ``papers``: messages of their own after the reply, to be copied whole."""

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
    keepsake: str = ""
    said: str = ""
    evidence: tuple[str, ...] = ()
    papers: list[str] = field(default_factory=list)

    @property
    def ticket(self) -> TicketView | None:
        return self.view.ticket

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def say(self, key: str, **values: Any) -> None:
        self.parts.append(Say(key, values))

    def say_once(self, key: str, **values: Any) -> bool:
        """Unless it was said, or would have been, within the last minute. Returns whether it is said now."""
        at = self.now.timestamp()
        recent = {known: said for known, said in self.memory.lately if 0 <= at - said < _ONCE_IN_S}
        self.remember(lately=tuple({**recent, key: at}.items()))
        if key in recent:
            return False
        self.say(key, **values)
        return True

    def line(self, text: str) -> None:
        self.parts.append(Say("text", {"text": text}))

    def offer(self, *row: Button) -> None:
        if row:
            self.buttons.append(row)

    def remember(self, **changes: Any) -> None:
        self.memory = replace(self.memory, **changes)


@dataclass(frozen=True)
class Step:
    """What was decided. ``keepsake``: see messages.Outgoing; ``papers``: see Draft. ``unheard``: external ids of messages that
    do not count, because a newer version did before."""

    state: State
    memory: Memory
    lang: str
    effects: tuple[Effect, ...]
    parts: tuple[Say, ...]
    buttons: tuple[tuple[Button, ...], ...]
    silent: bool
    verdict: Verdict | None = None
    keepsake: str = ""
    unheard: frozenset[str] = frozenset()
    papers: tuple[str, ...] = ()
