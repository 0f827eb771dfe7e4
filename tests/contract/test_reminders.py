"""Reminders of what takes its time outside: accepted by one tap, said once and by day, ended by one tap; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, incoming, office
from triagebot.desk import books, erase, person
from triagebot.desk.afterwards import followups
from triagebot.dialogue import situation
from triagebot.messages import Address
from triagebot.store.tables import Conversation, Event, Followup, Outbox

SHANGHAI = ZoneInfo("Asia/Shanghai")


def tick(house: House) -> int:
    return house.store.write_now(followups.run_due, house.office, house.clock())


def said(house: House, chat: str = "7") -> str:
    return house.told(chat)[-1]


def buttons(house: House) -> list[str]:
    return [action for row in house.rows(Outbox)[-1].payload["buttons"] for _, action in row]


def solved(house: House) -> None:
    """The face check works again: the report takes a day from here."""
    house.hear("刷脸不过")
    house.press("solved:1")


def disputed(house: House) -> None:
    house.hear("异议")


def test_it_is_offered_accepted_by_one_tap_and_told_with_its_time(house: House) -> None:
    solved(house)
    assert buttons(house) == ["remind:result:1"]
    house.hear("提醒我看result")
    assert said(house) == "好，明天上午 10:00 我来提醒您看result。"
    assert buttons(house) == ["remind_off:result:1"]


def test_it_comes_once_with_what_to_do_and_a_way_to_answer(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=23, minutes=59)
    assert tick(house) == 0
    clock.advance(minutes=1)
    assert (tick(house), tick(house)) == (1, 0)
    assert said(house) == "到时间了，result来了吗？\n1. 看短信\n2. 再进去一次"
    assert buttons(house) == ["remind_done:result:1", "remind_undone:result:1", "human:1", "remind_off:result:1"]
    assert house.told().count(said(house)) == 1


def test_accepting_twice_makes_one_and_the_last_tap_counts(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=2)
    house.press("remind:result:1")
    assert said(house) == "好，明天下午 12:00 我来提醒您看result。"
    clock.advance(hours=24)
    told = len(house.told())
    tick(house)
    assert len(house.told()) == told + 1


def test_a_long_one_waits_for_the_morning_a_short_one_comes_at_night(house: House, clock: FakeClock) -> None:
    clock.advance(hours=13)  # 23:00
    solved(house)
    house.press("remind:result:1")
    assert said(house).startswith("好，11月25日（周三）09:00")
    house.hear("刷脸不过，锁了", chat="8")
    house.press("remind:lock:2", chat="8")
    assert said(house, "8").startswith("好，今天 23:10")
    clock.advance(minutes=10)
    assert tick(house) == 1
    assert "lock来了吗" in said(house, "8")
    clock.advance(hours=23, minutes=50)
    assert tick(house) == 0


def test_a_late_one_says_so_and_does_not_wake_anybody(house: House, clock: FakeClock) -> None:
    """Nothing ran for half a day: due at 10:00, noticed at 23:00, said at 09:00."""
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=37)
    told = len(house.told())
    tick(house)
    assert len(house.told()) == told
    clock.advance(hours=10)
    tick(house)
    assert said(house).startswith("（这条提醒晚了 23 小时，不好意思。）\n到时间了")


def test_it_survives_a_restart(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=24)
    again = House(house.store, clock)
    assert tick(again) == 1
    assert "result来了吗" in said(again)


def test_the_day_is_a_button_or_typed_as_people_say_it(house: House) -> None:
    disputed(house)
    house.press("remind:answer:1")
    assert said(house) == "哪天提交的？"
    assert buttons(house) == ["day:answer.20261123:1", "day:answer.20261122:1", "day:answer.other:1"]
    house.hear("昨天")
    assert "12月12日（周六）10:00" in said(house)
    house.press("day:answer.other:1")
    house.hear("不记得了呀")
    assert "没看出是哪一天" in said(house)
    house.hear("上周五吧")
    assert "12月10日（周四）10:00" in said(house)
    (row,) = [r for r in house.rows(Followup) if r.state == "pending"]
    assert row.due_at == datetime(2026, 12, 10, 2, 0, tzinfo=UTC)


def test_what_has_run_out_is_said_at_once_and_people_take_over(house: House, clock: FakeClock) -> None:
    disputed(house)
    house.press("remind:answer:1")
    house.hear("10月20日")
    assert said(house) == "10月20日提交的，该有答复了。"
    assert buttons(house)[:2] == ["remind_done:answer:1", "remind_undone:answer:1"]
    assert [r for r in house.rows(Followup) if r.state == "pending"] == []
    house.press("remind_undone:answer:1")
    facts = [e.data for e in house.events() if e.type == "fact_given"]
    assert facts == [{"slot": "clock.answer", "title": "看answer", "text": "没来"}]


def test_danger_and_another_problem_are_heard_before_a_day(house: House) -> None:
    disputed(house)
    house.press("remind:answer:1")
    house.hear("昨天有人骗我")
    assert house.ticket(2).queue == "security"
    house.press("remind:answer:1")
    house.hear("昨天开始刷脸过不了")
    assert house.ticket(3).category == "verification.face"
    assert house.rows(Followup) == []


def test_who_says_it_has_not_come_is_helped_with_what_it_is_now(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=24)
    tick(house)
    house.hear("没来")
    assert house.ticket(2).category == "report.missing"
    assert "等到明天" in said(house)


def test_who_says_it_has_come_is_offered_what_begins_then(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=24)
    tick(house)
    house.hear("来了")
    assert buttons(house) == ["remind:answer:1"]


@pytest.mark.parametrize("how", ["remind_off:result:1", "别提醒了", "STOP"])
def test_one_tap_or_one_word_ends_it(house: House, clock: FakeClock, how: str) -> None:
    solved(house)
    house.press("remind:result:1")
    house.press(how) if ":" in how else house.hear(how)
    told = len(house.told())
    clock.advance(hours=25)
    tick(house)
    assert len(house.told()) == told
    assert house.types()[-3:].count("reminder_stopped") == 1


def test_a_word_ends_all_of_them_and_the_bots_own_questions(house: House, clock: FakeClock) -> None:
    disputed(house)
    house.press("day:answer.20261123:1")
    house.hear("没收到报告")
    house.hear("别提醒了")
    assert said(house).startswith("好的，提醒和消息都停了")
    assert [row.state for row in house.rows(Followup)] == ["stopped", "stopped"]


def test_status_lists_what_is_still_to_come(house: House) -> None:
    solved(house)
    house.press("remind:result:1")
    house.hear("/status")
    assert said(house).endswith("记着要提醒您的：\n· 明天上午 10:00，提醒您看result")
    house.hear("别提醒了")
    house.hear("/status")
    assert "记着" not in said(house)


def test_what_makes_no_sense_after_the_end_is_neither_listed_nor_said(house: House, clock: FakeClock) -> None:
    house.hear("刷脸不过，锁了")
    house.press("remind:lock:1")
    house.press("solved:1")
    house.hear("/status")
    assert "记着" not in said(house)
    told = len(house.told())
    clock.advance(minutes=10)
    tick(house)
    assert len(house.told()) == told


def test_the_bots_own_question_after_the_same_time_gives_way(house: House, clock: FakeClock) -> None:
    """Whoever takes the reminder after 24 hours is not asked after 24 hours as well."""
    house.hear("没收到报告")
    house.press("remind:result:1")
    clock.advance(hours=24)
    told = len(house.told())
    tick(house)
    assert len(house.told()) == told + 1


def test_nobody_who_was_forgotten_or_cannot_be_reached_is_reminded(house: House, clock: FakeClock) -> None:
    solved(house)
    house.press("remind:result:1")
    house.hear("刷脸不过", chat="8")
    house.press("solved:2", chat="8")
    house.press("remind:result:2", chat="8")
    house.hear("/forgetme")
    house.press("forget:yes")
    assert house.store.write_now(erase.erase_user, office(), "7", clock()) == 1
    titles = [event.data.get("title") for event in house.rows(Event) if event.type == "reminder_accepted"]
    assert titles == [None, "看result"]

    def unreachable(session: Any) -> None:
        session.add(Event(ticket_id=2, at=clock(), type="undelivered", actor="system", data={}))

    house.store.write_now(unreachable)
    clock.advance(hours=24)
    told = len(house.rows(Outbox))
    tick(house)
    assert len(house.rows(Outbox)) == told


def test_what_is_planned_is_part_of_a_persons_copy(house: House) -> None:
    solved(house)
    house.press("remind:result:1")
    (copy,) = house.store.read_now(lambda s: person.export(s, [s.get_one(Conversation, 1)]))
    assert [row["kind"] for row in copy["followups"]] == ["clock:result"]


def test_agents_read_of_it_in_the_story_and_the_books_are_right(queued: House, clock: FakeClock) -> None:
    queued.press("remind:result:1")
    queued.press("remind_off:result:1")
    told = queued.verb("boss", "show 1")
    assert "要了提醒：看result" in told
    assert "不再提醒" in told
    assert queued.store.read_now(lambda s: [str(found) for found in books.read(s, queued.office, clock())]) == []


def test_a_turn_that_ends_it_and_the_tick_do_not_meet(house: House, clock: FakeClock) -> None:
    """What was stopped before the tick looked is not said, though the plan was due."""
    solved(house)
    house.press("remind:result:1")
    clock.advance(hours=24)
    house.hear("别提醒了")
    told = len(house.told())
    assert tick(house) == 0
    assert len(house.told()) == told


def test_days_begin_where_the_office_is(house: House) -> None:
    house.hear("刷脸不过")
    seen = house.store.read_now(
        lambda s: situation.look(s, house.office, situation.find(s, Address("telegram", "", "7")),
                                 incoming(1, "刷脸不过"), None, house.clock())
    )  # fmt: skip
    assert seen.zone == SHANGHAI


def test_what_was_accepted_is_not_offered_again(house: House) -> None:
    house.hear("刷脸不过，锁了")
    offered = [action for action in buttons(house) if action.startswith("remind:")]
    assert offered == ["remind:lock:1"]
    house.press("remind:lock:1")
    house.press("not_solved:1")
    assert "重启手机" in said(house)
    assert not any(action.startswith("remind:") for action in buttons(house))
