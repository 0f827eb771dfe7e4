"""People who write while things go wrong, and what became of their words afterwards."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, func, select

from tests.acceptance.fake_telegram import FakeTelegram
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Inbox, Outbox, Ticket

WORDS = (
    "收不到验证码",
    "还是收不到验证码",
    "验证码一直收不到",
    "短信验证码还没有来",
    "等了很久，验证码没有到",
    "重新发了一次，还是没有验证码",
    "验证码收不到，信号是满的",
    "换了个地方，验证码也收不到",
    "短信箱里没有验证码",
    "到现在也没收到验证码",
)
"""One problem in ten ways, so that each person has one ticket, and each word can be told from the others."""


@dataclass
class People:
    """Each says ``WORDS`` one after the other, as often as they are asked to. ``said``: all words of each, in order."""

    telegram: FakeTelegram
    count: int
    first: int = 7001
    said: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._next: Iterator[int] = itertools.cycle(range(self.first, self.first + self.count))

    @property
    def messages(self) -> int:
        return sum(map(len, self.said.values()))

    def say(self, messages: int) -> None:
        """So many messages, from one person after the other."""
        for _ in range(messages):
            self.one_says(next(self._next))

    def one_says(self, person: int, words: str = "") -> None:
        """``words``, or the next of ``WORDS``."""
        words = words or WORDS[len(self.said[person]) % len(WORDS)]
        self.said[person].append(words)
        self.telegram.says(person, words)


@dataclass(frozen=True)
class Outcome:
    """``lost``: words that are nowhere; ``doubled``: words, or tickets, that are there more often than they should be;
    ``disordered``: people whose words stand in another order than they were said in; ``unanswered``: people who heard nothing;
    ``repeated``: answers that were said again, which may be ("at least once")."""

    lost: int
    doubled: int
    disordered: int
    unanswered: int
    repeated: int

    @property
    def clean(self) -> bool:
        return (self.lost, self.doubled, self.disordered, self.unanswered) == (0, 0, 0, 0)

    def figures(self, messages: int) -> dict[str, int]:
        return {"messages": messages, "lost": self.lost, "doubled": self.doubled, "out of order": self.disordered,
                "unanswered": self.unanswered, "said again": self.repeated}  # fmt: skip


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The service's database, beside it."""
    store = Store.open(url)
    try:
        yield store
    finally:
        store.close()


def handled(people: People, store: Store) -> int:
    """How many of their messages."""
    theirs = col(Inbox.chat).in_([str(person) for person in people.said])
    return store.read_now(lambda s: s.exec(select(func.count()).where(Inbox.state == "done", theirs)).one())


def waiting(store: Store) -> int:
    """What is still to be handled or to be said."""
    return store.read_now(
        lambda s: (
            s.exec(select(func.count()).where(Inbox.state == "pending")).one()
            + s.exec(select(func.count()).where(Outbox.state == "pending")).one()
        )
    )


def wait_until_all_is_done(people: People, store: Store, timeout: float = 90.0) -> None:
    people.telegram.wait(
        lambda: handled(people, store) >= people.messages and waiting(store) == 0, "all to be handled and said", timeout
    )


def outcome(people: People, store: Store) -> Outcome:
    heard, tickets, told = store.read_now(_seen)
    lost = doubled = disordered = 0
    for person, words in people.said.items():
        found = heard.get(str(person), [])
        lost += sum((Counter(words) - Counter(found)).values())
        doubled += sum((Counter(found) - Counter(words)).values()) + max(0, tickets.get(str(person), 0) - 1)
        disordered += found != words and Counter(found) == Counter(words)
    sent = Counter(m.chat for m in people.telegram.sent)
    return Outcome(
        lost, doubled, disordered,
        unanswered=sum(not sent[person] for person in people.said),
        repeated=sum(max(0, sent[person] - told.get(str(person), 0)) for person in people.said),
    )  # fmt: skip


def _seen(session: Session) -> tuple[dict[str, list[str]], dict[str, int], dict[str, int]]:
    """By person: what they said according to the event log, how many tickets they have, how many answers were sent."""
    heard: dict[str, list[str]] = defaultdict(list)
    of = {c.id: c.chat for c in session.exec(select(Conversation))}
    tickets: dict[int | None, str] = {t.id: of[t.conversation_id] for t in session.exec(select(Ticket))}
    said: Any = select(Event.ticket_id, Event.data).where(Event.type == "user_replied").order_by(col(Event.id))
    for number, data in session.exec(said):
        heard[tickets[number]].append(data["text"])
    told = Counter(session.exec(select(Outbox.chat).where(Outbox.state == "sent")))
    return heard, Counter(tickets.values()), told
