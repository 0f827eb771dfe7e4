"""People in the middle of a conversation, an agent, and somebody in danger, who go on while others flood the bot."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.acceptance.fake_telegram import Sent
from tests.acceptance.faults.people import People

_LOOK_S = 0.02
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Others:
    """Each has a problem, and asks how it stands ``pause_s`` after each answer; ``waited``: seconds, of each answer.

    The first of them asks for a person. ``agent`` takes that ticket and writes to them all the time; ``replied``: seconds until
    they read it. ``people`` holds what everybody said."""

    people: People
    count: int = 20
    first: int = 5001
    agent: int = 8001
    pause_s: float = 2.0
    waited: list[float] = field(default_factory=list)
    replied: list[float] = field(default_factory=list)
    _said_at: dict[int, float] = field(default_factory=dict)
    _again_at: dict[int, float] = field(default_factory=dict)
    _replying: tuple[str, float] | None = None
    _seen: int = 0

    def begin(self) -> None:
        """Everybody is known, and has had an answer; the agent has the ticket."""
        telegram = self.people.telegram
        telegram.says(self.first, "转人工")
        telegram.wait_text(self.first, "工单号 #1")
        telegram.says(self.agent, "/take 1")
        telegram.wait(
            lambda: any("接手" in text or "#1" in text for text in telegram.texts(self.agent)), "a taken ticket"
        )
        for person in self._talking():
            self.people.one_says(person)
        telegram.wait(lambda: all(telegram.count(person) for person in self._talking()), "first answers", 60)
        self._seen = len(telegram.sent)
        now = time.monotonic()
        self._again_at = {person: now + n * self.pause_s / self.count for n, person in enumerate(self._talking())}
        self._again_at[self.agent] = now

    def go_on_until(
        self, over: Callable[[], bool], timeout_s: float, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        """Until ``over`` and everybody has had their last answer. ``meanwhile`` is called all the time."""
        end = time.monotonic() + timeout_s
        while True:
            meanwhile()
            done = over()
            self._hear()
            if done and not self._said_at and self._replying is None:
                return
            assert time.monotonic() < end, f"waited {timeout_s} s; still without an answer: {sorted(self._said_at)}"
            if not done:
                self._speak()
            time.sleep(_LOOK_S)

    def figures(self) -> dict[str, int]:
        return {"others": self.count, "answers": len(self.waited), "p50_ms": round(median(self.waited) * 1000),
                "p99_ms": round(self.p99_s * 1000), "agent_to_person_p99_ms": round(p99(self.replied) * 1000)}  # fmt: skip

    @property
    def p99_s(self) -> float:
        return p99(self.waited)

    def _talking(self) -> range:
        return range(self.first + 1, self.first + self.count)

    def _hear(self) -> None:
        sent = self.people.telegram.sent
        for message in sent[self._seen : (upto := len(sent))]:
            self._heard(message)
        self._seen = upto

    def _heard(self, message: Sent) -> None:
        said_at = self._said_at.pop(message.chat, None)
        if said_at is not None:
            self.waited.append(message.at - said_at)
            self._again_at[message.chat] = message.at + self.pause_s
        if self._replying is not None and message.chat == self.first and self._replying[0] in message.text:
            self.replied.append(message.at - self._replying[1])
            self._replying = None
            self._again_at[self.agent] = message.at + self.pause_s

    def _speak(self) -> None:
        now = time.monotonic()
        for person in [person for person, at in self._again_at.items() if at <= now]:
            del self._again_at[person]
            if person == self.agent:
                self._replying = (f"第 {len(self.replied) + 1} 次回复", now)
                self.people.telegram.says(self.agent, f"/reply 1 {self._replying[0]}")
            else:
                self._said_at[person] = now
                self.people.telegram.says(person, "/status")


def p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[-1] if len(seconds) > 1 else max(seconds)


def rss_mb(process: int) -> int:
    """Resident memory of ``process``, in megabytes."""
    with open(f"/proc/{process}/statm") as statm:
        return round(int(statm.read().split()[1]) * _PAGE_MB)
