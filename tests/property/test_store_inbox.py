"""The inbox against a model of it, and messages that come out of the database as they went in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import StaticPool, create_engine
from sqlmodel import Session, SQLModel

from triagebot.messages import Address, Button, Incoming, Outgoing, Seen
from triagebot.store import codec, inbox

OWNERS = (("telegram", "1"),)


@dataclass
class Message:
    id: str
    chat: str
    not_before: datetime | None = None
    attempts: int = 0


class InboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        SQLModel.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.pending: list[Message] = []
        self.known: set[str] = set()

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()

    @rule(batch=st.lists(st.tuples(st.integers(0, 60), st.sampled_from("789")), max_size=6))
    def arrives(self, batch: list[tuple[int, str]]) -> None:
        messages = [Incoming(Address("telegram", "1", chat), str(n), chat, self.now) for n, chat in batch]
        new = inbox.commit(self.session, messages, [], self.now)
        before = len(self.known)
        for message in messages:
            if message.external_id not in self.known:
                self.known.add(message.external_id)
                self.pending.append(Message(message.external_id, message.address.chat))
        assert new == len(self.known) - before

    @rule(limit=st.integers(1, 3), data=st.data())
    def is_worked_on(self, limit: int, data: st.DataObject) -> None:
        """Each message that was handed out is handled, tried again later, or given up."""
        for work in inbox.claim(self.session, OWNERS, self.now, limit):
            message = next(m for m in self.pending if m.id == work.message.external_id)
            outcome = data.draw(st.sampled_from(["done", "again", "dead", "left"]))
            if outcome == "done":
                inbox.done(self.session, [work.id], self.now)
                self.pending.remove(message)
            elif outcome == "dead":
                inbox.fail(self.session, work.id, "ValueError", self.now, None)
                self.pending.remove(message)
            elif outcome == "again":
                message.not_before = self.now + timedelta(seconds=data.draw(st.integers(0, 9)))
                message.attempts += 1
                inbox.fail(self.session, work.id, "ValueError", self.now, message.not_before)

    @rule(wait=st.integers(0, 9))
    def time_passes(self, wait: int) -> None:
        self.now += timedelta(seconds=wait)

    def handed_out(self, limit: int) -> list[tuple[str, str, int]]:
        chats: dict[str, list[Message]] = {}
        for message in self.pending:
            chats.setdefault(message.chat, []).append(message)
        found: list[tuple[str, str, int]] = []
        ready = [messages for messages in chats.values() if self.may_go(messages[0])]
        for messages in ready[:limit]:
            for message in messages[: inbox.MOST_PER_CHAT]:
                if not self.may_go(message):
                    break
                found.append((message.id, message.chat, message.attempts))
        return found

    def may_go(self, message: Message) -> bool:
        return message.not_before is None or message.not_before <= self.now

    @invariant()
    def what_is_handed_out_is_what_the_model_says(self) -> None:
        for limit in (1, 2, 9):
            works = inbox.claim(self.session, OWNERS, self.now, limit)
            found = [(w.message.external_id, w.message.address.chat, w.attempts) for w in works]
            assert found == self.handed_out(limit)


TestInbox = InboxMachine.TestCase
TestInbox.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
moments = st.datetimes(timezones=st.timezones() | st.just(UTC))


def every_field_of(message: type[Any], **own: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Strings as databases take them; a field that is added later is drawn, too, and has to come through."""
    strings = {field.name: words for field in fields(message) if field.type == "str"}
    others = {field.name: ... for field in fields(message) if field.type != "str"}
    return st.builds(message, **{**others, **strings, **own})


@given(
    every_field_of(
        Incoming,
        address=st.builds(Address, words, words, words),
        at=moments,
        hidden=st.lists(words).map(tuple),
        seen=st.none() | every_field_of(Seen, measures=st.lists(st.tuples(words, st.floats(-9, 9))).map(tuple)),
    )
)
def test_every_field_of_an_incoming_message_comes_through(message: Incoming) -> None:
    back = codec.incoming_from_json(message.address, message.external_id, codec.incoming_to_json(message))
    # The instant is what counts: in the hour that DST repeats, Python calls equal instants of two zones unequal.
    assert replace(back, at=back.at.astimezone(UTC)) == replace(message, at=message.at.astimezone(UTC))


@given(
    every_field_of(
        Outgoing,
        buttons=st.lists(st.lists(st.builds(Button, words, words)).map(tuple)).map(tuple),
        ticket=st.none() | st.integers(1, 2**62),
        verdict=st.none() | st.dictionaries(words, words, min_size=1),
        attachment=st.none(),  # made when it is sent, from the order, and never kept (docs/decisions/0006)
    )
)
def test_every_field_of_an_outgoing_message_comes_through(message: Outgoing) -> None:
    assert codec.outgoing_from_json(codec.outgoing_to_json(message)) == message


@given(st.text(st.characters(codec=None)))
def test_what_is_kept_can_be_stored_and_is_kept_as_it_is(text: str) -> None:
    kept = codec.storable(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert codec.storable(kept) == kept
