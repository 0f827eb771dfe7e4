"""Claims of several processes on the inbox, against a model of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import StaticPool, create_engine
from sqlmodel import Session, SQLModel, select

from triagebot.errors import ClaimLost
from triagebot.messages import Address, Incoming
from triagebot.store import inbox
from triagebot.store.inbox import Claim
from triagebot.store.tables import Inbox

OWNERS = (("telegram", "1"),)
TTL, LONG_AGO = timedelta(seconds=5), datetime(1970, 1, 1, tzinfo=UTC)
processes = st.sampled_from("abc")


@dataclass
class Message:
    """``holder``: who took it up last; ``until``: for how long nobody else may."""

    number: int
    chat: str
    holder: str = ""
    until: datetime = LONG_AGO


class ClaimsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        SQLModel.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.pending: dict[int, Message] = {}
        self.handled: list[int] = []

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()

    @rule(chats=st.lists(st.sampled_from("789"), min_size=1, max_size=4))
    def arrive(self, chats: list[str]) -> None:
        for chat in chats:
            number = len(self.pending) + len(self.handled) + 1
            message = Incoming(Address("telegram", "1", chat), str(number), chat, self.now)
            assert inbox.commit(self.session, [message], [], self.now) == 1
            self.pending[number] = Message(number, chat)

    @rule(holder=processes, limit=st.integers(1, 3))
    def take(self, holder: str, limit: int) -> None:
        expected = self.free(holder, limit)
        free = inbox.any_free(self.session, OWNERS, self.now, holder, self.now)
        works = inbox.take(self.session, OWNERS, self.now, limit, Claim(holder, self.now, self.now + TTL))
        assert [int(work.message.external_id) for work in works] == [message.number for message in expected]
        assert free == bool(expected)
        for message in expected:
            message.holder, message.until = holder, self.now + TTL

    def free(self, holder: str, limit: int) -> list[Message]:
        chats: dict[str, list[Message]] = {}
        for message in self.pending.values():
            chats.setdefault(message.chat, []).append(message)
        mine = [messages for messages in chats.values() if not any(self.elses(m, holder) for m in messages)]
        return [message for messages in mine[:limit] for message in messages[: inbox.MOST_PER_CHAT]]

    def elses(self, message: Message, holder: str) -> bool:
        return message.holder not in ("", holder) and message.until > self.now

    @rule(holder=processes, data=st.data())
    def finish(self, holder: str, data: st.DataObject) -> None:
        """Whoever believes to have something says that it is handled; only who has it all is believed."""
        known = [*self.pending, *self.handled]
        chosen = data.draw(st.lists(st.sampled_from(known), unique=True, max_size=3)) if known else []
        ours = all(n in self.pending and self.pending[n].holder == holder for n in chosen)
        try:
            with self.session.begin_nested():
                inbox.done(self.session, chosen, self.now, holder)
        except ClaimLost:
            assert not ours
        else:
            assert ours
            for number in chosen:
                del self.pending[number]
                self.handled.append(number)

    @rule(holder=processes, data=st.data())
    def fail(self, holder: str, data: st.DataObject) -> None:
        if not self.pending:
            return
        message = self.pending[data.draw(st.sampled_from(sorted(self.pending)))]
        with suppress(ClaimLost):
            inbox.fail(self.session, message.number, "ValueError", self.now, self.now, holder)
            assert message.holder == holder
            message.holder = ""

    @rule(holder=processes)
    def stop(self, holder: str) -> None:
        inbox.let_go_all(self.session, holder)
        for message in self.pending.values():
            if message.holder == holder:
                message.holder = ""

    @rule(wait=st.integers(1, 6))
    def time_passes(self, wait: int) -> None:
        self.now += timedelta(seconds=wait)

    @invariant()
    def nothing_is_lost(self) -> None:
        states = self.session.exec(select(Inbox.id, Inbox.state).order_by(Inbox.id)).all()
        assert {number for number, state in states if state == "pending"} == set(self.pending)
        assert {number for number, state in states if state == "done"} == set(self.handled)

    @invariant()
    def a_conversation_is_with_one_process(self) -> None:
        for chat in "789":
            at_work = {m.holder for m in self.pending.values() if m.chat == chat and m.holder and m.until > self.now}
            assert len(at_work) <= 1


TestClaims = ClaimsMachine.TestCase
TestClaims.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
