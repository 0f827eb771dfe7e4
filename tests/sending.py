"""A chat network for tests that writes down what it was told and when, and fails as it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.conftest import FakeClock
from tests.storing import OWNERS
from tests.unit.house import office
from triagebot.flow.bell import Bell
from triagebot.flow.deliver import Deliver
from triagebot.messages import Address, Incoming, Outgoing, Receipt
from triagebot.pace import Limit, Pace
from triagebot.store.store import Store

OVERALL, PRIVATE, GROUP = Limit(28, 2), Limit(1, 5), Limit(0.25, 5)
"""Telegram's, as channels/telegram has them."""
GROUP_CHAT = "-1001"
run = asyncio.Runner().run
"""All scenes of a test happen in one event loop, as all that a process does."""


@dataclass(frozen=True)
class Taken:
    at: float
    chat: str
    text: str
    message: Outgoing


@dataclass
class Network:
    """``trouble``: what happens to the next messages of a chat, instead of an answer. ``hangs``: chats whose messages arrive,
    and whose answers come only when ``answers`` is set."""

    clock: FakeClock
    channel: str = "telegram"
    bot: str = "1"
    taken: list[Taken] = field(default_factory=list)
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        if self.trouble.get(to.chat):
            raise self.trouble[to.chat].pop(0)
        self.taken.append(Taken(seconds(self.clock), to.chat, message.text, message))
        if to.chat in self.hangs:
            await self.answers.wait()
        return Receipt(known_ref or f"m{len(self.taken)}")

    async def acknowledge(self, message: Incoming) -> None:
        return None

    def texts(self, chat: str | None = None) -> list[str]:
        return [one.text for one in self.taken if chat in (None, one.chat)]


def seconds(clock: FakeClock) -> float:
    return clock().timestamp()


def sender(store: Store, clock: FakeClock, network: Network, overall: Limit = OVERALL) -> Deliver:
    """One process's sender, whose time is the test's. It never waits: it looks again when it is told to."""
    pace = Pace(overall, lambda chat: GROUP if chat.startswith("-") else PRIVATE, lambda: seconds(clock))
    return Deliver(store, office(), {"telegram": network}, OWNERS, clock, Bell(), {"telegram": pace}, patience_s=0,
                   jitter=lambda: 0.5, monotonic=lambda: seconds(clock))  # fmt: skip


def goes_on(loop: Deliver, clock: FakeClock, for_s: float, step_s: float) -> None:
    """Looks every ``step_s``."""

    async def scene() -> None:
        for _ in range(round(for_s / step_s)):
            await loop.once()
            clock.advance(step_s)

    run(scene())


def most_within(times: Iterable[float], span_s: float) -> int:
    """The most that happened within any ``span_s``."""
    ordered = sorted(times)
    return max((sum(start <= at < start + span_s - 1e-6 for at in ordered) for start in ordered), default=0)


def rates(taken: Sequence[Taken]) -> dict[str, int]:
    """The most in any second over all chats, in any 10 s in one private chat, in any minute in one group."""
    chats = {one.chat for one in taken}
    each = {chat: [one.at for one in taken if one.chat == chat] for chat in chats}
    return {
        "second": most_within((one.at for one in taken), 1),
        "private": max((most_within(at, 10) for chat, at in each.items() if not chat.startswith("-")), default=0),
        "group": max((most_within(at, 60) for chat, at in each.items() if chat.startswith("-")), default=0),
    }
