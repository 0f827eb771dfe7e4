"""The people of an incident: told once and honestly, promised what can be kept, and heard when it is not over for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from tests.conftest import FakeClock
from tests.unit.house import DISPUTE, FACE, MISSING, SCAM, House, incoming
from triagebot.desk import books, promises
from triagebot.desk.afterwards import followups
from triagebot.desk.incident import going, incidents, people, story
from triagebot.dialogue import situation, turn
from triagebot.errors import ConflictError
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Outbox, Ticket


@pytest.fixture
def desk(house: House) -> House:
    """li works at customer service, boss watches over all."""
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor")
    return house


def opened(house: House, category: str = FACE, platform: str = "", text: str = "", covers: Sequence[int] = ()) -> int:
    """A new incident that began twenty minutes ago, as the detector would raise it."""

    def write(session: Session) -> int:
        now = house.clock()
        made = incidents.open(session, "某处大面积失败", "system", now, category=category, platform=platform)
        made.since, made.status_text = now - timedelta(minutes=20), text
        session.add(made)
        for covered in session.exec(select(Incident).where(col(Incident.id).in_(covers))):
            covered.covered_by = made.id
            session.add(covered)
        return made.id or 0

    return house.store.write_now(write)


def take_in(house: House, number: int = 1) -> int:
    def write(session: Session) -> int:
        found = session.exec(select(Ticket).order_by(col(Ticket.id))).all()
        return people.take_in(session, house.office, session.get_one(Incident, number), found, "system", house.clock())

    return house.store.write_now(write)


def tick(house: House, limit: int = 100) -> int:
    return house.store.write_now(followups.run_due, house.office, house.clock(), limit)


def findings(house: House) -> list[str]:
    def read(session: Session) -> list[str]:
        return [str(found) for found in books.read(session, house.office, house.clock())]

    return house.store.read_now(read)


def buttons(house: House, chat: str = "7") -> list[str]:
    row = [row for row in house.rows(Outbox) if row.chat == chat][-1]
    return [action for line in row.payload["buttons"] for _, action in line]


def test_whoever_comes_during_an_incident_is_told_and_attached(desk: House) -> None:
    opened(desk, text="微信在修，预计中午恢复。")
    desk.hear("刷脸不过")
    assert desk.told() == [
        "不只是您：「标题 verification.face」，目前有多人遇到，今天 09:40 左右开始的。我们正在跟进，恢复后在这里告诉您。\n"
        "现在反复重试多半没用，先放一放。\n说明：微信在修，预计中午恢复。"
    ]
    assert buttons(desk) == ["differs:1", "human:1"]
    ticket = desk.ticket()
    assert (ticket.status, ticket.incident_id, ticket.queue) == ("bot", 1, "")
    assert [e.actor for e in desk.events() if e.type == "incident_attached"] == ["bot"]
    assert findings(desk) == []


def test_who_has_talked_to_us_before_is_told_too(desk: House) -> None:
    desk.hear("没收到报告")
    desk.press("solved:1")
    opened(desk)
    desk.hear("刷脸不过")
    assert desk.told()[-1].startswith("不只是您")


def test_tickets_from_before_are_taken_in_and_each_person_hears_once(desk: House) -> None:
    desk.hear("刷脸不过", "7")
    desk.hear("刷脸不过", "8")
    desk.hear("刷脸不过", "8")
    opened(desk)
    assert take_in(desk) == 2
    assert take_in(desk) == 0
    before = {chat: len(desk.told(chat)) for chat in ("7", "8")}
    tick(desk)
    tick(desk)
    for chat, number in (("7", 1), ("8", 2)):
        (words,) = desk.told(chat)[before[chat] :]
        assert words.startswith("不只是您：「标题 verification.face」")
        assert buttons(desk, chat) == [f"differs:{number}", f"human:{number}"]
    assert desk.store.read_now(story.timeline, 1)[-1].data == {"tickets": [1, 2]}
    assert findings(desk) == []


def test_a_person_with_two_tickets_hears_once(desk: House) -> None:
    desk.hear("刷脸不过")
    desk.press("human:1")
    desk.hear("没收到报告")
    opened(desk, category="", platform="")
    for number in (1, 2):
        desk.verb("boss", f"attach {number} 1")
    before = len(desk.told())
    # An incident of nothing in particular is told to nobody: colleagues attached these by hand.
    tick(desk)
    assert len(desk.told()) == before
    opened(desk)
    for number in (1, 2):
        desk.verb("boss", f"attach {number} 2")
    tick(desk)
    assert len(desk.told()) == before + 1
    desk.verb("boss", "incident_resolve 2 好了。")
    tick(desk)
    assert len(desk.told()) == before + 2
    assert "您的工单 #1、#2 说的问题" in desk.told()[-1]
    assert [desk.ticket(n).status for n in (1, 2)] == ["resolved", "resolved"]


def test_who_heard_it_from_the_bot_does_not_hear_it_again(desk: House) -> None:
    opened(desk)
    desk.hear("刷脸不过")
    desk.verb("boss", "detach 1")
    desk.verb("boss", "attach 1 1")
    before = len(desk.told())
    tick(desk)
    assert len(desk.told()) == before


def test_who_left_an_incident_is_not_taken_in_again(desk: House) -> None:
    opened(desk)
    desk.hear("刷脸不过")
    desk.press("differs:1")
    assert desk.ticket().incident_id is None
    assert "换个亮处" in desk.told()[-1]
    assert take_in(desk) == 0
    desk.hear("还不行")
    assert "重启手机" in desk.told()[-1]


def test_a_waiting_ticket_is_promised_by_the_incident_and_its_person_told_so(desk: House, clock: FakeClock) -> None:
    desk.hear("刷脸不过")
    desk.press("human:1")
    assert "今天 12:00" in desk.told()[-1]
    opened(desk)
    take_in(desk)
    ticket = desk.ticket()
    assert ticket.due_at is not None
    assert (ticket.due_at - clock(), ticket.due_metric) == (timedelta(hours=4), "first_response")
    tick(desk)
    assert "工单 #1 因此会晚一些有同事回复，预计今天 14:00 前。" in desk.told()[-1]
    desk.verb("boss", "detach 1")
    ticket = desk.ticket()
    assert ticket.due_at is not None
    assert ticket.due_at - clock() == timedelta(hours=2)
    assert findings(desk) == []


def test_what_is_late_by_the_queue_but_not_by_the_incident_is_not_late(desk: House, clock: FakeClock) -> None:
    desk.hear("刷脸不过")
    desk.press("human:1")
    opened(desk)
    take_in(desk)
    clock.advance(hours=3)
    desk.store.write_now(promises.sweep, desk.office, clock())
    assert "sla_breached" not in desk.types()
    desk.verb("boss", "detach 1")
    desk.store.write_now(promises.sweep, desk.office, clock())
    breach = next(e for e in desk.events() if e.type == "sla_breached")
    assert breach.at >= next(e for e in desk.events() if e.type == "incident_detached").at
    assert findings(desk) == []


def test_who_asks_for_a_person_during_an_incident_has_its_promise(desk: House, clock: FakeClock) -> None:
    opened(desk)
    desk.hear("刷脸不过")
    desk.press("human:1")
    ticket = desk.ticket()
    assert ticket.due_at is not None
    assert (ticket.status, ticket.incident_id, ticket.due_at - clock()) == ("queued", 1, timedelta(hours=4))
    assert "今天 14:00" in desk.told()[-1]
    desk.press("differs:1")
    assert "单独处理" in desk.told()[-1]
    assert "今天 12:00" in desk.told()[-1]
    assert findings(desk) == []


def test_holders_hear_once_of_all_their_tickets(desk: House) -> None:
    for number, chat in enumerate(("7", "8", "9"), start=1):
        desk.hear("刷脸不过", chat)
        desk.press(f"human:{number}", chat)
        desk.verb("li", f"take {number}")
    opened(desk)
    before = len(desk.told("li"))
    take_in(desk)
    heard = [words for words in desk.told("li")[before:] if "归入事件" in words]
    assert heard == [
        "📣 您手上的 3 张工单归入事件 1（某处大面积失败）：#1 #2 #3。用户由系统统一告知，恢复时也一起通知。"
    ]


def test_danger_is_looked_at_by_itself_whatever_is_attached(desk: House) -> None:
    desk.hear("我被骗了", "7")
    desk.hear("要提异议", "8")
    opened(desk)
    before = {chat: len(desk.told(chat)) for chat in ("7", "8")}
    due = [desk.ticket(n).due_at for n in (1, 2)]
    for number in (1, 2):
        desk.verb("boss", f"attach {number} 1")
    tick(desk)
    desk.verb("boss", "incident_resolve 1 好了")
    tick(desk)
    assert [desk.ticket(n).status for n in (1, 2)] == ["queued", "queued"]
    assert [desk.ticket(n).due_at for n in (1, 2)] == due
    assert {chat: len(desk.told(chat)) for chat in before} == before
    assert findings(desk) == []


def test_who_waits_is_neither_asked_whether_it_helped_nor_closed(desk: House, clock: FakeClock) -> None:
    desk.hear("没收到报告")
    opened(desk, category=MISSING)
    take_in(desk)
    tick(desk)
    before = len(desk.told())
    clock.advance(days=5)
    tick(desk)
    desk.store.write_now(followups.close_idle, desk.office, clock())
    assert (desk.ticket().status, len(desk.told())) == ("bot", before)


def test_the_end_is_told_once_whatever_fails_on_the_way(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(desk)
    chats = [str(n) for n in range(20, 27)]
    for chat in chats:
        desk.hear("刷脸不过", chat)
    desk.verb("boss", "incident_resolve 1 已恢复。")
    acts = dict(followups.ACTS)

    def falls(session: Session, *more: object) -> None:
        acts["solved_together"](session, *more)  # type: ignore[arg-type]
        raise RuntimeError("pulled out")

    monkeypatch.setattr(followups, "ACTS", {**acts, "solved_together": falls})
    with pytest.raises(RuntimeError):
        tick(desk, 3)
    monkeypatch.setattr(followups, "ACTS", acts)
    assert [tick(desk, 3) for _ in range(4)] == [3, 3, 1, 0]
    for number, chat in enumerate(chats, start=1):
        assert len([words for words in desk.told(chat) if "已经处理完" in words]) == 1
        assert buttons(desk, chat) == [f"reopen:{number}"]
        assert desk.ticket(number).status == "resolved"
    assert findings(desk) == []


def test_still_not_working_brings_advice_then_people(desk: House) -> None:
    opened(desk)
    desk.hear("刷脸不过")
    desk.verb("boss", "incident_resolve 1")
    tick(desk)
    desk.press("reopen:1")
    assert (desk.ticket().status, desk.ticket().incident_id) == ("bot", None)
    assert "换个亮处" in desk.told()[-1]
    desk.hear("还不行")
    desk.hear("还不行")
    assert desk.ticket().status == "queued"
    assert "今天 12:00" in desk.told()[-1]
    assert findings(desk) == []


def test_people_who_had_a_person_have_one_again(desk: House, clock: FakeClock) -> None:
    opened(desk)
    desk.hear("刷脸不过")
    desk.press("human:1")
    desk.verb("boss", "incident_resolve 1")
    tick(desk)
    clock.advance(hours=1)
    desk.press("reopen:1")
    assert (desk.ticket().status, desk.ticket().incident_id) == ("queued", None)
    assert desk.ticket().sla["policy"]["first_response"] == "2h"
    assert findings(desk) == []


def test_supervisors_hear_once_when_it_is_not_over_for_several(desk: House) -> None:
    opened(desk)
    for chat in ("7", "8", "9", "10"):
        desk.hear("刷脸不过", chat)
    desk.verb("boss", "incident_resolve 1")
    tick(desk)
    desk.press("reopen:1", "7")
    desk.press("reopen:2", "8")
    assert not any("还是不行" in words for words in desk.told("boss"))
    desk.press("reopen:3", "9")
    desk.press("reopen:4", "10")
    assert [words for words in desk.told("boss") if "还是不行" in words] == [
        "⚠️ 事件 1（某处大面积失败）解决后，已有 3 人说还是不行，请再看一下：/incident 1"
    ]


def test_people_of_a_covered_incident_hear_of_the_wide_one(desk: House) -> None:
    opened(desk)
    desk.hear("刷脸不过", "7")
    opened(desk, category="", platform="wechat", covers=[1])
    desk.hear("还没好吗", "7")
    assert desk.told("7")[-1].startswith("还没恢复：在wechat里查征信")
    desk.verb("boss", "incident_resolve 1 局部好了")
    assert tick(desk) == 0
    desk.verb("boss", "incident_resolve 2 全好了")
    tick(desk)
    assert "说明：全好了" in desk.told("7")[-1]
    assert len([words for words in desk.told("7") if "已经处理完" in words]) == 1
    assert desk.ticket().status == "resolved"
    assert findings(desk) == []


def test_the_end_of_a_wide_incident_is_that_of_what_it_covers(desk: House) -> None:
    opened(desk)
    opened(desk, category="", platform="wechat", covers=[1])
    desk.verb("boss", "incident_resolve 2")
    assert {row.state for row in desk.rows(Incident)} == {"resolved"}


def test_status_tells_everybody_what_goes_on_in_words_for_people(desk: House) -> None:
    opened(desk, platform="wechat", text="微信在修。")
    opened(desk, category=SCAM)
    opened(desk, category=DISPUTE)
    desk.hear("/status", "99")
    words = desk.told("99")[-1]
    assert "· wechat上「标题 verification.face」：今天 09:40 左右开始，正在跟进。 微信在修。" in words
    assert words.count("·") == 1
    assert "某处" not in words


def test_an_incident_that_ends_while_its_answer_is_decided_is_not_told_as_going_on(desk: House) -> None:
    opened(desk)
    message = incoming(1, "刷脸不过")
    seen = desk.store.read_now(
        lambda s: situation.look(s, desk.office, None, message, None, desk.clock(), going.load(s, desk.office))
    )
    decided = desk.loop.decide(seen, [message], desk.clock())
    assert [part.key for part in decided.parts] == ["outage.same"]
    desk.verb("boss", "incident_resolve 1")
    with pytest.raises(ConflictError):
        desk.store.write_now(turn.apply, desk.office, None, [message], seen, decided, desk.clock())
    assert desk.told() == []
    desk.hear("刷脸不过")
    assert "换个亮处" in desk.told()[-1]
