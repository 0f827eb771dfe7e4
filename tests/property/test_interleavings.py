"""Several messages of a person, their changes and their replays, delivered in any order and heard at any moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import StaticPool, create_engine
from sqlmodel import Session, SQLModel

from tests.conftest import FakeClock
from tests.unit.house import House, incoming
from triagebot.messages import Incoming
from triagebot.store import inbox, passages
from triagebot.store.tables import Event, Inbox

WORDS = ("刷脸不过", "没收到报告", "两样都有", "说不清楚的话", "刷脸老是不过", "刷脸还是不过")


class InOrder:
    """A store in memory that does each call at once: what is tested is the order of calls, not of threads."""

    shared = False

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        SQLModel.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            passages.create(connection)

    def write_now(self, fn, *args, **kwargs):  # type: ignore[no-untyped-def]
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return fn(session, *args, **kwargs)

    read_now = write_now

    async def write(self, fn, *args, **kwargs):  # type: ignore[no-untyped-def]
        return self.write_now(fn, *args, **kwargs)

    read = write


class Interleavings(RuleBasedStateMachine):
    """``sent``: all that the network has, in its own order; ``versions``: the texts of each message, the last one counts."""

    @initialize()
    def nobody_has_written_yet(self) -> None:
        self.store, self.clock = InOrder(), FakeClock()
        self.house = House(self.store, self.clock)  # type: ignore[arg-type]
        self.sent: list[Incoming] = []
        self.delivered: set[int] = set()
        self.versions: dict[str, list[str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "sent"):
            self.deliver_the_rest()
            self.everything_was_heard_once_and_the_last_version_counts()
            self.store.engine.dispose()

    def _send(self, ref: str, words: str, kind: str) -> None:
        position = len(self.sent) + 1
        message = incoming(f"u{position}", words, message_ref=ref)
        at = self.clock() + timedelta(seconds=position)
        self.sent.append(replace(message, at=at, kind=kind, position=position))  # type: ignore[arg-type]

    @precondition(lambda self: len(self.versions) < 4)
    @rule(words=st.sampled_from(WORDS))
    def write(self, words: str) -> None:
        ref = str(100 + len(self.versions))
        self.versions[ref] = [words]
        self._send(ref, words, "text")

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), words=st.sampled_from(WORDS))
    def change(self, data: st.DataObject, words: str) -> None:
        ref = data.draw(st.sampled_from(sorted(self.versions)))
        if self.versions[ref][-1] != words and len(self.versions[ref]) < 4:
            self.versions[ref].append(words)
            self._send(ref, words, "edit")

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def deliver_some_again_or_for_the_first_time(self, data: st.DataObject) -> None:
        numbers = data.draw(st.lists(st.integers(0, len(self.sent) - 1), min_size=1, max_size=4))
        self.store.write_now(inbox.commit, [self.sent[n] for n in numbers], [], self.clock())
        self.delivered |= set(numbers)

    @rule()
    def hear(self) -> None:
        asyncio.run(self.house.loop.once())

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @invariant()
    def no_update_has_two_effects(self) -> None:
        if not hasattr(self, "sent"):
            return
        rows = Counter(row.external_id for row in self.house.rows(Inbox))
        assert all(count == 1 for count in rows.values())
        assert {row.state for row in self.house.rows(Inbox)} <= {"pending", "done"}

    def deliver_the_rest(self) -> None:
        late = [message for n, message in enumerate(self.sent) if n not in self.delivered]
        self.store.write_now(inbox.commit, late, [], self.clock())
        while asyncio.run(self.house.loop.once()):
            self.clock.advance(1)

    def everything_was_heard_once_and_the_last_version_counts(self) -> None:
        rows = self.house.rows(Inbox)
        assert len(rows) == len(self.sent)
        assert {row.state for row in rows} <= {"done"}
        heard: dict[str, list[str]] = {}
        for event in self.house.rows(Event):
            if event.type in ("user_replied", "user_edited"):
                heard.setdefault(event.data["message"], []).append(event.data["text"])
        assert {ref: words[-1] for ref, words in heard.items()} == {
            ref: words[-1] for ref, words in self.versions.items()
        }
        for ref, words in heard.items():
            assert is_part_of(words, self.versions[ref]), (words, self.versions[ref])


def is_part_of(some: list[str], all_: list[str]) -> bool:
    """In the same order, perhaps with gaps."""
    rest = iter(all_)
    return all(word in rest for word in some)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
