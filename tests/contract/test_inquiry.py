"""A strange inquiry is judged with its person, on each database; what is left half-way is not lost."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FakeClock
from tests.unit.house import HandBrain, House
from tests.unit.judging import MUMBLE, book, verdict
from triagebot.desk import cards
from triagebot.desk.afterwards import followups, unfinished
from triagebot.desk.books import read as compare
from triagebot.desk.office import open_office
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Outbox
from triagebot.triage.brain import NOTHING, Context
from triagebot.triage.verdict import Verdict


class _Brain(HandBrain):
    """Whatever speaks of an inquiry is about one; short words are nothing by themselves."""

    def triage(self, text: str, context: Context = NOTHING) -> Verdict:
        return replace(verdict() if "查" in text else MUMBLE, text=text)


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> House:
    house = House(store, clock, open_office(book(), ZoneInfo("Asia/Shanghai")))
    house.loop.brain = _Brain()  # type: ignore[assignment]
    house.agent("wang", queues=["hotline"])
    return house


def _buttons(house: House) -> list[str]:
    rows = [row for row in house.rows(Outbox) if row.chat == "7" and row.payload.get("buttons")]
    return [action for row in rows[-1].payload["buttons"] for _, action in row]


def _judged_as_unauthorised(house: House) -> None:
    house.hear("3月12日有家小贷以贷款审批查了我")
    house.hear("一步步帮您判断")
    house.hear("没有")
    house.hear("一两家")


def test_it_is_judged_over_several_messages_and_handed_over_with_what_was_told(desk: House, clock: FakeClock) -> None:
    _judged_as_unauthorised(desk)
    ticket = desk.ticket()
    assert (ticket.status, ticket.queue, ticket.priority) == ("queued", "hotline", "P2")
    judged = next(event.data for event in desk.events() if event.type == "judged")
    assert (judged["result"], judged["rule"]) == ("unauthorised", "none")
    assert desk.told()[-1].startswith("异议申请书")
    card = desk.store.read_now(lambda s: cards.render(s, desk.office, ticket, "zh", clock()).text)
    assert "判断：疑似未授权（规则 none）" in card
    assert "贷款审批" in card
    assert "2026年3月12日" in card
    assert [str(found) for found in desk.store.read_now(compare, desk.office, clock())] == []


def test_an_answer_that_was_corrected_stands_on_the_card_once(desk: House, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.press("judge:start:1")
    desk.press("judge:business.did:1")
    desk.press("judge:business.tapped:1")
    desk.press("human:1")
    card = desk.store.read_now(lambda s: cards.render(s, desk.office, desk.ticket(), "zh", clock()).text)
    assert "点过广告、测过额度、只咨询" in card
    assert "办过或申请过" not in card


def test_the_questions_go_on_in_another_process(desk: House, store: Store, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.hear("一步步帮您判断")
    later = House(store, clock, desk.office, holder="another")
    later.loop.brain = _Brain()  # type: ignore[assignment]
    later._number = 100
    later.hear("没有")
    assert dict(later.conversation().memory["inquiry"])["business"] == "none"
    assert any(action.startswith("judge:several.") for action in _buttons(later))


def test_what_is_left_half_way_goes_to_people_by_day_and_its_person_hears_it(desk: House, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.press("judge:start:1")
    clock.advance(hours=2, minutes=1)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert (desk.ticket().status, desk.ticket().queue) == ("queued", "hotline")
    assert [e.data["reason"] for e in desk.events() if e.type == "escalated"] == [unfinished.REASON]
    assert "我已经把您说过的转给热线协办，工单 #1" in desk.told()[-1]


def test_at_night_nobody_is_written_to_about_it(desk: House, clock: FakeClock) -> None:
    clock.advance(hours=10, minutes=30)
    desk.hear("小贷以贷款审批查了我")
    told = len(desk.told())
    clock.advance(hours=8)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert (desk.ticket().status, len(desk.told())) == ("bot", told)
    clock.advance(hours=5)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert (desk.ticket().status, len(desk.told())) == ("queued", told + 1)


def test_whoever_goes_on_in_time_is_left_in_peace(desk: House, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.press("judge:start:1")
    clock.advance(hours=1, minutes=30)
    desk.press("judge:business.unsure:1")
    clock.advance(hours=1)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert desk.ticket().status == "bot"
    clock.advance(hours=1)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert desk.ticket().status == "queued"


def test_whoever_has_a_result_is_not_handed_over_afterwards(desk: House, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.press("judge:start:1")
    desk.press("judge:business.did:1")
    clock.advance(hours=3)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert desk.ticket().status == "bot"


def test_twenty_days_after_asking_the_institution_we_ask_how_it_went(desk: House, clock: FakeClock) -> None:
    desk.hear("小贷以贷款审批查了我")
    desk.press("judge:start:1")
    desk.press("judge:business.tapped:1")
    desk.press("judge:date.today:1")
    clock.advance(days=20, minutes=1)
    desk.store.write_now(followups.run_due, desk.office, clock())
    assert "20 天了" in desk.told()[-1]


def test_erasing_takes_the_answers_away(desk: House) -> None:
    _judged_as_unauthorised(desk)
    desk.press("forget:yes:1")
    told = [event.data for event in desk.events() if event.type in ("fact_given", "judged")]
    assert len(told) > 1
    assert all("text" not in data and "facts" not in data for data in told)
    assert all(not conversation.memory.get("inquiry") for conversation in desk.rows(Conversation))
