"""Several people's turns written at once: as quick as one, as safe as each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from tests.unit.house import House
from triagebot.dialogue import turn
from triagebot.dialogue.state import Step, View
from triagebot.messages import Incoming
from triagebot.store.tables import Conversation, Inbox, Outbox

CHATS = ("7", "8", "9")


def count_writes(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is written from now on."""
    write, names = house.store.write, []

    async def counted(fn: Any, *args: Any, **more: Any) -> Any:
        names.append(fn.__name__)
        return await write(fn, *args, **more)

    monkeypatch.setattr(house.store, "write", counted)
    return names


def test_people_who_write_at_the_same_time_share_one_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for chat in CHATS:
        house.arrive("刷脸不过", chat=chat)
    names = count_writes(house, monkeypatch)
    assert house.converse() == 3
    assert names == [*(["_take"] if house.store.shared else []), "_write_all"]
    for number, chat in enumerate(CHATS, start=1):
        assert len(house.told(chat)) == 1
        assert house.types(number) == ["opened", "user_replied", "answered", "bot_replied"]
        assert house.conversation(chat).ticket_id == number
    assert {row.state for row in house.rows(Inbox)} == {"done"}


def test_what_one_person_said_next_waits_for_the_first(house: House) -> None:
    for chat, words in [("7", "没收到报告"), ("8", "刷脸不过"), ("7", "解决了")]:
        house.arrive(words, chat=chat)
    assert house.converse() == 3
    assert [house.ticket(n).status for n in (1, 2)] == ["resolved", "bot"]
    assert [len(house.told(chat)) for chat in ("7", "8")] == [2, 1]


def test_a_turn_that_cannot_be_written_fails_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of the shared transaction, after it has written half of its rows."""
    log = turn._log_what_was_heard

    def broken(now_at: turn._Turn, heard: Sequence[Incoming]) -> None:
        log(now_at, heard)
        if heard[-1].address.chat == "8":
            raise RuntimeError("a bug in the dialogue")

    monkeypatch.setattr(turn, "_log_what_was_heard", broken)
    for chat in CHATS:
        house.arrive("刷脸不过", chat=chat)
    house.converse()
    assert [(r.chat, r.state, r.attempts) for r in house.rows(Inbox)] == [
        ("7", "done", 0),
        ("8", "pending", 1),
        ("9", "done", 0),
    ]
    assert [len(house.told(chat)) for chat in CHATS] == [1, 0, 1]
    assert sorted(c.chat for c in house.rows(Conversation)) == ["7", "9"]


def test_a_conversation_that_went_on_meanwhile_is_decided_again_by_itself(house: House) -> None:
    """Ticket 1 is taken away by an agent after the dialogue looked at both and before it writes."""
    house.agent("li")
    house.hear("刷脸不过")
    house.press("human:1")
    decide, taken = house.loop.decide, []

    def decided_too_late(view: View, heard: Sequence[Incoming], now: datetime) -> Step:
        done = decide(view, heard, now)
        if not taken:
            taken.append(house.verb("li", "take 1"))
        return done

    house.loop.decide = decided_too_late  # type: ignore[method-assign]
    house.arrive("手机换过了")
    house.arrive("没收到报告", chat="8")
    house.converse()
    assert house.types(1).count("user_replied") == 2
    assert house.types(1).index("taken") < len(house.types(1)) - 1
    assert len(house.told("8")) == 1
    assert {row.state for row in house.rows(Inbox)} == {"done"}


def test_a_turn_reads_what_it_wrote_itself(house: House) -> None:
    """The card shows the words that are only on their way into the log."""
    house.agent("li")
    house.hear("刷脸不过")
    house.press("human:1")
    house.hear("光线也很好")
    assert "光线也很好" in next(r for r in reversed(house.rows(Outbox)) if r.card).payload["text"]
