"""Searching what was said at tickets: what is found, by whom, and what no longer is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House, office
from triagebot.desk import erase
from triagebot.desk.finding import indexing
from triagebot.desk.finding.find import parse
from triagebot.desk.finding.search import Results, search
from triagebot.desk.finding.snippets import marked
from triagebot.desk.team import agents
from triagebot.desk.verbs import perform
from triagebot.errors import DeskError
from triagebot.store import matching
from triagebot.store.passages import PASSAGE
from triagebot.store.statements import run, table_of
from triagebot.store.store import Store
from triagebot.store.tables import Event, Ticket


def results(house: House, words: str, who: str = "boss", most: int = 20) -> Results:
    def look(session: Session) -> Results:
        agent = agents.by_name(session, who, house.clock())
        return search(session, house.office, agent, parse(words, house.office, "zh"), house.clock(), most)

    return house.store.read_now(look)


def found(house: House, words: str, who: str = "boss") -> list[int]:
    """Numbers of tickets, newest first."""
    return [one.number for one in results(house, words, who).found]


def differences(house: House) -> list[str]:
    return house.store.read_now(lambda s: list(indexing.differences(s)))


def change(house: House, number: int, **values: object) -> None:
    ticket = table_of(Ticket)
    house.store.write_now(lambda s: run(s, update(ticket).where(ticket.c.id == number).values(**values)).rowcount)


@pytest.fixture
def busy(queued: House, clock: FakeClock) -> House:
    """Ticket 1 is with customer service; 2 is a scam of 王女士 (security); 3 a dispute (hotline); 4 is still with the bot."""
    queued.hear("被骗了，转账了两次", "8", user_name="王女士")
    queued.hear("有个异议：Credit Card 4003 不是我的", "9")
    queued.hear("刷脸 总是失败 眼镜", "10")
    return queued


WORDS: tuple[tuple[str, list[int]], ...] = (
    ("刷脸", [4, 1]),
    ("刷臉", [4, 1]),
    ("刷脸 失败", [4]),
    ("刷脸 -眼镜", [1]),
    ("刷脸总是", [4]),
    ("总是刷脸", []),
    ('"刷脸 总是"', [4]),
    ("镜", [4]),
    ("了", [2]),
    ("脸 眼", [4]),
    ("credit", [3]),
    ("cred", []),
    ('"credit card"', [3]),
    ('"card credit"', []),
    ("4003", [3]),
    ("王女士", [2]),
    ("量子", []),
    ("'); DROP TABLE passage; --", []),
    ("or near(", []),
)


@pytest.fixture
def by_every_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if there were few matches; many, at few tickets; many everywhere."""

    def ways() -> Iterator[None]:
        for few, many in ((2000, 10_000), (0, 10_000), (0, 0)):
            monkeypatch.setattr(matching, "_FEW", few)
            monkeypatch.setattr(matching, "_MANY", many)
            yield

    return ways()


def test_words_are_found_in_every_message(busy: House, by_every_way: Iterator[None]) -> None:
    for _ in by_every_way:
        assert [(words, found(busy, words)) for words, _ in WORDS] == list(WORDS)


SAYINGS: dict[str, Callable[[House, str], object]] = {
    "a person": lambda house, words: house.hear(words),
    "a changed message": lambda house, words: house.hear(words, kind="edit"),
    "agent, to the person": lambda house, words: house.verb("li", f"reply 1 {words}"),
    "agent, to colleagues": lambda house, words: house.verb("li", f"note 1 {words}"),
    "agent, at the end": lambda house, words: house.verb("li", f"resolve 1 {words}"),
}


def test_whoever_said_it_at_once(busy: House) -> None:
    for number, (who, says) in enumerate(SAYINGS.items()):
        assert found(busy, f"独角兽{number}") == []
        says(busy, f"独角兽{number}")
        (one,) = results(busy, f"独角兽{number}").found
        assert (one.number, marked(one.snippet)) == (1, f"【独角兽{number}】")
        assert (one.by, one.agent_name) == (("agent", "li") if who.startswith("agent") else ("user", ""))
    assert differences(busy) == []


def test_an_answer_to_a_question_is_found(house: House) -> None:
    house.agent("boss", role="supervisor")
    house.hear("有个异议")
    house.hear("独角兽那一条")
    assert found(house, "独角兽") == [1]


def test_each_ticket_once_with_its_newest_words(busy: House, clock: FakeClock, by_every_way: Iterator[None]) -> None:
    for n in range(30):
        clock.advance(minutes=1)
        busy.verb("li", f"note 1 独角兽 {n}")
    busy.verb("boss", "note 2 独角兽")
    for _ in by_every_way:
        for words, most in (("独角兽", 2), ("独角兽 status:waiting", 2)):
            shown = [(one.number, marked(one.snippet)) for one in results(busy, words, most=most).found]
            assert shown == [(2, "【独角兽】"), (1, "【独角兽】 29")]


def test_no_more_than_was_asked_for(busy: House) -> None:
    few = results(busy, "刷脸", most=1)
    assert [one.number for one in few.found] == [4]
    assert few.more
    assert not results(busy, "刷脸", most=2).more


FILTERS: tuple[tuple[str, list[int]], ...] = (
    ("status:open", [4, 3, 2, 1]),
    ("status:bot", [4]),
    ("-status:bot", [3, 2, 1]),
    ("status:waiting queue:hotline,security", [3, 2]),
    ("priority:P1", [2]),
    ("assignee:none status:waiting", [3, 2]),
    ("assignee:li", [1]),
    ("assignee:me", []),
    ("-assignee:li status:waiting", [3, 2]),
    ("category:verification", [4, 1]),
    ("platform:unknown", [4, 3, 2, 1]),
    ("lang:en", []),
    ("rating:<3", [4]),
    ("rating:none", [3, 2, 1]),
    ("-rating:<3", [3, 2, 1]),
    ("tag:急", [1]),
    ("tag:急件", []),
    ("incident:none", [4, 3, 2, 1]),
    ("incident:7", []),
    ("due:<1h", [2]),
    ("due:>1h", [3, 1]),
    ("due:none", [4]),
    ("due:late", []),
    ("created:<1h", [4, 3, 2, 1]),
    ("created:>1h", []),
    ("user:8", [2]),
    ("user:女士", [2]),
    ("user:%", []),
    ("#3", [3]),
    ("#3 刷脸", []),
    ("刷脸 status:waiting", [1]),
    ("刷脸 tag:急 assignee:li", [1]),
    ("刷脸 created:>1h", []),
)


def test_filters_say_of_which_tickets(busy: House, by_every_way: Iterator[None]) -> None:
    busy.verb("li", "take 1")
    change(busy, 1, tags="vip,急")
    change(busy, 4, rating=2)
    for _ in by_every_way:
        assert [(words, found(busy, words)) for words, _ in FILTERS] == list(FILTERS)


def test_an_agent_finds_their_own_queues_and_what_no_queue_has(busy: House) -> None:
    busy.hear("这是别人的刷脸，被骗的", "11")
    assert busy.ticket(5).queue == "security"
    for words in ("刷脸", "status:open", "刷脸 status:open", "刷脸 created:<1w"):
        assert 5 in found(busy, words)
        assert set(found(busy, words, "li")) == {1, 4}


def test_what_cannot_be_looked_for_is_told(busy: House) -> None:
    for words, told in (
        ("", "想找什么"),
        ("👍", "想找什么"),
        ("-刷脸", "再写一个要找的词"),
        ("assignee:nobody", "没有叫「nobody」的坐席"),
        ("staus:open", "是不是 status:"),
    ):
        with pytest.raises(DeskError, match=told):
            found(busy, words)


def test_what_agents_read_in_chat(busy: House) -> None:
    told = busy.verb("boss", "search 转账")
    assert told.startswith("🔴 #2 P1 标题 security.scam · 待接手 ⏱ 首次回复 今天 10:15\n")
    assert told.endswith("今天 10:00 王女士：被骗了，【转账】了两次")
    assert busy.verb("boss", "search 量子") == "没有找到。少写一个词，或去掉一个条件再试试。"
    with pytest.raises(DeskError, match="/search WORDS"):
        busy.verb("boss", "search")


def test_of_the_erased_nothing_is_found(busy: House, clock: FakeClock) -> None:
    busy.verb("boss", "note 2 独角兽")
    busy.store.write_now(erase.erase_user, busy.office, "8", clock())
    for words in ("独角兽", "被骗", "王女士", "士"):
        assert found(busy, words) == []
    assert found(busy, "刷脸") == [4, 1]
    assert differences(busy) == []


def test_what_is_past_retention_is_not_found(busy: House, clock: FakeClock) -> None:
    busy.verb("li", "resolve 1 独角兽")
    clock.advance(days=200)
    assert busy.store.write_now(erase.purge, office(), clock(), timedelta(days=180)) > 0
    assert found(busy, "独角兽") == []
    assert differences(busy) == []


def test_an_index_that_differs_is_told_and_made_anew(busy: House) -> None:
    event = table_of(Event)
    first = busy.store.read_now(lambda s: s.connection().execute(PASSAGE.select().order_by(PASSAGE.c.id)).first())
    assert first is not None
    busy.store.write_now(lambda s: run(s, delete(PASSAGE).where(PASSAGE.c.id == first.id)).rowcount)
    busy.store.write_now(lambda s: run(s, update(event).where(event.c.ticket_id == 3).values(data={})).rowcount)
    told = differences(busy)
    assert told[0] == f"search: event {first.id} cannot be found by search; run: triagebot db reindex"
    assert all("is still found by search" in line for line in told[1:])
    assert len(told) > 1
    assert busy.store.write_now(indexing.reindex, 0) is None
    assert differences(busy) == []
    assert found(busy, "刷脸") == [4, 1]


def test_making_it_anew_goes_batch_by_batch(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BATCH", 2)
    busy.store.write_now(lambda s: run(s, delete(PASSAGE)).rowcount)
    assert found(busy, "刷脸") == []
    after: int | None = 0
    while after is not None:
        after = busy.store.write_now(indexing.reindex, after)
    assert differences(busy) == []
    assert found(busy, "刷脸") == [4, 1]


def test_words_that_were_undone_are_not_found(busy: House, clock: FakeClock) -> None:
    def fail(session: Session) -> None:
        perform(session, busy.office, agents.by_name(session, "li", clock()), "note", "1 独角兽", clock())
        session.flush()
        raise KeyError("no")

    with pytest.raises(KeyError):
        busy.store.write_now(fail)
    assert found(busy, "独角兽") == []
    busy.verb("li", "note 1 独角兽")
    assert found(busy, "独角兽") == [1]


def test_where_sqlite_has_no_full_text_search_words_are_found_all_the_same(sqlite_url: str, clock: FakeClock) -> None:
    store = Store.open(sqlite_url)
    for statement in ("DROP TRIGGER passage_added", "DROP TRIGGER passage_gone", "DROP TABLE passage_index"):
        store.write_now(lambda s, statement=statement: run(s, text(statement)).rowcount)
    house = House(store, clock)
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过", "7")
    house.hear("刷脸 credit 眼镜", "8")
    for words, numbers in (("刷脸", [2, 1]), ("刷脸 -眼镜", [1]), ("刷脸 user:8", [2]), ("镜", [2]), ("credit", [2])):
        assert found(house, words) == numbers
    store.write_now(erase.erase_user, house.office, "7", clock())
    assert found(house, "刷脸") == [2]
    store.close()
