"""A P1 calls one person after the other until somebody acknowledges it; whatever the tick does, nobody is called twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, book
from triagebot.desk.office import Office, open_office
from triagebot.desk.team import agents, on_call
from triagebot.errors import DeniedError, DeskError
from triagebot.flow.tick import Tick
from triagebot.rulebook.schema import OnCall, Queue
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.store.store import Store
from triagebot.store.tables import Card, Outbox, Page

CHAIN = {"chain": ["chen", "deng"], "every": "5m", "rounds": 2}


def office_with_chain(
    rule: Mapping[str, Any] | None, queue: str = "security", steps: Sequence[Mapping[str, Any]] = ()
) -> Office:
    """The house with ``rule`` for one of its queues."""
    chain = OnCall.model_validate(rule) if rule is not None else None
    queues: dict[str, Queue] = {
        name: row.model_copy(update={"on_call": chain if name == queue else None})
        for name, row in book().queues.items()
    }
    sla = book().sla.model_dump(mode="json", exclude_none=True)
    rules = SlaRules.model_validate({**sla, **({"steps": steps} if steps else {})})
    return open_office(book().model_copy(update={"queues": queues, "sla": rules}), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """chen and deng are on call for security; li works at customer service, boss and chief supervise."""
    house = House(store, clock, office_with_chain(CHAIN))
    for name in ("chen", "deng"):
        house.agent(name, queues=["security"])
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor", queues=["hotline"])
    house.agent("chief", role="admin", queues=["hotline"])
    return house


def tick(house: House) -> None:
    asyncio.run(Tick(house.store, house.office, "one", house.clock, 5.0, timedelta(days=180)).once())


def after(house: House, **span: float) -> None:
    house.clock.advance(**span)  # type: ignore[attr-defined]
    tick(house)


def called(house: House) -> list[str]:
    """Who was called, in order."""
    names = {a.user: a.name for a in house.store.read_now(agents.listed)}
    return [names[row.chat] for row in house.rows(Outbox) if row.payload["text"].startswith("📟 紧急")]


def story(house: House) -> list[tuple[str, str]]:
    kinds = ("paged", "acknowledged", "paging_ended")
    return [(e.type, str(e.data.get("why") or e.data.get("to") or e.data.get("agent_name")))
            for e in house.events() if e.type in kinds]  # fmt: skip


def test_a_p1_calls_the_first_of_the_chain_at_once_with_two_buttons(house: House) -> None:
    house.hear("被骗了")
    assert called(house) == ["chen"]
    (call,) = [r for r in house.rows(Outbox) if r.card.startswith("page:")]
    assert [action for row in call.payload["buttons"] for _, action in row] == ["take:1", "ack:1"]
    assert (call.priority, call.ticket_id) == (0, 1)
    assert "5 分钟内没人应" in call.payload["text"]
    assert story(house) == [("paged", "chen")]


def test_who_does_not_answer_is_followed_by_the_next_and_at_last_by_all_supervisors_once(house: House) -> None:
    house.hear("被骗了")
    for _ in range(6):
        after(house, minutes=5)
    assert called(house) == ["chen", "deng", "chen", "deng", "boss", "chief"]
    assert story(house) == [
        ("paged", "chen"), ("paged", "deng"), ("paged", "chen"), ("paged", "deng"), ("paged", "boss、chief"),
        ("paging_ended", "nobody"),
    ]  # fmt: skip
    after(house, hours=3)
    assert len(called(house)) == 6
    assert {page.state for page in house.rows(Page)} == {"passed_on", "ended"}


def test_nobody_is_called_before_their_time_however_often_the_tick_comes(house: House) -> None:
    house.hear("被骗了")
    for _ in range(5):
        after(house, seconds=50)
    assert called(house) == ["chen"]
    after(house, seconds=50)
    tick(house)
    tick(house)
    assert called(house) == ["chen", "deng"]


def test_after_a_long_stop_one_person_is_called(house: House) -> None:
    house.hear("被骗了")
    after(house, hours=9)
    assert called(house) == ["chen", "deng"]
    after(house, minutes=4)
    assert called(house) == ["chen", "deng"]
    after(house, minutes=1)
    assert called(house) == ["chen", "deng", "chen"]


def test_who_acknowledges_stops_the_calls_without_taking_the_ticket(house: House) -> None:
    house.hear("被骗了")
    after(house, minutes=5)
    assert "停止呼叫" in house.verb("deng", "ack 1")
    after(house, hours=1)
    assert called(house) == ["chen", "deng"]
    assert story(house)[-1] == ("acknowledged", "deng")
    assert (house.ticket().status, house.ticket().assignee_id) == ("queued", None)
    with pytest.raises(DeskError, match="没有为 #1 呼叫"):
        house.verb("deng", "ack 1")


def test_a_call_says_in_its_place_how_it_ended_and_loses_its_buttons(house: House) -> None:
    house.hear("被骗了")
    house.deliver()
    house.verb("boss", "ack 1")
    (row,) = [r for r in house.rows(Outbox) if r.state == "pending" and r.card.startswith("page:")]
    assert (row.chat, row.payload["text"]) == ("chen", "📟 #1 的呼叫结束了：boss 知道了。")
    assert "buttons" not in row.payload
    assert {c.chat for c in house.rows(Card) if c.name == row.card} == {"chen"}


@pytest.mark.parametrize(
    ("who", "line", "why"),
    [
        ("chen", "take 1", "taken"),
        ("deng", "reply 1 我们马上看", "answered"),
        ("deng", "resolve 1", "over"),
        ("dong", "priority 1 P2", "lowered"),
    ],
)
def test_whatever_shows_that_somebody_has_it_ends_the_calls(house: House, who: str, line: str, why: str) -> None:
    house.agent("dong", role="admin")
    house.hear("被骗了")
    house.verb(who, line)
    after(house, seconds=5)
    assert story(house)[-1][0] == "paging_ended"
    assert house.events()[-1].data["why"] == why
    after(house, hours=1)
    assert called(house) == ["chen"]


def test_the_person_who_says_it_is_solved_ends_the_calls(house: House) -> None:
    house.hear("被骗了")
    house.hear("解决了")
    assert house.ticket().status == "resolved"
    after(house, minutes=5)
    assert called(house) == ["chen"]
    assert story(house)[-1] == ("paging_ended", "over")


def test_the_button_i_will_take_it_also_counts_for_who_was_given_the_ticket(house: House) -> None:
    house.verb("deng", "available on")
    house.hear("被骗了")
    assert house.ticket().status == "assigned"
    assert called(house) == ["chen"]
    after(house, minutes=5)
    assert called(house) == ["chen", "deng"], "being given a ticket is no acknowledgement"
    assert "已经在您手上" in house.verb("deng", "take 1")
    after(house, hours=1)
    assert len(called(house)) == 2


def test_a_ticket_that_becomes_p1_calls_people(house: House) -> None:
    house.hear("被骗了")
    house.verb("chen", "take 1")
    house.verb("chen", "priority 1 P2")
    tick(house)
    house.agent("dong", role="supervisor")
    house.verb("dong", "priority 1 P1")
    assert called(house) == ["chen", "chen"]
    assert [(p.round, p.step, p.state) for p in house.rows(Page)] == [(0, 0, "ended"), (1, 0, "waiting")]
    house.verb("chen", "take 1")
    after(house, hours=1)
    assert called(house) == ["chen", "chen"]


def test_whoever_raises_their_own_ticket_is_not_called_about_it(house: House) -> None:
    house.hear("被骗了")
    house.verb("chen", "take 1")
    house.verb("chen", "priority 1 P2")
    tick(house)
    house.verb("chen", "priority 1 P1")
    after(house, hours=1)
    assert called(house) == ["chen"]


def test_the_desk_itself_raising_a_priority_calls_people(store: Store, clock: FakeClock) -> None:
    raising = [{"at": 1.0, "do": ["raise_priority"]}]
    house = House(
        store, clock, office_with_chain({**CHAIN, "chain": ["chen"]}, queue="customer_service", steps=raising)
    )
    house.agent("chen", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    house.verb("chen", "take 1")
    house.verb("chen", "priority 1 P2")
    after(house, minutes=61)
    assert house.ticket().priority == "P1"
    assert called(house) == ["chen"], "who took it before the promise was broken has not answered"


def test_a_p1_that_comes_back_to_who_had_it_calls_nobody(house: House) -> None:
    house.hear("被骗了")
    house.verb("chen", "take 1")
    house.verb("chen", "resolve 1")
    tick(house)
    house.press("reopen:1")
    assert house.ticket().status == "assigned"
    after(house, minutes=5)
    assert called(house) == ["chen"]


def test_a_transfer_calls_the_chain_of_the_new_queue(house: House) -> None:
    house.agent("dong", role="supervisor")
    house.hear("异议")
    house.verb("dong", "priority 1 P1")
    assert called(house) == [], "the hotline has no chain"
    house.verb("dong", "transfer 1 security")
    assert called(house) == ["chen"]
    house.verb("dong", "transfer 1 hotline")
    tick(house)
    assert story(house) == [("paged", "chen"), ("paging_ended", "no_chain")]


def test_a_chain_of_whoever_is_available_begins_with_who_was_given_the_ticket(store: Store, clock: FakeClock) -> None:
    house = House(store, clock, office_with_chain({"chain": "available", "every": "5m", "rounds": 1}))
    for name in ("chen", "deng", "dong"):
        house.agent(name, queues=["security"])
    house.agent("boss", role="supervisor")
    house.verb("deng", "available on")
    house.verb("dong", "available on")
    house.hear("被骗了")
    assert called(house) == ["deng"], "deng was given it"
    house.verb("dong", "available off")
    house.verb("chen", "available on")
    after(house, minutes=5)
    assert called(house) == ["deng", "chen"]
    after(house, minutes=5)
    assert called(house) == ["deng", "chen", "boss"]


def test_people_who_left_or_cannot_be_reached_are_passed_over(house: House) -> None:
    house.store.write_now(agents.remove, "chen")
    house.hear("被骗了")
    assert called(house) == ["deng"]


def test_whom_nobody_could_call_is_named(house: House) -> None:
    assert house.store.read_now(on_call.unreachable, house.office) == []
    house.store.write_now(agents.remove, "deng")
    house.agent("deng", channel="", user="")
    assert house.store.read_now(on_call.unreachable, house.office) == [("security", "deng")]


def test_where_nobody_of_the_chain_is_left_supervisors_are_called_at_once(house: House) -> None:
    for name in ("chen", "deng"):
        house.store.write_now(agents.remove, name)
    house.hear("被骗了")
    assert called(house) == ["boss", "chief"]
    after(house, minutes=5)
    assert story(house) == [("paged", "boss、chief"), ("paging_ended", "nobody")]


def test_somebody_from_another_queue_cannot_acknowledge(house: House) -> None:
    house.hear("被骗了")
    with pytest.raises(DeniedError, match="不在您负责的范围"):
        house.verb("li", "ack 1")
    assert story(house) == [("paged", "chen")]


def test_below_p1_and_without_a_chain_nobody_is_called(store: Store, clock: FakeClock) -> None:
    house = House(store, clock, office_with_chain(None))
    house.agent("chen", queues=["security"])
    house.hear("被骗了")
    house.hear("刷脸不过", chat="8")
    house.press("human:2", chat="8")
    after(house, hours=1)
    assert (called(house), house.rows(Page)) == ([], [])


def test_the_story_tells_of_calls_in_words(house: House) -> None:
    house.hear("被骗了")
    house.verb("chen", "take 1")
    after(house, seconds=5)
    shown = house.verb("chen", "show 1")
    assert "系统 呼叫：chen" in shown
    assert "停止呼叫：chen 接手了" in shown


def test_answering_a_call_answers_the_ticket(house: House) -> None:
    house.hear("被骗了")
    house.deliver()
    (card,) = [c for c in house.rows(Card) if c.name.startswith("page:")]
    house.hear("请先别转账，我来帮您", chat="chen", reply_ref=card.ref)
    assert house.types()[-2:] == ["taken", "agent_replied"]
