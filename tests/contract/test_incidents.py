"""Several people, one trouble: one ticket is worked on, the others follow it, and everybody hears once how it ended."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import FACE, House
from triagebot.desk import books, erase, explain, promises
from triagebot.desk.afterwards import followups
from triagebot.desk.incident import incidents
from triagebot.errors import DeniedError, DeskError
from triagebot.store.tables import Followup, Outbox

SECRET = "我住在西湖边三号"


@pytest.fixture
def incident(queued: House) -> House:
    """Tickets 1, 2 and 3, of chats 7, 8 and 9, are attached to incident 1; ticket 4, of chat 10, is not."""
    for number, chat in enumerate(("8", "9", "10"), start=2):
        queued.hear(f"刷脸不过 {SECRET}", chat)
        queued.press(f"human:{number}", chat)
    queued.verb("boss", f"incident_open {FACE} 刷脸通道大面积失败")
    for number in (1, 2, 3):
        queued.verb("boss", f"attach {number} 1")
    tick(queued)
    return queued


def tick(house: House) -> int:
    return house.store.write_now(followups.run_due, house.office, house.clock())


def findings(house: House) -> list[str]:
    def read(session: Session) -> list[str]:
        return [str(found) for found in books.read(session, house.office, house.clock())]

    return house.store.read_now(read)


def buttons(house: House, chat: str) -> list[str]:
    row = [row for row in house.rows(Outbox) if row.chat == chat][-1]
    return [action for line in row.payload["buttons"] for _, action in line]


def statuses(house: House) -> list[str]:
    return [house.ticket(number).status for number in (1, 2, 3, 4)]


def test_a_ticket_of_another_person_follows_and_its_person_is_told(incident: House) -> None:
    told = incident.verb("boss", "merge 2 1")
    assert "#2 跟着 #1 一起办" in told
    assert incident.ticket(2).status == "merged"
    assert incident.events(2)[-2].data == {"agent_name": "boss", "into": 1, "followed": True}
    assert "您的工单 #2 和其他用户遇到的是同一件事" in incident.told("8")[-1]
    assert buttons(incident, "8") == ["reopen:2"]
    assert "另一位用户的 #2" in incident.events(1)[-1].data["text"]
    assert findings(incident) == []


def test_other_peoples_tickets_are_only_one_when_the_incident_is(incident: House) -> None:
    for line in ("merge 4 1", "merge 1 4", "merge 4 9", "merge 1 1"):
        with pytest.raises(DeskError):
            incident.verb("boss", line)
    assert statuses(incident) == ["queued"] * 4


def test_when_the_ticket_is_solved_everyone_who_follows_hears_it_once(incident: House) -> None:
    incident.verb("boss", "merge 3 2")
    incident.verb("boss", "merge 2 1")
    before = {chat: len(incident.told(chat)) for chat in ("7", "8", "9", "10")}
    incident.verb("li", f"resolve 1 {SECRET}")
    assert (tick(incident), tick(incident)) == (2, 0)
    heard = {chat: incident.told(chat)[n:] for chat, n in before.items()}
    assert {chat: len(texts) for chat, texts in heard.items()} == {"7": 1, "8": 1, "9": 1, "10": 0}
    assert heard["8"] == [
        "让您久等了：您的工单 #2 说的问题，我们这边已经处理完。请再试一次。\n您那边要是还不行，点下面的按钮，我们单独给您处理。"
    ]
    assert buttons(incident, "8") == ["reopen:2"]
    assert statuses(incident) == ["resolved", "resolved", "resolved", "queued"]
    incident.press("reopen:1", "7")
    incident.verb("li", "resolve 1")
    assert tick(incident) == 0
    assert findings(incident) == []


def test_no_word_of_one_person_reaches_another(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.hear(f"补充 {SECRET}", "8")
    incident.verb("li", f"reply 1 {SECRET}")
    incident.verb("li", f"resolve 1 {SECRET}")
    tick(incident)
    assert not any(SECRET in text for text in incident.told("8"))
    assert not any("西湖" in text for text in incident.told("9"))


def test_it_goes_in_the_language_of_each(incident: House) -> None:
    incident.hear("/language en", "8")
    incident.store.write_now(lambda s: setattr(s.get(type(incident.ticket(2)), 2), "lang", "en"))
    incident.verb("boss", "merge 2 1")
    assert incident.told("8")[-1].startswith("Your ticket #2 turns out to be the same trouble")


def test_the_way_back_is_a_new_promise_and_a_ticket_of_its_own(incident: House, clock: FakeClock) -> None:
    incident.verb("boss", "merge 2 1")
    incident.verb("li", "resolve 1")
    tick(incident)
    clock.advance(days=1)
    incident.press("reopen:2", "8")
    ticket = incident.ticket(2)
    assert (ticket.status, ticket.incident_id, ticket.due_metric) == ("queued", None, "first_response")
    assert ticket.due_at is not None
    assert (ticket.due_at - clock()).total_seconds() == 2 * 3600
    assert ticket.next_due_at is not None
    assert "预计明天" not in incident.told("8")[-1]
    assert "今天 12:00" in incident.told("8")[-1]
    assert incident.types(2)[-4:] == ["incident_detached", "reopened", "user_pressed", "bot_replied"]
    incident.verb("li", "reply 2 您好")
    incident.verb("li", "resolve 2 好了")
    incident.press("reopen:2", "8")
    assert "promise" not in [e for e in incident.events(2) if e.type == "reopened"][-1].data
    assert findings(incident) == []


def test_a_promise_given_anew_is_watched_like_any_other(incident: House, clock: FakeClock) -> None:
    """The first one was broken before the ticket was merged: that is history, and nobody hears of it again."""
    clock.advance(hours=5)
    incident.store.write_now(promises.sweep, incident.office, clock())
    incident.verb("boss", "merge 2 1")
    clock.advance(hours=1)
    incident.press("reopen:2", "8")
    before = len(incident.told("boss"))
    clock.advance(minutes=59)
    while incident.store.write_now(promises.sweep, incident.office, clock()):
        clock.advance(seconds=1)
    assert not any("#2（P3" in text for text in incident.told("boss")[before:])
    clock.advance(hours=2)
    while incident.store.write_now(promises.sweep, incident.office, clock()):
        clock.advance(seconds=1)
    assert len([text for text in incident.told("boss")[before:] if "🚨 #2（P3" in text]) == 1
    assert incident.types(2).count("sla_breached") == 2
    shown = incident.store.read_now(explain.explain, incident.office, 2, "zh", clock())
    assert shown.count("首次回复：") == 2
    assert "取消（并单）" in shown
    assert findings(incident) == []


def test_who_says_that_theirs_is_different_is_worked_on_at_once(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.press("reopen:2", "8")
    assert (incident.ticket(2).status, incident.ticket(2).incident_id) == ("queued", None)
    before = len(incident.told("8"))
    incident.verb("li", "resolve 1")
    tick(incident)
    assert incident.told("8")[before:] == []
    assert findings(incident) == []


def test_what_people_say_while_they_follow_is_kept_and_shown_to_who_is_at_it(incident: House) -> None:
    incident.verb("li", "take 1")
    incident.verb("boss", "merge 3 2")
    incident.verb("boss", "merge 2 1")
    before = len(incident.told("zhao"))
    incident.hear("对了，是周二开始的", "9")
    assert incident.events(3)[-2].data["text"] == "对了，是周二开始的"
    assert any("#3（同一事件，跟着 #1）用户：对了，是周二开始的" in text for text in incident.told("li"))
    assert len(incident.told("zhao")) == before
    assert "已补充到您的工单 #3" in incident.told("9")[-1]
    assert len(incident.rows(type(incident.ticket()))) == 4


def test_while_nobody_is_at_it_the_queue_hears_and_when_it_is_over_supervisors_do(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.hear("是周二开始的", "8")
    assert any("是周二开始的" in text for text in incident.told("zhao"))
    incident.press("solved:1", "7")
    assert incident.ticket(1).status == "resolved"
    incident.hear("今天还是不行", "8")
    assert any("今天还是不行" in text for text in incident.told("boss"))
    assert not any("今天还是不行" in text for text in incident.told("zhao"))
    assert incident.ticket(2).status == "merged"
    incident.verb("boss", "incident_resolve 1")
    tick(incident)
    assert incident.ticket(2).status == "resolved"


def test_that_one_person_found_a_way_is_not_told_to_others_as_the_end(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    before = len(incident.told("8"))
    incident.press("solved:1", "7")
    assert tick(incident) == 0
    assert len(incident.told("8")) == before


def test_another_problem_and_danger_are_tickets_of_their_own(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.hear("我被骗了", "8")
    assert (incident.ticket(5).queue, incident.ticket(5).priority) == ("security", "P1")
    assert incident.ticket(2).status == "merged"
    incident.hear("/status", "8")
    assert "#2 标题 verification.face：和其他用户的是同一件事" in incident.told("8")[-1]
    assert "#5" in incident.told("8")[-1]


def test_when_the_incident_is_over_all_its_people_hear_what_the_supervisor_wrote(
    incident: House, clock: FakeClock
) -> None:
    incident.verb("boss", "merge 2 1")
    incident.verb("li", "take 3")
    before = {chat: len(incident.told(chat)) for chat in ("7", "8", "9", "10")}
    told = incident.verb("boss", "incident_resolve 1 查询通道已恢复，今晚起可以正常刷脸。")
    assert "相关的 3 张未完工单" in told
    assert (tick(incident), tick(incident)) == (3, 0)
    for chat, number in (("7", 1), ("8", 2), ("9", 3)):
        (text,) = incident.told(chat)[before[chat] :]
        assert f"#{number}" in text
        assert "说明：查询通道已恢复，今晚起可以正常刷脸。" in text
        assert buttons(incident, chat) == [f"reopen:{number}"]
    assert len(incident.told("10")) == before["10"]
    assert statuses(incident) == ["resolved", "resolved", "resolved", "queued"]
    clock.advance(hours=1)
    incident.press("reopen:3", "9")
    assert (incident.ticket(3).status, incident.ticket(3).incident_id) == ("assigned", None)
    assert findings(incident) == []


def test_whoever_wanted_to_be_forgotten_is_not_told(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.store.write_now(erase.erase_user, incident.office, "8", incident.clock())
    before = len(incident.told("8"))
    incident.verb("boss", "incident_resolve 1")
    tick(incident)
    assert len(incident.told("8")) == before
    assert incident.ticket(2).status == "merged"
    assert findings(incident) == []


def test_who_came_back_before_they_were_told_is_not_told(incident: House) -> None:
    incident.verb("boss", "merge 2 1")
    incident.verb("boss", "incident_resolve 1")
    incident.press("reopen:2", "8")
    before = len(incident.told("8"))
    tick(incident)
    assert len(incident.told("8")) == before
    assert incident.ticket(2).status == "queued"


def test_thousands_are_told_a_batch_at_a_time(incident: House) -> None:
    incident.verb("boss", "incident_resolve 1")
    run = lambda: incident.store.write_now(followups.run_due, incident.office, incident.clock(), 2)  # noqa: E731
    assert [run(), run(), run()] == [2, 1, 0]
    assert {row.state for row in incident.rows(Followup)} == {"done"}


def test_a_ticket_of_the_same_person_takes_its_place(incident: House) -> None:
    """Whoever followed the ticket that ended goes on following the other one."""
    incident.verb("boss", "merge 2 1")
    incident.hear("没收到报告", "7")
    incident.press("human:5", "7")
    incident.verb("boss", "merge 1 5")
    assert (incident.ticket(1).incident_id, incident.ticket(5).incident_id) == (None, 1)
    before = len(incident.told("8"))
    incident.verb("li", "resolve 5")
    assert tick(incident) == 1
    assert len(incident.told("8")) == before + 1
    assert findings(incident) == []


def test_incidents_are_listed_with_their_tickets_and_people(incident: House) -> None:
    incident.hear("没收到报告", "8")
    incident.verb("boss", "attach 5 1")
    incident.verb("boss", "incident_open 另一件")
    lines = incident.verb("boss", "incidents").splitlines()
    assert lines[0] == "进行中的事件 2 个："
    assert "事件 2 另一件 · 新 · 今天 10:00 起 · 工单 0 张（未完 0），0 人" in lines
    assert "事件 1 刷脸通道大面积失败 · 新 · 今天 10:00 起 · 工单 4 张（未完 4），3 人" in lines
    assert "有人在处理" in incident.verb("boss", "incident_ack 1")
    shown = incident.verb("boss", "incident 1")
    assert "处理中" in shown
    assert "标题 verification.face" in shown
    assert len(re.findall(r"· #\d", shown)) == 4
    assert "📣 事件 1 刷脸通道大面积失败（处理中）" in incident.verb("li", "show 1")


def test_what_cannot_be_done_to_an_incident_is_explained(incident: House) -> None:
    incident.verb("boss", "incident_open 另一件")
    incident.verb("boss", "incident_resolve 1")
    tick(incident)
    refused = {
        "incident 9": "没有事件 9",
        "incident x": "请带上事件号",
        "incident_ack 1": "已经是「已解决」",
        "incident_resolve 1": "已经是「已解决」",
        "attach 4 1": "已经是「已解决」",
        "attach 1 2": "不在处理中",
        "detach 4": "不在任何事件里",
        "attach 4 x": "请带上事件号",
    }
    for line, says in refused.items():
        with pytest.raises(DeskError, match=says):
            incident.verb("boss", line)
    assert statuses(incident) == ["resolved", "resolved", "resolved", "queued"]


def test_what_others_follow_stays_where_it_is(incident: House) -> None:
    incident.verb("boss", "incident_open 另一件")
    incident.verb("boss", "merge 2 1")
    for line in ("detach 1", "attach 1 2", "detach 2"):
        with pytest.raises(DeskError, match="一起办"):
            incident.verb("boss", line)
    assert (incident.ticket(1).incident_id, incident.ticket(2).incident_id) == (1, 1)


def test_incidents_are_for_supervisors(incident: House) -> None:
    for line in ("incidents", "incident 1", "incident_open x", "incident_ack 1", "attach 4 1", "detach 1"):
        with pytest.raises(DeniedError):
            incident.verb("li", line)
    assert [incident.ticket(n).incident_id for n in (1, 2, 3, 4)] == [1, 1, 1, None]


def test_what_a_supervisor_writes_holds_no_personal_number(incident: House) -> None:
    incident.verb("boss", "incident_open 用户 13800138000 报的")
    incident.verb("boss", "incident_resolve 2 找 13800138000")
    found = incident.store.read_now(incidents.get, 2)
    assert "13800138000" not in f"{found.title} {found.status_text}"
