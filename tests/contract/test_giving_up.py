"""A person lets it be, or takes a waiting ticket back: closed with their word, counted as nobody's solution, open to return."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import books
from triagebot.desk.afterwards import followups
from triagebot.desk.periods import Period
from triagebot.report.build import build
from triagebot.report.figures import Filters
from triagebot.store.tables import Outbox


def _findings(house: House) -> list[str]:
    def read(session: Session) -> list[str]:
        return [str(found) for found in books.read(session, house.office, house.clock())]

    return house.store.read_now(read)


def _buttons(house: House) -> list[str]:
    return [action for row in house.rows(Outbox)[-1].payload["buttons"] for _, action in row]


def test_giving_up_closes_the_bots_ticket_and_counts_as_no_solution(house: House, clock: FakeClock) -> None:
    house.hear("没收到报告")
    house.hear("算了")
    assert house.ticket().status == "closed"
    assert [(e.actor, e.data) for e in house.events() if e.type == "closed"] == [("user", {"reason": "gave_up"})]
    assert _buttons(house) == ["reopen:1"]
    told = len(house.told())
    clock.advance(days=2)
    house.store.write_now(followups.run_due, house.office, clock())
    assert len(house.told()) == told
    period = Period(clock() - timedelta(days=3), clock() + timedelta(seconds=1))
    found = house.store.read_now(build, house.office, period, Filters(), clock())
    assert (found.now.opened, found.now.resolved, found.now.by_bot.part, found.now.left_alone) == (1, 0, 0, 0)
    assert _findings(house) == []


def test_whoever_goes_on_after_all_gets_what_was_not_tried(house: House) -> None:
    house.hear("刷脸不过")
    house.hear("算了")
    house.hear("接着处理")
    assert house.ticket().status == "bot"
    assert "重启手机" in house.told()[-1]
    assert _findings(house) == []


def test_a_ticket_that_only_waits_can_be_taken_back_and_comes_back_with_a_promise(queued: House) -> None:
    queued.hear("算了")
    assert queued.ticket().status == "queued"
    queued.hear("撤回工单")
    assert (queued.ticket().status, queued.ticket().next_due_at) == ("closed", None)
    assert "#1" not in queued.verb("li", "queue")
    assert _findings(queued) == []
    queued.hear("接着处理")
    assert queued.ticket().status == "queued"
    assert "有同事回复您" in queued.told()[-1]
    assert _findings(queued) == []


def test_before_a_hand_over_the_promise_is_the_one_that_would_be_given(house: House) -> None:
    house.hear("刷脸不过")
    house.hear("多久有人理我")
    assert "会转到「客服」：预计今天 12:00 前有同事回复您" in house.told()[-1]
    house.press("human:1")
    house.hear("多久有人理我")
    assert "在「客服」等待处理。预计今天 12:00 前有同事回复您" in house.told()[-1]
