"""The outbox against a model of it: whatever happens, each chat hears its messages in order, the urgent chats first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import StaticPool, create_engine
from sqlmodel import Session, SQLModel

from tests.storing import put
from triagebot.messages import Address, Outgoing, Receipt
from triagebot.store import outbox

BOTS = (("telegram", "1"), ("telegram", ""), ("wechat", "1"))
addresses = st.builds(lambda bot, chat: Address(*bot, chat), st.sampled_from(BOTS), st.sampled_from("789"))
seconds = st.integers(0, 30)


@dataclass
class Message:
    id: int
    to: Address
    text: str
    priority: int
    card: str
    not_before: datetime | None
    attempts: int = 0


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        SQLModel.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.pending: list[Message] = []
        self.keys: set[str] = set()
        self.cards: dict[tuple[Address, str], str] = {}
        self.put_count = 0

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()

    def heads(self, owners: tuple[tuple[str, str], ...] = BOTS) -> list[Message]:
        oldest: dict[Address, Message] = {}
        for message in self.pending:
            if (message.to.channel, message.to.bot) in owners:
                oldest.setdefault(message.to, message)
        ready = [m for m in oldest.values() if m.not_before is None or m.not_before <= self.now]
        return sorted(ready, key=lambda m: (m.priority, m.id))

    @rule(to=addresses, priority=st.integers(0, 3), wait=st.none() | seconds, card=st.sampled_from(["", "", "ticket:1"]),
          key=st.none() | st.sampled_from("abc"))  # fmt: skip
    def put(self, to: Address, priority: int, wait: int | None, card: str, key: str | None) -> None:
        self.put_count += 1
        not_before = None if wait is None else self.now + timedelta(seconds=wait)
        message = Outgoing(f"message {self.put_count}", card=card)
        number = put(self.session, to, message, now=self.now, priority=priority, key=key, not_before=not_before)
        assert (number is None) == (key in self.keys)
        if number is not None:
            self.keys |= {key} if key else set()
            self.pending.append(Message(number, to, message.text, priority, card, not_before))

    def one_of_the_heads(self, data: st.DataObject) -> Message:
        return data.draw(st.sampled_from(self.heads()))

    @precondition(lambda self: self.heads())
    @rule(data=st.data())
    def is_sent(self, data: st.DataObject) -> None:
        message = self.one_of_the_heads(data)
        outbox.sent(self.session, {message.id: Receipt(f"ref {message.id}")}, self.now)
        self.pending.remove(message)
        if message.card:
            self.cards[message.to, message.card] = f"ref {message.id}"

    @precondition(lambda self: self.heads())
    @rule(data=st.data(), wait=seconds)
    def is_to_be_tried_again(self, data: st.DataObject, wait: int) -> None:
        message = self.one_of_the_heads(data)
        message.not_before = self.now + timedelta(seconds=wait)
        message.attempts += 1
        outbox.retry(self.session, message.id, "429", message.not_before)

    @precondition(lambda self: self.heads())
    @rule(data=st.data())
    def is_given_up(self, data: st.DataObject) -> None:
        message = self.one_of_the_heads(data)
        outbox.dead(self.session, message.id, "blocked", self.now)
        self.pending.remove(message)

    @rule(bot=st.sampled_from(BOTS), wait=seconds)
    def the_network_wants_silence(self, bot: tuple[str, str], wait: int) -> None:
        until = self.now + timedelta(seconds=wait)
        outbox.hold_all(self.session, *bot, until)
        chats = {m.to for m in self.pending if (m.to.channel, m.to.bot) == bot}
        for chat in chats:
            head = next(m for m in self.pending if m.to == chat)
            if head.not_before is None or head.not_before < until:
                head.not_before = until

    @rule(wait=seconds)
    def time_passes(self, wait: int) -> None:
        self.now += timedelta(seconds=wait)

    @invariant()
    def what_may_be_sent_is_what_the_model_says(self) -> None:
        for owners, limit in ((BOTS, 100), (BOTS, 2), (BOTS[:1], 100)):
            found = outbox.heads(self.session, owners, self.now, limit)
            assert [(p.id, p.to, p.message.text, p.priority, p.attempts, p.known_ref) for p in found] == [
                (m.id, m.to, m.text, m.priority, m.attempts, self.cards.get((m.to, m.card), ""))
                for m in self.heads(owners)[:limit]
            ]


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
