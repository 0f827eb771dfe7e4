"""Agents put words on tickets, and tickets aside; nothing that was promised is forgotten for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import books, erase, snooze
from triagebot.desk.team import agents
from triagebot.desk.verbs import perform
from triagebot.errors import DeniedError, DeskError
from triagebot.store.tables import Audit, Outbox


def wakes(house: House) -> int:
    return house.store.write_now(snooze.wake_due, house.office, house.clock())


def findings(house: House) -> list[str]:
    def read(session: Session) -> list[str]:
        return [str(found) for found in books.read(session, house.office, house.clock())]

    return house.store.read_now(read)


def card(house: House, name: str) -> str:
    """The card of the latest state, as it goes to ``name``."""
    rows = [row for row in house.rows(Outbox) if row.chat == name and row.card]
    return str(rows[-1].payload["text"])


def test_tags_are_sorted_small_and_each_there_once(queued: House) -> None:
    assert queued.verb("li", "tag 1 #VIP 投诉，vip 手机") == "#1 的标签：#vip #手机 #投诉"
    queued.verb("zhao", "tag 1 Bank")
    assert queued.ticket().tags == "bank,vip,手机,投诉"
    assert "🏷 #bank #vip #手机 #投诉" in card(queued, "li")
    queued.verb("li", "untag 1 vip #手机")
    assert queued.ticket().tags == "bank,投诉"
    assert [e.data["tags"] for e in queued.events() if e.type in ("tagged", "untagged")] == [
        "vip,手机,投诉", "bank", "vip,手机"]  # fmt: skip
    assert "加标签：bank" in queued.verb("li", "show 1")
    assert findings(queued) == []


def test_a_tag_holds_no_personal_number(queued: House) -> None:
    queued.verb("li", "tag 1 13800138000")
    assert queued.ticket().tags == "[手机号]"
    assert "13800138000" not in repr([e.data for e in queued.events()])


def test_what_is_no_tag_is_explained_and_changes_nothing(queued: House) -> None:
    before = queued.types()
    refused = {
        "tag 1 " + "长" * 25: "最多 24 个字",
        "tag 1 a b c d e f g h i": "最多 8 个标签",
        "untag 1 没有过": "没有这个标签",
        "tag 1": "/tag N WORD",
    }
    for line, says in refused.items():
        with pytest.raises(DeskError, match=says):
            queued.verb("li", line)
    assert (queued.ticket().tags, queued.types()) == ("", before)


def test_a_ninth_tag_is_refused_and_the_eight_stay(queued: House) -> None:
    queued.verb("li", "tag 1 a b c d e f g h")
    with pytest.raises(DeskError, match="#a #b"):
        queued.verb("li", "tag 1 i")
    queued.verb("li", "tag 1 a")
    assert queued.ticket().tags == "a,b,c,d,e,f,g,h"


def test_forgetting_a_person_takes_the_tags_too(queued: House) -> None:
    queued.verb("li", "tag 1 王小明")
    queued.store.write_now(erase.erase_user, queued.office, "7", queued.clock())
    assert queued.ticket().tags == ""
    assert "王小明" not in repr([e.data for e in queued.events()])
    assert findings(queued) == []


def test_a_ticket_put_aside_comes_back_once_to_its_holder_with_the_card(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "take 1")
    told = queued.verb("li", "snooze 1 1h 等银行回话")
    assert "今天 11:00" in told
    assert queued.ticket().snoozed_until == clock() + timedelta(hours=1)
    assert "💤 先放着，今天 11:00 再看" in card(queued, "li")
    assert wakes(queued) == 0
    before = len(queued.told("zhao"))
    clock.advance(hours=1)
    assert (wakes(queued), wakes(queued)) == (1, 0)
    (notice,) = [row for row in queued.rows(Outbox) if "到时间了" in row.payload["text"]]
    assert notice.chat == "li"
    assert notice.payload["text"].startswith("⏰ #1 到时间了：等银行回话\n🟡 #1 P3")
    assert {"resolve:1", "show:1"} <= {action for row in notice.payload["buttons"] for _, action in row}
    assert not any("到时间了" in text for text in queued.told("zhao")[before:])
    assert (queued.ticket().snoozed_until, queued.types()[-1]) == (None, "woken")
    assert findings(queued) == []


def test_a_ticket_that_nobody_holds_comes_back_to_its_queue(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "snooze 1 30m")
    clock.advance(minutes=31)
    wakes(queued)
    heard = {row.chat for row in queued.rows(Outbox) if "⏰ #1 到时间了。" in row.payload["text"]}
    assert heard == {"li", "zhao", "boss"}


def test_putting_aside_stops_no_clock_and_says_what_is_due_before(queued: House, clock: FakeClock) -> None:
    due = queued.ticket().due_at
    told = queued.verb("li", "snooze 1 1d")
    assert "首次回复在今天 12:00 到期" in told
    assert queued.ticket().due_at == due
    assert "到期" not in queued.verb("li", "snooze 1 1h")
    clock.advance(hours=3)
    assert "首次回复在今天 12:00 已经到期" in queued.verb("li", "snooze 1 明早")


def test_the_persons_words_wake_a_ticket_at_once(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "take 1")
    queued.verb("li", "snooze 1 1d")
    queued.press("solved_nothing:1")
    assert queued.ticket().snoozed_until is not None
    queued.hear("我又试了一次")
    assert queued.ticket().snoozed_until is None
    assert queued.events()[-1].type == "woken"
    assert "我又试了一次" in queued.told("li")[-1]
    clock.advance(days=2)
    assert wakes(queued) == 0


def test_words_on_a_ticket_that_nobody_holds_bring_it_back_to_the_queue(queued: House) -> None:
    queued.verb("li", "snooze 1 1d")
    queued.hear("我又试了一次")
    assert any("💬 #1 原本先放着，用户回话了。" in text for text in queued.told("zhao"))
    assert findings(queued) == []


@pytest.mark.parametrize("ending", ["resolve 1", "transfer 1 hotline", "merge 1 2", "wake 1"])
def test_whatever_ends_or_moves_a_ticket_takes_it_up_again(queued: House, clock: FakeClock, ending: str) -> None:
    queued.hear("没收到报告")
    queued.verb("boss", "snooze 1 1d")
    queued.verb("boss", ending)
    assert queued.ticket().snoozed_until is None
    clock.advance(days=2)
    assert wakes(queued) == 0
    assert findings(queued) == []


def test_until_when_is_chosen_from_a_menu(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "take 1")
    menu = queued.store.write_now(
        lambda s: perform(s, queued.office, agents.by_name(s, "li", clock()), "snooze", "1", clock())
    )
    actions = [button.action for row in menu.buttons for button in row]
    assert actions == ["snooze:1:1h", "snooze:1:3h", "snooze:1:明早", "snooze:1:1d"]
    assert not menu.done
    for action in actions:
        queued.verb("li", action.replace(":", " "))
        assert queued.ticket().snoozed_until > clock()


def test_what_cannot_be_put_aside_is_explained(queued: House) -> None:
    queued.hear("没收到报告", "8")
    queued.hear("没收到报告", "9")
    queued.press("solved:3", "9")
    refused: list[tuple[str, str, type[DeskError], str]] = [
        ("li", "snooze 1 一会儿", DeskError, "看不懂「一会儿」"),
        ("li", "snooze 1 2026-11-01", DeskError, "已经过去"),
        ("li", "snooze 1 0m", DeskError, "已经过去"),
        ("li", "snooze 1 31d", DeskError, "最多放 30 天"),
        ("li", "snooze 2", DeskError, "还在机器人那里"),
        ("wang", "snooze 1 1h", DeniedError, "不在您负责的范围"),
        ("li", "wake 1", DeskError, "没有放着"),
        ("li", "snooze 2 1h", DeskError, "还在机器人那里"),
        ("li", "snooze 3 1h", DeskError, "已经不在处理中"),
    ]
    for who, line, refusal, says in refused:
        with pytest.raises(refusal, match=says):
            queued.verb(who, line)
    assert queued.ticket().snoozed_until is None


def test_a_colleague_cannot_put_aside_what_another_holds(queued: House) -> None:
    queued.verb("li", "take 1")
    with pytest.raises(DeniedError, match="li"):
        queued.verb("zhao", "snooze 1 1h")


def test_what_is_done_from_chat_is_in_the_audit_log(queued: House) -> None:
    queued.hear("/snooze 1 1h", "li")
    queued.hear("/tag 1 vip", "li")
    queued.hear("/incident_open 刷脸通道", "boss")
    queued.hear("/incident_ack 1", "boss")
    queued.hear("/incident_ack 1", "li")
    rows = [(row.action, row.target, row.outcome) for row in queued.rows(Audit)]
    assert rows == [
        ("snooze", "ticket:1", "done"), ("tag", "ticket:1", "done"), ("incident_open", "", "done"),
        ("incident_ack", "incident:1", "done"), ("incident_ack", "incident:1", "denied"),
    ]  # fmt: skip
