"""What goes in and out of a chat network, in the few types that every channel speaks. A leaf: imports nothing of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

Kind = Literal["text", "press", "edit", "photo", "document", "sticker", "voice", "location", "other", "empty", "join"]
"""What the person did. ``press`` is a button; ``join`` opens an invitation; ``other`` is a kind of message that we do not
read."""

PICTURES: frozenset[str] = frozenset({"photo", "document"})
"""Kinds that may be a picture."""

Sight = Literal["screen", "light", "nothing", "refused"]

Forum = Literal["", "open", "close", "reopen", "delete"]

PRIORITY_URGENT, PRIORITY_REPLY, PRIORITY_NOTICE, PRIORITY_FIRST, PRIORITY_ROUND = 0, 1, 2, 3, 4
"""Order in which the sender works: P1 matters, then answers to people, then notices to colleagues, then first answers to
strangers, then what many people hear unasked: thousands of these two may wait at once. They keep a share (flow.share)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation lives. ``bot`` tells two bots on one network apart; ``chat`` is the network's own id."""

    channel: str
    bot: str
    chat: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was made out in a picture, in words and numbers: nothing of the picture itself.

    ``what``: screen (``text`` was read), light (a face's light was measured), nothing (no words, or no face), refused.
    ``text``: the words of a screen, a line each, redacted; ``hidden``: the kinds of personal data that were taken out.
    ``why``: why it was refused, or what is missing (vision.refusals), "" otherwise. ``faults``: what is wrong with the light,
    the one to change first first; () for good light. ``measures``: by name, as docs/pictures.md explains them.
    ``keepsake``: under which name a picture to show is kept in memory for a while (vision.keepsakes), "" for none.
    """

    what: Sight
    text: str = ""
    hidden: tuple[str, ...] = ()
    why: str = ""
    faults: tuple[str, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()
    keepsake: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that a person did, already redacted: nothing in here may hold personal numbers.

    ``external_id`` is unique per channel and bot (Telegram: the update id); it makes replays harmless.
    ``action`` is the verified button action of a ``press``, "" for one that we did not make; of a ``join`` the hash of its
    token. ``message_ref`` is the network's id of the message that was written, edited or whose button was pressed;
    ``reply_ref`` the message that this one answers.
    ``hidden`` lists the kinds of personal data that were taken out (see privacy.Kind).
    ``ack_ref`` is what the network wants acknowledged after a press (Telegram: callback query id).
    ``mine`` is False for what was said in the staff room, and for presses that we did not make: not a person's talk with us.
    ``topic`` is the topic of the staff room in which it was said, by the network's id. ``address`` is the person's own chat.
    ``forwarded``: somebody else's words, which command nothing.
    ``position`` is the network's own count of what happens, which only grows; 0 where it has none. What waits is heard in
    this order, whatever order it arrived in.
    ``file`` is the network's name for a picture that it keeps and that may be worth a look; "" where there is none. ``seen``:
    what was made out in it, None until somebody has looked.
    """

    address: Address
    external_id: str
    user: str
    at: datetime
    kind: Kind = "text"
    text: str = ""
    user_name: str = ""
    action: str = ""
    message_ref: str = ""
    reply_ref: str = ""
    ack_ref: str = ""
    lang_hint: str = ""
    hidden: tuple[str, ...] = ()
    mine: bool = True
    position: int = 0
    forwarded: bool = False
    topic: str = ""
    file: str = ""
    seen: Seen | None = None

    @property
    def worth_a_look(self) -> bool:
        """A picture that its network keeps, said to us, at which nobody has looked yet."""
        return bool(self.file) and self.seen is None and self.mine and self.kind in PICTURES


@dataclass(frozen=True, slots=True)
class Button:
    """``action`` is our own short word, e.g. ``solved:12``; the channel signs or hides it (at most 40 bytes)."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Order:
    """A report that is made at the moment at which it is sent: what waits is which one, not its bytes.

    ``form``: text, png, xlsx ...; times in ISO 8601 with offset; ``filters``: pairs such as ("queue", "hotline").
    """

    form: str
    since: str
    until: str
    lang: str = "zh"
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LinkOrder:
    """A link that works once, made at the moment at which it is sent: its token stands in no row that waits.

    ``purpose``: sign_in | invitation; ``agent``: the id of who asked for it, and gets it; ``asked_at``: ISO 8601, tells two of
    them apart; ``grants``: what an invitation gives, pairs such as ("role", "agent").
    """

    purpose: str
    agent: int
    asked_at: str
    grants: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it goes out. ``picture``: to be shown in the chat, not only to be fetched."""

    name: str
    data: bytes
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a chat: plain text (a channel escapes what it must) and rows of buttons.

    ``card`` names a message that is kept up to date in place (``ticket:12``): the first one with that name in a chat
    is sent, later ones edit it. ``ticket`` and ``verdict`` travel along for ``chat --json``.
    ``drop_buttons_of`` is a message whose buttons should go, because one of them was pressed.
    ``topic`` is the card (``topic:12``) whose message began the topic of a group in which it is to stand; the sender puts the
    network's id of the topic there. ``forum``: it is no message, but what becomes of the topic that is its card: opened with
    ``text`` for its name or named so, besides that closed or opened again; or the topic ``topic`` is deleted.
    ``order`` waits in the outbox; the sender puts what was made of it into ``text`` or ``attachment``, which is never stored.
    ``keepsake``: the name of a picture that goes with it if this process still has it in memory (vision.keepsakes); the words
    must do without.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    card: str = ""
    ticket: int | None = None
    verdict: dict[str, Any] | None = None
    drop_buttons_of: str = ""
    topic: str = ""
    forum: Forum = ""
    order: Order | LinkOrder | None = None
    attachment: Attachment | None = None
    keepsake: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took the message; ``message_ref`` is its id there."""

    message_ref: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Incoming messages that arrived together, and what to call once they are committed to the inbox.

    ``dead``: things that could not be read, each (external id, reason, redacted shape): they go to the dead letters of
    ``source``, the (channel, bot) that they came through.
    """

    messages: Sequence[Incoming]
    dead: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    source: tuple[str, str] = ("", "")


Intake = Callable[[Batch], Awaitable[int]]
"""Commits a batch durably and returns how many were new. Only after it returns may the network be told."""


class Receives(Protocol):
    """The listening half of a channel."""

    @property
    def channel(self) -> str: ...
    @property
    def bot(self) -> str: ...
    @property
    def polls(self) -> bool:
        """Whether ``listen`` fetches from the network, which one process may do at a time; False for webhooks."""
        ...

    async def listen(self, intake: Intake) -> None:
        """Run until cancelled: hand every batch to ``intake``, acknowledge to the network only afterwards."""


class Sends(Protocol):
    """The speaking half of a channel."""

    @property
    def channel(self) -> str: ...
    @property
    def bot(self) -> str: ...

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        """Deliver one message; with ``known_ref`` edit that message in place. Raises errors.DeliveryError."""

    async def acknowledge(self, message: Incoming) -> None:
        """Best effort sign of life (typing dots, end of a button's spinner); never raises."""


@runtime_checkable
class Fetches(Protocol):
    """Of a network that keeps the pictures that people send: the half that gets them."""

    @property
    def channel(self) -> str: ...
    @property
    def bot(self) -> str: ...

    async def fetch(self, file: str) -> bytes:
        """What the network keeps under ``file`` (Incoming.file), whole, in memory only. Raises errors.PictureRefused when it
        is not to be had, errors.DeliveryError for trouble that may pass."""


class Webhook(Protocol):
    """The listening half of a channel whose network posts to us instead of being asked. ``path``: where it posts."""

    @property
    def channel(self) -> str: ...
    @property
    def path(self) -> str: ...

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether the network itself is posting; asked before any of the body is read. Names of headers are small."""

    def read(self, body: bytes) -> Batch:
        """What happened. ValueError when the body makes no sense."""

    def heard(self, messages: Sequence[Incoming]) -> None:
        """These are committed and the network has its answer: begin to give a sign of life. Never raises or waits."""
