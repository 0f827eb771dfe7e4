"""Tickets go by themselves to people who said that they are available; whoever never says so notices nothing."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House, book
from triagebot.desk import tickets
from triagebot.desk.escalation import escalate
from triagebot.desk.office import open_office
from triagebot.desk.team import agents
from triagebot.desk.team.workload import Load, whose_turn
from triagebot.desk.verbs import attempt
from triagebot.errors import DeskError
from triagebot.flow.tick import Tick
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Audit, Outbox, Ticket


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Three are at customer service, one at the hotline, a supervisor watches over all. Two tickets are enough for anyone."""
    queues = {n: q.model_copy(update={"most_each": 2}) for n, q in book().queues.items()}
    house = House(store, clock, open_office(book().model_copy(update={"queues": queues}), ZoneInfo("Asia/Shanghai")))
    for name in ("li", "zhao", "qian"):
        house.agent(name, queues=["customer_service"])
    house.agent("wang", queues=["hotline"])
    house.agent("boss", role="supervisor")
    return house


def ask(house: House, chat: int, words: str = "刷脸不过") -> int:
    """A person asks for a human being; returns the number of their ticket."""
    house.hear(words, chat=str(chat))
    number = max(t.id for t in house.rows(Ticket))
    if house.ticket(number).status == "bot":
        house.press(f"human:{number}", chat=str(chat))
    return number


def holder(house: House, number: int) -> str:
    names = {a.id: a.name for a in house.rows(Agent)}
    return names.get(house.ticket(number).assignee_id, "")


def tick(house: House) -> int:
    loop = Tick(house.store, house.office, "one", house.clock, 5.0, timedelta(days=180))
    return asyncio.run(loop.once())


def test_where_nobody_is_available_the_card_goes_to_everyone_of_the_queue(house: House) -> None:
    number = ask(house, 100)
    assert holder(house, number) == ""
    assert [bool(house.told(name)) for name in ("li", "zhao", "qian", "wang")] == [True, True, True, False]
    tick(house)
    assert house.ticket(number).status == "queued"


def test_the_one_who_is_available_gets_the_card_and_a_word_and_nobody_else_hears(house: House) -> None:
    house.verb("zhao", "available on")
    number = ask(house, 100)
    assert (house.ticket(number).status, holder(house, number)) == ("assigned", "zhao")
    assert house.told("li") == house.told("boss") == []
    card, notice = house.told("zhao")
    assert "zhao 处理中" in card
    assert "#1（P3，标题 verification.face）分给您了。" in notice
    assert [e.data for e in house.events(number) if e.type == "assigned"] == [{"agent": 2, "to": "zhao"}]


def test_being_given_a_ticket_is_no_answer(house: House) -> None:
    house.verb("zhao", "available on")
    number = ask(house, 100)
    ticket = house.ticket(number)
    assert (ticket.first_response_at, ticket.due_metric) == (None, "first_response")
    assert ticket.due_at == house.clock() + timedelta(hours=2)


def test_they_are_served_in_turn_and_whoever_has_fewest_comes_first(house: House, clock: FakeClock) -> None:
    for name in ("li", "zhao"):
        house.verb(name, "available on")
    order = []
    for chat in range(100, 104):
        clock.advance(minutes=1)
        order.append(holder(house, ask(house, chat)))
    assert order == ["li", "zhao", "li", "zhao"]
    house.verb("li", "resolve 1")
    house.verb("zhao", "resolve 2")
    house.verb("zhao", "resolve 4")
    clock.advance(minutes=1)
    assert holder(house, ask(house, 110)) == "zhao"
    clock.advance(minutes=1)
    assert holder(house, ask(house, 111)) == "li"


def test_nobody_gets_more_than_the_rules_say_and_the_rest_follows_when_there_is_room(
    house: House, clock: FakeClock
) -> None:
    house.verb("li", "available on")
    numbers = [ask(house, chat) for chat in range(100, 105)]
    assert [holder(house, n) for n in numbers] == ["li", "li", "", "", ""]
    house.verb("li", "priority 5 P2")
    tick(house)
    assert [holder(house, n) for n in numbers] == ["li", "li", "", "", ""]
    house.verb("li", "resolve 1")
    tick(house)
    assert [holder(house, n) for n in numbers[1:]] == ["li", "", "", "li"]
    house.verb("qian", "available on")
    tick(house)
    assert [holder(house, n) for n in numbers[1:]] == ["li", "qian", "qian", "li"]


def test_a_supervisor_is_given_something_only_when_nobody_else_is_there(house: House) -> None:
    house.verb("boss", "available on")
    assert holder(house, ask(house, 100)) == "boss"
    house.verb("li", "available on")
    assert [holder(house, ask(house, chat)) for chat in (101, 102, 103)] == ["li", "li", ""]


def test_only_who_works_on_the_queue_is_asked(house: House) -> None:
    house.verb("wang", "available on")
    assert holder(house, ask(house, 100)) == ""
    house.verb("boss", "transfer 1 hotline")
    assert holder(house, 1) == "wang"
    assert house.types(1)[-2:] == ["queue_changed", "assigned"]


def test_who_stops_being_available_keeps_what_they_have_and_is_told_how_much(house: House) -> None:
    house.verb("li", "available on")
    ask(house, 100)
    assert "手上还有 1 张" in house.verb("li", "available off")
    assert holder(house, 1) == "li"
    assert holder(house, ask(house, 101)) == ""
    assert "不参加自动派单" in house.verb("li", "available")
    assert [a.available for a in house.rows(Agent)] == [False] * 5


def test_changing_it_is_audited_and_looking_is_not(house: House, clock: FakeClock) -> None:
    def do(words: str) -> str:
        return house.store.write_now(
            lambda s: attempt(s, house.office, agents.by_name(s, "li", clock()), "available", words, clock()).text
        )

    for words in ("on", "", "on", "off"):
        do(words)
    rows = house.rows(Audit)
    assert [(r.actor, r.action, r.target, r.outcome, r.data) for r in rows] == [
        ("agent:1", "available", "agent:1", "done", {"on": True}),
        ("agent:1", "available", "agent:1", "done", {"on": False}),
    ]
    with pytest.raises(DeskError, match="用法"):
        house.verb("li", "available maybe")


def test_an_agent_who_answers_what_the_bot_has_keeps_it(house: House) -> None:
    house.verb("li", "available on")
    house.hear("刷脸不过", chat="100")
    house.verb("zhao", "reply 1 我来看看")
    assert holder(house, 1) == "zhao"
    assert "assigned" not in house.types(1)


def test_what_somebody_holds_or_put_off_is_given_to_nobody_else(house: House, clock: FakeClock) -> None:
    first, second, third = (ask(house, chat) for chat in (100, 101, 102))
    house.verb("zhao", f"take {first}")

    def put_off(session: Session) -> None:
        session.get_one(Ticket, second).snoozed_until = clock() + timedelta(hours=1)

    house.store.write_now(put_off)
    house.verb("li", "available on")
    tick(house)
    assert [holder(house, n) for n in (first, second, third)] == ["zhao", "", "li"]


def test_a_second_tick_gives_nothing_twice(house: House) -> None:
    ask(house, 100)
    house.verb("li", "available on")
    tick(house)
    before = len(house.rows(Outbox))
    tick(house)
    assert (house.types(1).count("assigned"), len(house.rows(Outbox))) == (1, before)


def test_a_reopened_ticket_without_a_holder_is_given_to_somebody(house: House) -> None:
    ask(house, 100)
    house.hear("解决了", chat="100")
    assert house.ticket(1).status == "resolved"
    house.verb("li", "available on")
    house.hear("刷脸又不行了", chat="100")
    assert (house.ticket(1).status, holder(house, 1)) == ("assigned", "li")


def test_who_was_removed_is_not_available_and_comes_back_as_not(house: House) -> None:
    house.verb("li", "available on")
    house.store.write_now(agents.remove, "li")
    assert holder(house, ask(house, 100)) == ""
    house.agent("li", queues=["customer_service"])
    assert "不参加" in house.verb("li", "available")


def test_a_ticket_that_was_given_away_by_itself_says_when(house: House) -> None:
    house.verb("li", "available on")
    ask(house, 100)
    with pytest.raises(DeskError, match="已由 li 在 今天 10:00"):
        house.verb("zhao", "take 1")


def test_a_broken_promise_moves_a_ticket_to_who_is_available(house: House) -> None:
    """Of those who have least, added first; but who is there comes before who is not."""

    def least(session: Session) -> str:
        found = Load(session, agents.listed(session)).least_busy("customer_service", None)
        return found.name if found else ""

    assert house.store.read_now(least) == "li"
    house.verb("qian", "available on")
    assert house.store.read_now(least) == "qian"


def test_among_equals_who_was_served_longest_ago(clock: FakeClock) -> None:
    def person(id: int, minutes: int | None, role: str = "agent") -> Agent:
        at = None if minutes is None else clock() - timedelta(minutes=minutes)
        return Agent(id=id, name=str(id), role=role, assigned_at=at)

    people = [person(1, 5), person(2, 9), person(3, 1), person(4, None, "supervisor")]
    chosen = whose_turn(people, {1: 1, 2: 1, 3: 0, 4: 0}, 8)
    assert chosen is people[2]
    assert whose_turn(people, {1: 1, 2: 1, 3: 1, 4: 0}, 8) is people[1]
    assert whose_turn(people, {1: 8, 2: 8, 3: 8, 4: 0}, 8) is None
    assert whose_turn(people[3:], {4: 0}, 8) is people[3]
    assert whose_turn([], {}, 8) is None


def test_two_that_come_at_the_same_moment_do_not_go_to_the_same_person(postgres_url: str, clock: FakeClock) -> None:
    """Each process counts what people have only once the other one is done."""
    store = Store.open(postgres_url)
    house = House(store, clock)
    for name in ("li", "zhao"):
        house.agent(name)
        house.verb(name, "available on")
    for chat in ("100", "101"):
        house.hear("刷脸不过", chat=chat)
    together = threading.Barrier(2)

    def hand_over(session: Session, number: int) -> None:
        ticket = tickets.get(session, number, to_change=True)
        together.wait(20)
        escalate(session, house.office, ticket, "bot", clock(), queue="customer_service", priority="P3", reason="test")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda number: store.write_now(hand_over, number), (1, 2)))
    assert sorted(holder(house, n) for n in (1, 2)) == ["li", "zhao"]
    store.close()
