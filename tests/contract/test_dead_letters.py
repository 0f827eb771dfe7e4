"""Dead letters: seen, tried again, let go; their words are gone when the person's are, or when they are too old."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.cli import main
from triagebot.desk import dead_letters, erase
from triagebot.desk.dead_letters import INBOX, OUTBOX
from triagebot.errors import UsageError
from triagebot.flow.converse import MOST_ATTEMPTS
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Inbox, Outbox


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """A message that failed as often as it may (inbox 1), and an answer to another person that cannot be delivered."""
    house = House(store, clock)
    house.arrive("poison", chat="8")
    for _ in range(MOST_ATTEMPTS):
        house.converse()
        clock.advance(minutes=3)
    house.hear("刷脸不过")
    house.store.write_now(outbox.dead, house.rows(Outbox)[0].id, "blocked", clock())
    return house


def numbers(house: House, box: dead_letters.Box) -> list[int]:
    return [letter.id for letter in house.store.read_now(dead_letters.listed, box)]


def test_what_was_given_up_is_seen_with_its_words_and_the_reason(house: House) -> None:
    (failed,) = house.store.read_now(dead_letters.listed, INBOX)
    assert (failed.text, failed.error, failed.attempts, failed.chat) == ("poison", "RuntimeError", MOST_ATTEMPTS, "8")
    (unsent,) = house.store.read_now(dead_letters.listed, OUTBOX)
    assert (unsent.error, unsent.ticket) == ("blocked", 1)
    assert "换个亮处" in unsent.text


def test_tried_again_it_goes_as_if_for_the_first_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.house._BY_WORD", {"poison": None, "刷脸": None})
    monkeypatch.setattr("tests.unit.house.HandBrain.triage", lambda self, text, context=None: _calm(text))
    assert house.store.write_now(dead_letters.retry, INBOX, None) == [1]
    house.converse()
    assert house.rows(Inbox)[0].state == "done"
    assert len(house.told("8")) == 1
    (number,) = numbers(house, OUTBOX)
    assert house.store.write_now(dead_letters.retry, OUTBOX, [number]) == [number]
    house.deliver()
    assert {row.state for row in house.rows(Outbox)} == {"sent"}
    assert numbers(house, OUTBOX) == numbers(house, INBOX) == []


def _calm(text: str) -> object:
    from tests.unit.house import FACE, verdict

    return verdict(FACE, text=text)


def test_what_is_let_go_keeps_the_reason_and_no_words_and_the_ticket_tells(house: House, clock: FakeClock) -> None:
    for box in (INBOX, OUTBOX):
        assert house.store.write_now(dead_letters.drop, house.office, box, None, clock())
        assert numbers(house, box) == []
    gone, unsent = house.rows(Inbox)[0], house.rows(Outbox)[0]
    assert (gone.state, gone.payload, gone.error) == ("dropped", {}, "RuntimeError")
    assert (unsent.state, unsent.payload, unsent.error) == ("dropped", {}, "blocked")
    assert house.types()[-1] == "undelivered_dropped"
    with pytest.raises(UsageError, match="no dead letter 1 in the inbox"):
        house.store.write_now(dead_letters.retry, INBOX, [1])


def test_what_could_not_even_be_read_can_only_be_let_go(house: House, clock: FakeClock) -> None:
    from triagebot.store import inbox

    house.store.write_now(inbox.commit, [], [("99", "KeyError", "update{x}")], clock(), dead_from=("telegram", "1"))
    (_, unreadable) = numbers(house, INBOX)
    with pytest.raises(UsageError, match="cannot be tried again"):
        house.store.write_now(dead_letters.retry, INBOX, [unreadable])
    assert house.store.write_now(dead_letters.retry, INBOX, None) == [1]
    assert house.store.write_now(dead_letters.drop, house.office, INBOX, [unreadable], clock()) == [unreadable]


def test_words_go_with_the_person_and_with_time(house: House, clock: FakeClock) -> None:
    house.store.write_now(erase.erase_user, house.office, "7", clock())
    assert numbers(house, OUTBOX) == []
    keep = timedelta(days=180)
    house.store.write_now(erase.purge, house.office, clock(), keep)
    assert numbers(house, INBOX) == [1]
    clock.advance(days=181)
    house.store.write_now(erase.purge, house.office, clock(), keep)
    assert (house.rows(Inbox)[0].state, house.rows(Inbox)[0].payload) == ("dropped", {})


def command(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_the_commands(
    sqlite_url: str,
    data_dir: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    opened = Store.open(sqlite_url)
    House(opened, clock).hear("刷脸不过")
    opened.write_now(outbox.dead, 1, "blocked", clock())
    opened.close()
    assert command("outbox", "list") == 0
    assert "1 #1  dead ×0  telegram 7  blocked" in capsys.readouterr().out
    assert command("outbox", "list", "--json", "--state", "all") == 0
    assert json.loads(capsys.readouterr().out)[0]["error"] == "blocked"
    assert command("outbox", "retry") == 2
    assert "--all" in capsys.readouterr().err
    assert command("outbox", "retry", "7") == 2
    assert "there is no dead letter 7" in capsys.readouterr().err
    assert command("outbox", "retry", "1") == command("inbox", "drop", "--all") == 0
    assert "再试 1 条" in capsys.readouterr().out
    assert command("inbox", "list") == 0
    assert "0 条" in capsys.readouterr().out
