"""After the end: stars and why, who hears of few of them, and the question a day later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import House, office_with
from triagebot.desk import books, erase, tickets
from triagebot.desk.afterwards import followups, ratings
from triagebot.desk.afterwards.ratings import Low
from triagebot.desk.periods import Period
from triagebot.errors import DeniedError, DeskError
from triagebot.store.tables import Agent, Followup, Outbox

ASKED = "您之前的问题（工单 #1）现在都好了吗？"


def tick(house: House) -> int:
    return house.store.write_now(followups.run_due, house.office, house.clock())


def findings(house: House) -> list[str]:
    def read(session: Session) -> list[str]:
        return [str(found) for found in books.read(session, house.office, house.clock())]

    return house.store.read_now(read)


def given(house: House, **of: Any) -> ratings.Ratings:
    return house.store.read_now(lambda s: ratings.of(s, **of))


@pytest.fixture
def solved(queued: House) -> House:
    """li has solved ticket 1, at 10:00; its person was asked for stars."""
    queued.verb("li", "resolve 1 换个亮处")
    return queued


def test_a_low_rating_is_asked_for_its_reason_as_buttons_and_words(solved: House, clock: FakeClock) -> None:
    solved.press("rate:2:1")
    asked = solved.rows(Outbox)[-1].payload
    assert [label for label, _ in asked["buttons"][0]] == ["慢", "没解决", "态度", "说不清楚", "其他"]
    assert [action for _, action in asked["buttons"][1]] == ["reopen:1"]
    solved.press("why:slow:1")
    assert "想多说几句，直接打字就行" in solved.told()[-1]
    solved.hear("等了两天才有人理")
    assert "已经记下" in solved.told()[-1]
    told = [e.data for e in solved.events() if e.type == "rating_explained"]
    assert told == [{"choice": "slow", "text": "慢"}, {"text": "等了两天才有人理"}]
    clock.advance(minutes=1)
    assert given(solved) == ratings.Ratings(
        1, 2.0, (Low(1, clock() - timedelta(minutes=1), 2, ("慢", "等了两天才有人理"), "li"),)
    )
    assert "⭐ 用户评分 2 分：慢；等了两天才有人理" in solved.verb("boss", "show 1")
    assert "评分原因：等了两天才有人理" in solved.verb("boss", "show 1")


def test_a_reason_may_be_typed_as_it_stands_on_the_button(solved: House) -> None:
    solved.press("rate:1:1")
    solved.hear("态度")
    assert [e.data for e in solved.events() if e.type == "rating_explained"] == [{"choice": "manner", "text": "态度"}]


def test_that_it_is_not_solved_leads_back_to_people(solved: House) -> None:
    solved.press("rate:1:1")
    solved.press("why:unsolved:1")
    assert solved.rows(Outbox)[-1].payload["buttons"] == [[["没解决，继续处理", "reopen:1"]]]
    solved.press("reopen:1")
    assert solved.ticket().status == "assigned"


def test_a_low_rating_can_be_reopened_for_seven_days(solved: House, clock: FakeClock) -> None:
    solved.press("rate:1:1")
    clock.advance(days=6, hours=23)
    solved.press("reopen:1")
    assert solved.ticket().status == "assigned"
    solved.verb("li", "resolve 1")
    clock.advance(days=7, hours=1)
    solved.press("reopen:1")
    assert "已经结束超过 7 天" in solved.told()[-1]
    assert solved.ticket().status == "resolved"


def test_supervisors_hear_of_a_low_rating_with_its_reason_once(solved: House, clock: FakeClock) -> None:
    before = {name: len(solved.told(name)) for name in ("boss", "li")}
    solved.press("rate:2:1")
    solved.press("why:slow:1")
    assert tick(solved) == 0
    clock.advance(minutes=5)
    assert tick(solved) == 1
    (notice,) = [row for row in solved.rows(Outbox) if "只给了" in row.payload["text"]]
    assert (notice.chat, notice.payload["text"]) == ("boss", "⭐ #1（标题 verification.face，li）用户只给了 2 分：慢")
    assert [action for row in notice.payload["buttons"] for _, action in row] == ["show:1", "reopen:1"]
    solved.press("rate:1:1")
    clock.advance(hours=1)
    assert tick(solved) == 0
    assert not any("只给了" in text for text in solved.told("li")[before["li"] :])


def test_many_low_ratings_are_one_message(solved: House, clock: FakeClock) -> None:
    for number, chat in ((2, "8"), (3, "9")):
        solved.hear("刷脸不过", chat)
        solved.press(f"human:{number}", chat)
        solved.verb("li", f"resolve {number}")
        solved.press(f"rate:1:{number}", chat)
    solved.press("rate:2:1")
    clock.advance(minutes=6)
    tick(solved)
    (notice,) = [row for row in solved.rows(Outbox) if "只给了" in row.payload["text"]]
    assert len(notice.payload["text"].splitlines()) == 3
    assert "没有说原因" in notice.payload["text"]
    assert "buttons" not in notice.payload


def test_better_stars_in_time_are_no_news(solved: House, clock: FakeClock) -> None:
    solved.press("rate:1:1")
    solved.press("rate:5:1")
    clock.advance(minutes=6)
    tick(solved)
    assert not any("只给了" in text for text in solved.told("boss"))


def test_in_quiet_hours_a_low_rating_waits_for_the_morning(solved: House, clock: FakeClock) -> None:
    solved.office = office_with(quiet_hours="22:00-08:00")
    clock.at = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    solved.press("rate:1:1")
    clock.advance(minutes=6)
    tick(solved)
    assert not any("只给了" in text for text in solved.told("boss"))
    clock.at = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    tick(solved)
    assert any("只给了" in text for text in solved.told("boss"))


def test_a_supervisor_opens_a_ticket_again_and_its_person_hears_it(solved: House, clock: FakeClock) -> None:
    solved.press("rate:1:1")
    solved.hear("/reopen 1 评分低，我来跟进", "boss")
    assert solved.ticket().status == "assigned"
    assert "工单 #1 我们重新打开了" in solved.told()[-1]
    assert "跟进" not in solved.told()[-1]
    assert findings(solved) == []


@on_sqlite
@pytest.mark.parametrize(
    ("who", "days", "refusal", "says"),
    [("boss", 8, DeskError, "超过 7 天"), ("zhao", 1, DeniedError, "li"), ("wang", 1, DeniedError, "li")],
)
def test_who_may_not_open_it_again_is_told_why(
    solved: House, clock: FakeClock, who: str, days: int, refusal: type[DeskError], says: str
) -> None:
    clock.advance(days=days)
    with pytest.raises(refusal, match=says):
        solved.verb(who, "reopen 1")
    assert solved.ticket().status == "resolved"


def test_what_is_not_over_needs_no_opening(solved: House) -> None:
    solved.hear("刷脸不过", "8")
    with pytest.raises(DeskError, match="还没有解决"):
        solved.verb("boss", "reopen 2")


def test_a_day_later_the_person_is_asked_once_whether_it_still_works(solved: House, clock: FakeClock) -> None:
    clock.advance(hours=23)
    assert tick(solved) == 0
    clock.advance(hours=1)
    tick(solved)
    row = [row for row in solved.rows(Outbox) if row.chat == "7"][-1]
    assert row.payload["text"] == ASKED
    assert row.payload["buttons"] == [[["解决了", "solved:1"], ["还不行", "not_solved:1"]]]
    solved.hear("解决了")
    assert solved.ticket().status == "resolved"
    clock.advance(days=3)
    tick(solved)
    assert solved.told().count(ASKED) == 1


def test_still_broken_opens_it_again(solved: House, clock: FakeClock) -> None:
    clock.advance(hours=24)
    tick(solved)
    solved.hear("还不行")
    assert solved.ticket().status == "assigned"
    assert "已重新打开" in solved.told()[-1]
    assert findings(solved) == []


@on_sqlite
@pytest.mark.parametrize(
    ("at", "asked"),
    [
        ("2026-11-23 20:59", "2026-11-24 20:59"),
        ("2026-11-23 22:30", "2026-11-25 09:00"),
        ("2026-11-23 03:00", "2026-11-24 09:00"),
    ],
)
def test_nobody_is_asked_at_night(queued: House, clock: FakeClock, at: str, asked: str) -> None:
    zone = queued.office.zone
    clock.at = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)
    queued.verb("li", "resolve 1")
    end = datetime.fromisoformat(asked).replace(tzinfo=zone).astimezone(UTC)
    while clock.at < end:
        tick(queued)
        assert ASKED not in queued.told()
        clock.at = min(clock.at + timedelta(hours=1), end)
    tick(queued)
    assert ASKED in queued.told()


def test_a_service_that_stood_still_until_the_night_waits_for_the_morning(solved: House, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    tick(solved)
    assert ASKED not in solved.told()
    clock.at = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    tick(solved)
    assert ASKED in solved.told()


@pytest.mark.parametrize("meanwhile", ["rated", "forgotten", "another problem", "blocked", "solved by themselves"])
def test_who_need_not_be_asked_is_not(solved: House, clock: FakeClock, meanwhile: str) -> None:
    if meanwhile == "rated":
        solved.press("rate:4:1")
    elif meanwhile == "forgotten":
        solved.store.write_now(erase.erase_user, solved.office, "7", clock())
    elif meanwhile == "another problem":
        solved.hear("没收到报告")
    elif meanwhile == "blocked":
        solved.store.write_now(_undelivered, solved)
    else:
        solved.press("reopen:1")
        solved.press("solved:1")
    clock.advance(hours=25)
    tick(solved)
    clock.advance(hours=48)
    tick(solved)
    assert ASKED not in solved.told()


def _undelivered(session: Session, house: House) -> None:
    tickets.record(session, house.office, tickets.get(session, 1), "undelivered", "system", house.clock(), {})


def test_what_was_opened_again_is_asked_about_after_its_second_end(solved: House, clock: FakeClock) -> None:
    clock.advance(hours=20)
    solved.press("reopen:1")
    clock.advance(hours=5)
    tick(solved)
    solved.verb("li", "resolve 1")
    clock.advance(hours=23)
    tick(solved)
    assert ASKED not in solved.told()
    clock.advance(hours=2)
    tick(solved)
    assert solved.told().count(ASKED) == 1
    assert [row.kind for row in solved.rows(Followup)].count("still_solved") == 1


def test_ratings_are_counted_by_person_agent_and_period(solved: House, clock: FakeClock) -> None:
    begin = clock()
    solved.press("rate:1:1")
    clock.advance(days=1)
    solved.hear("刷脸不过", "8")
    solved.press("human:2", "8")
    solved.verb("zhao", "resolve 2")
    solved.press("rate:5:2", "8")
    everything = given(solved)
    assert (everything.count, everything.mean) == (2, 3.0)
    assert [low.ticket for low in everything.low] == [1]
    first_day = Period(begin, begin + timedelta(hours=12))
    assert given(solved, period=first_day).mean == 1.0
    li, zhao = (next(a.id for a in solved.rows(Agent) if a.name == name) for name in ("li", "zhao"))
    assert [given(solved, agent=agent).mean for agent in (li, zhao)] == [1.0, 5.0]
    assert [given(solved, user=user).count for user in ("7", "8", "9")] == [1, 1, 0]
    assert given(solved, user="9") == ratings.Ratings(0, None, ())
    solved.press("rate:4:1")
    assert given(solved).mean == 4.5
    assert given(solved).low == ()
