"""Two agents at one ticket: nobody talks past a colleague without knowing it, and everybody may insist."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import erase, tickets
from triagebot.desk.team import agents, presence
from triagebot.desk.team.presence import Other
from triagebot.desk.verbs import attempt
from triagebot.errors import DeskError
from triagebot.store.tables import Audit, Outbox, Presence


def writes(house: House, who: str, draft: str | None) -> None:
    """What the page of a browser reports every few seconds."""

    def run(session: Session) -> None:
        agent = agents.by_name(session, who, house.clock())
        presence.seen(session, tickets.get(session, 1), agent, draft, house.clock())

    house.store.write_now(run)


def there(house: House, who: str) -> list[Other]:
    def run(session: Session) -> list[Other]:
        agent = agents.by_name(session, who, house.clock())
        return presence.others(session, tickets.get(session, 1), agent, house.clock())

    return house.store.read_now(run)


@pytest.fixture
def taken(queued: House, clock: FakeClock) -> House:
    """li has the ticket; boss may answer too."""
    queued.verb("li", "take 1")
    queued.verb("boss", "show 1")
    clock.advance(seconds=50)
    return queued


def test_an_answer_that_crosses_a_colleagues_is_held_back_and_said(taken: House, clock: FakeClock) -> None:
    taken.verb("li", "reply 1 " + "请换到窗边再试一次。" * 10)
    clock.advance(seconds=30)
    before = taken.told()
    said = taken.verb("boss", "reply 1 请重启手机")
    assert said.startswith("先没发。li 今天 10:00 已经回复了 #1")
    assert "请换到窗边再试一次。" * 5 in said
    assert "请换到窗边再试一次。" * 6 not in said, "the first 60 characters are enough"
    assert taken.told() == before
    assert (taken.types()[-1], taken.events()[-1].data["text"]) == ("reply_held", "请重启手机")


def test_what_was_held_back_is_sent_by_its_button(taken: House) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    taken.hear("/reply 1 请重启手机", chat="boss")
    (held,) = [
        r.payload for r in taken.rows(Outbox) if r.chat == "boss" and not r.card and "先没发" in r.payload["text"]
    ]
    assert held["buttons"][0][0] == ["📨 仍然发送", "send:1"]
    taken.hear(chat="boss", kind="press", action="send:1", message_ref="m9")
    assert taken.told()[-1].endswith("boss（工单 #1）：请重启手机")
    with pytest.raises(DeskError, match="没有按住"):
        taken.verb("boss", "send 1")
    assert [(row.actor, row.action) for row in taken.rows(Audit)] == [("agent:4", "send")], "and held back is not done"


def test_the_same_words_once_more_are_sent(taken: House, clock: FakeClock) -> None:
    writes(taken, "li", "我在写")
    assert taken.verb("boss", "reply 1 请重启手机").startswith("先没发。li 正在给 #1")
    assert taken.verb("boss", "reply 1 请等等").startswith("先没发")
    clock.advance(seconds=10)
    assert "已回复" in taken.verb("boss", "reply 1 请等等")
    assert taken.told()[-1].endswith("请等等")


def test_a_canned_answer_is_held_back_too_and_is_still_one_when_sent(taken: House) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    assert taken.verb("boss", "macro light 1").startswith("先没发")
    taken.verb("boss", "send 1")
    assert taken.events()[-1].data["macro"] == "light"


def test_a_question_that_is_held_back_does_not_begin_to_wait(taken: House) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    assert taken.verb("boss", "pending 1 您用的什么手机？").startswith("先没发")
    assert taken.ticket().status == "assigned"


def test_what_was_held_back_is_forgotten_after_five_minutes(taken: House, clock: FakeClock) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    taken.verb("boss", "reply 1 请重启手机")
    clock.advance(minutes=6)
    with pytest.raises(DeskError, match="没有按住"):
        taken.verb("boss", "send 1")
    assert "已回复" in taken.verb("boss", "reply 1 请重启手机"), "and what was said six minutes ago surprises nobody"


def test_who_has_looked_since_is_not_held_back(taken: House, clock: FakeClock) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    clock.advance(seconds=5)
    taken.verb("boss", "show 1")
    assert "已回复" in taken.verb("boss", "reply 1 还可以重启手机")


def test_opening_a_menu_is_not_looking(taken: House, clock: FakeClock) -> None:
    taken.verb("li", "reply 1 请换到窗边")
    clock.advance(seconds=5)
    taken.verb("boss", "macro 1")
    assert taken.verb("boss", "macro light 1").startswith("先没发")


def test_ones_own_answers_never_collide(taken: House, clock: FakeClock) -> None:
    for text in ("一", "二", "三"):
        assert "已回复" in taken.verb("li", f"reply 1 {text}")


def test_presence_is_who_was_seen_just_now_and_what_they_write(taken: House, clock: FakeClock) -> None:
    writes(taken, "li", "您好，请")
    (li,) = there(taken, "boss")
    assert (li.name, li.draft, li.writing) == ("li", "您好，请", True)
    assert there(taken, "li") == []
    for _ in range(4):  # the page is open, and nothing more is written
        clock.advance(seconds=40)
        writes(taken, "li", "您好，请")
    assert [other.writing for other in there(taken, "boss")] == [False]
    writes(taken, "li", None)
    assert there(taken, "boss")[0].draft == "您好，请", "looking leaves the draft alone"
    clock.advance(seconds=46)
    assert there(taken, "boss") == []


def test_an_answer_that_was_sent_leaves_no_draft(taken: House) -> None:
    writes(taken, "li", "您好，请稍等")
    taken.verb("li", "reply 1 您好，请稍等")
    assert [row.draft for row in taken.rows(Presence) if row.draft] == []


def test_drafts_are_erased_with_the_words_of_the_ticket(taken: House, clock: FakeClock) -> None:
    writes(taken, "li", "王小明，您好")
    taken.verb("boss", "reply 1 王小明，请重启")
    assert taken.types()[-1] == "reply_held"
    taken.store.write_now(erase.erase_user, taken.office, "7", clock())
    assert taken.rows(Presence) == []
    assert "王小明" not in repr([event.data for event in taken.events()])


def test_a_supervisor_who_took_over_hears_of_the_answer_that_was_under_way(queued: House, clock: FakeClock) -> None:
    """li answers, the ticket moves to the hotline, wang answers at once without having opened it."""
    queued.verb("li", "reply 1 请换到窗边")
    queued.verb("li", "transfer 1 hotline")
    clock.advance(seconds=20)
    assert queued.verb("wang", "reply 1 您好").startswith("先没发。li")
    assert queued.ticket().assignee_id is None, "and nothing was taken by it"


def test_a_refusal_keeps_nothing(taken: House) -> None:
    def run(session: Session) -> str:
        zhao = agents.by_name(session, "zhao", taken.clock())
        return attempt(session, taken.office, zhao, "reply", "1 你好", taken.clock()).text

    assert "li" in taken.store.write_now(run)
    assert "reply_held" not in taken.types()
