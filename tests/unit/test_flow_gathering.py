"""What waits for a group with topics: of names and cards the last one counts, words are folded only where there is no room."""

from __future__ import annotations

import pytest

from triagebot.flow.gathering import together
from triagebot.messages import Address, Outgoing
from triagebot.store.outbox import Parcel

ROOM = Address("telegram", "", "-1001234567890")
_ROOMY, _FULL = 99, 0


def parcels(*messages: Outgoing) -> list[Parcel]:
    return [Parcel(n, ROOM, message, 0, "", None, 2) for n, message in enumerate(messages, start=1)]


def name(title: str, ticket: int = 1, forum: str = "open") -> Outgoing:
    return Outgoing(title, card=f"topic:{ticket}", forum=forum)  # type: ignore[arg-type]


def card(text: str, ticket: int = 1) -> Outgoing:
    return Outgoing(text, card=f"ticket:{ticket}", topic=f"topic:{ticket}")


def words(text: str, ticket: int = 1) -> Outgoing:
    return Outgoing(text, topic=f"topic:{ticket}")


@pytest.mark.parametrize("room", [_ROOMY, _FULL])
def test_of_several_names_and_cards_only_the_last_is_sent(room: int) -> None:
    head, *behind = parcels(name("a"), card("x"), name("b", 2), name("c", forum="close"), card("y"))
    message, numbers = together(head, behind, room)
    assert (message.text, message.forum, numbers) == ("c", "close", [1, 4])
    head, *behind = parcels(card("x"), words("hi"), card("y"), card("z", 2))
    message, numbers = together(head, behind, room)
    assert (message.text, numbers) == ("y", [1, 3])


def test_words_are_said_one_by_one_while_there_is_room() -> None:
    head, *behind = parcels(words("one"), words("two"))
    assert together(head, behind, _ROOMY) == (words("one"), [1])


def test_words_of_one_topic_are_said_together_when_the_group_is_behind() -> None:
    head, *behind = parcels(words("one"), words("other", 2), card("x"), words("two"), name("n"), words("three"))
    message, numbers = together(head, behind, _FULL)
    assert (message.text, message.topic, numbers) == ("one\ntwo\nthree", "topic:1", [1, 4, 6])


def test_what_does_not_fit_into_a_message_waits_for_the_next() -> None:
    head, *behind = parcels(words("a" * 2000), words("b" * 1500), words("c" * 1500), words("d"))
    message, numbers = together(head, behind, _FULL)
    assert (len(message.text), numbers) == (3501, [1, 2])
