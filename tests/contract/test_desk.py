"""One turn and what agents do, against real databases: all of it or nothing, and everybody hears what concerns them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlmodel import Session, select

from tests.conftest import FakeClock
from tests.storing import OWNERS
from tests.unit.house import DISPUTE, FACE, MISSING, House, incoming, office
from triagebot.desk.team import agents
from triagebot.desk.verbs import VERBS
from triagebot.dialogue import situation, turn
from triagebot.dialogue.signals import press_of
from triagebot.dialogue.state import Step, View
from triagebot.errors import ConflictError, DeniedError, DeskError, UsageError
from triagebot.messages import Incoming, Receipt
from triagebot.store import inbox, outbox
from triagebot.store.tables import Agent, Card, Conversation, Event, Inbox, Outbox, Ticket


def test_a_turn_is_one_transaction(house: House) -> None:
    house.hear("刷脸不过", user_name="小明")
    ticket, conversation = house.ticket(), house.conversation()
    assert (ticket.status, ticket.category, ticket.summary, ticket.lang) == ("bot", FACE, "刷脸不过", "zh")
    assert house.types() == ["opened", "user_replied", "answered", "bot_replied"]
    assert [row.state for row in house.rows(Inbox)] == ["done"]
    (reply,) = house.rows(Outbox)
    assert reply.ticket_id == 1
    assert all(a.endswith(":1") for row in reply.payload["buttons"] for _, a in row)
    assert (conversation.state, conversation.ticket_id, conversation.user_name) == ("asked_platform", 1, "小明")


def test_a_turn_that_was_decided_on_old_sight_writes_nothing(house: House, clock: FakeClock) -> None:
    house.hear("刷脸不过")
    heard = incoming(99, "还是不行")

    def look(session: Session) -> turn.View:
        return situation.look(session, office(), situation.find(session, heard.address), heard, None, clock())

    seen = house.store.read_now(look)
    decided = house.loop.decide(seen, [heard], clock())
    house.press("solved:1")
    before = (house.types(), len(house.rows(Outbox)))

    def write(session: Session) -> None:
        turn.apply(session, office(), situation.find(session, heard.address), [heard], seen, decided, clock())

    with pytest.raises(ConflictError):
        house.store.write_now(write)
    assert (house.types(), len(house.rows(Outbox))) == before


def test_an_agent_who_acts_in_between_makes_the_bot_decide_again(queued: House) -> None:
    """The ticket is taken after the dialogue looked and before it writes: it looks again and leaves it to the agent."""
    decide, taken = queued.loop.decide, []

    def decided_too_late(view: View, heard: Sequence[Incoming], now: datetime) -> Step:
        done = decide(view, heard, now)
        if not taken:
            taken.append(queued.verb("li", "take 1"))
        return done

    queued.loop.decide = decided_too_late  # type: ignore[method-assign]
    told = len(queued.told())
    queued.hear("补充一句")
    assert (queued.rows(Inbox)[-1].state, queued.rows(Inbox)[-1].attempts) == ("done", 0)
    assert (queued.events()[-1].actor, queued.events()[-1].data["text"]) == ("user", "补充一句")
    assert len(queued.told()) == told


def test_a_crash_while_writing_leaves_nothing_half_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: object, **more: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(turn, "_reply", crash)
    house.hear("刷脸不过")
    assert [house.rows(t) for t in (Ticket, Event, Outbox, Conversation)] == [[], [], [], []]
    (row,) = house.rows(Inbox)
    assert (row.state, row.attempts) == ("pending", 1)


def test_a_hand_over_names_number_queue_and_time(queued: House) -> None:
    (text,) = [t for t in queued.told() if "#1" in t]
    assert "「客服」" in text
    assert "今天 12:00" in text
    assert queued.ticket().sla == {
        "policy": {"first_response": "2h", "next_response": "4h", "warn_at": [0.5, 0.8]},
        "calendar": "24x7", "version": 3, "steps": [{"at": 1.0, "do": ["notify_supervisor"]}], "tell_user_at": 0.9,
    }  # fmt: skip


def test_everyone_of_the_queue_sees_the_card_and_nobody_else(queued: House) -> None:
    assert [bool(queued.told(name)) for name in ("li", "zhao", "boss", "wang")] == [True, True, True, False]
    assert "刷脸不过" in queued.told("li")[-1]


def test_a_card_is_edited_in_place(queued: House, clock: FakeClock) -> None:
    queued.deliver()
    refs = {(c.chat, c.name): c.ref for c in queued.rows(Card)}
    queued.verb("li", "take 1")
    heads = queued.store.read_now(outbox.heads, OWNERS, clock(), 10)
    for parcel in heads:
        assert parcel.message.card == "ticket:1"
        assert parcel.known_ref == refs[parcel.to.chat, "ticket:1"]
        assert "li 处理中" in parcel.message.text
        actions = [b.action for row in parcel.message.buttons for b in row]
        assert actions == [
            f"{verb}:1" for verb in ("macro", "resolve", "show", "pending", "snooze", "transfer", "priority")
        ]
    assert {p.to.chat for p in heads} == {"li", "zhao", "boss"}


def test_an_agents_reply_reaches_the_person_and_is_what_they_talk_about(queued: House) -> None:
    queued.hear("没收到报告")
    assert queued.conversation().ticket_id == 2
    queued.verb("li", "reply 1 您好，请稍等")
    assert "li（工单 #1）：您好，请稍等" in queued.told()[-1]
    assert (queued.ticket().status, queued.conversation().ticket_id) == ("assigned", 1)
    assert queued.ticket().first_response_at is not None
    before = len(queued.told())
    queued.hear("好的我等着")
    assert len(queued.told()) == before
    assert queued.types()[-1] == "user_replied"
    assert "好的我等着" in queued.told("li")[-1]


def test_a_command_of_the_person_is_no_word_for_the_agent(queued: House) -> None:
    queued.verb("li", "reply 1 您好")
    notices = len(queued.told("li"))
    queued.hear("/status")
    assert "user_replied" not in queued.types()[queued.types().index("agent_replied") :]
    assert len(queued.told("li")) == notices
    assert "li 正在处理" in queued.told()[-1]


def test_a_transfer_changes_the_queue_and_the_promise(queued: House) -> None:
    due = queued.ticket().next_due_at
    assert "热线" in queued.verb("boss", "transfer 1 hotline 要查记录")
    ticket = queued.ticket()
    assert (ticket.queue, ticket.status, ticket.assignee_id, ticket.sla["calendar"]) == (
        "hotline", "queued", None, "cn-business")  # fmt: skip
    assert ticket.sla["policy"]["first_response"] == "4h"
    assert ticket.next_due_at is not None
    assert due is not None
    assert ticket.next_due_at > due
    assert queued.told("wang")


def test_a_higher_priority_brings_its_promise(queued: House) -> None:
    queued.verb("li", "priority 1 p2")
    assert (queued.ticket().priority, queued.ticket().sla["policy"]["first_response"]) == ("P2", "1h")


def test_resolving_asks_for_stars_which_may_be_typed_or_pressed(queued: House) -> None:
    queued.verb("li", "resolve 1 已核实")
    assert queued.ticket().status == "resolved"
    assert "已核实" in queued.told()[-1]
    asked = [r for r in queued.rows(Outbox) if r.chat == "7"][-1]
    assert [a for _, a in asked.payload["buttons"][0]] == [f"rate:{n}:1" for n in (5, 4, 3, 2, 1)]
    queued.hear("1")
    assert queued.ticket().rating == 1
    queued.press("rate:4:1")
    assert queued.ticket().rating == 4


def test_a_figure_after_an_agents_question_presses_no_old_button(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "reply 1 选 1 还是 2？")
    assert press_of(incoming(50, "1"), situation.memory_of(queued.conversation())) is None
    queued.hear("1")
    assert queued.events()[-1].data["text"] == "1"


def test_a_reply_within_a_week_reopens_and_later_starts_anew(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "resolve 1")
    clock.advance(days=6)
    queued.hear("刷脸又不行了")
    assert (queued.ticket().status, queued.ticket().resolved_at) == ("assigned", None)
    queued.verb("li", "resolve 1")
    clock.advance(days=8)
    queued.hear("刷脸又不行了")
    assert queued.ticket().status == "resolved"
    assert queued.ticket(2).status == "bot"


def test_two_tickets_of_one_person_become_one(queued: House) -> None:
    queued.hear("没收到报告")
    queued.verb("li", "merge 2 1")
    assert (queued.ticket(2).status, queued.conversation().ticket_id) == ("merged", 1)
    assert "note" in queued.types(1)
    queued.hear("好的")
    assert queued.types(1)[-2] == "user_replied"


REFUSALS = [
    ("zhao", "take 1", DeniedError, "li"),
    ("zhao", "reply 1 你好", DeniedError, "li"),
    ("zhao", "resolve 1", DeniedError, "li"),
    ("wang", "transfer 1 hotline", DeniedError, "li"),
    ("wang", "take 2", DeniedError, "「客服」"),
    ("li", "take 3", DeskError, "已经不在处理中"),
    ("li", "reply 3 你好", DeskError, "已经不在处理中"),
    ("li", "transfer 1 nowhere", DeskError, "nowhere"),
    ("li", "queue nowhere", DeskError, "nowhere"),
    ("li", "priority 1 P9", DeskError, "P9"),
    ("li", "category 1 no.such", DeskError, "no.such"),
    ("li", "merge 1 1", DeskError, "#1"),
    ("li", "merge 1 3", DeskError, "#3"),
    ("li", "merge 1 x", DeskError, "工单号"),
    ("li", "take 77", DeskError, "#77"),
    ("li", "take " + "9" * 30, DeskError, "用法"),
    ("li", "take", DeskError, "用法"),
    ("li", "take one", DeskError, "用法"),
    ("li", "reply 1", DeskError, "用法"),
    ("li", "dance 1", DeskError, "/dance"),
]


def test_what_cannot_be_done_is_explained_and_changes_nothing(queued: House) -> None:
    queued.verb("li", "take 1")
    queued.hear("刷脸不过", chat="8")
    queued.press("human:2", chat="8")
    queued.hear("没收到报告", chat="9")
    queued.press("solved:3", chat="9")
    before = (len(queued.rows(Event)), len(queued.rows(Outbox)))
    for who, line, error, word in REFUSALS:
        with pytest.raises(error, match=word):
            queued.verb(who, line)
        assert (len(queued.rows(Event)), len(queued.rows(Outbox))) == before, line


def test_a_supervisor_may_step_in(queued: House) -> None:
    queued.verb("li", "take 1")
    assert "已经在您手上" in queued.verb("li", "take 1")
    queued.verb("boss", "take 1")
    assert queued.ticket().assignee_id == queued.store.read_now(lambda s: agents.by_name(s, "boss", queued.clock()).id)


def test_answering_what_the_bot_has_makes_it_the_agents(house: House) -> None:
    house.agent("li")
    house.hear("刷脸不过")
    house.verb("li", "reply 1 我来看看")
    assert (house.ticket().status, house.ticket().queue) == ("assigned", "customer_service")
    assert house.types()[-3:] == ["escalated", "taken", "agent_replied"]


def test_lists_show_the_most_urgent_first_and_only_ones_own_queues(queued: House) -> None:
    queued.hear("被骗了", chat="8")
    assert queued.ticket(2).priority == "P1"
    boss = queued.verb("boss", "queue")
    assert boss.index("#2") < boss.index("#1")
    assert "#2" in queued.verb("boss", "next")
    assert "#2" not in queued.verb("li", "queue")
    assert "没有等待" in queued.verb("wang", "next")
    assert queued.verb("boss", "sla").index("#2") < queued.verb("boss", "sla").index("#1")
    assert "刷脸不过" in queued.verb("li", "show 1")
    assert all(f"/{name}" in queued.verb("boss", "help") for name, verb in VERBS.items() if verb.role != "admin")
    assert "/report" not in queued.verb("li", "help")


def test_danger_reaches_supervisors_whatever_their_queue(house: House) -> None:
    house.agent("boss", role="supervisor", queues=["hotline"])
    house.hear("被骗了")
    assert house.ticket().queue == "security"
    assert "🔴" in house.told("boss")[0]
    assert house.told()[0].startswith("先别急")


def test_an_old_button_of_a_ticket_that_is_over_does_not_lose_the_one_at_hand(house: House) -> None:
    house.hear("没收到报告")
    house.press("solved:1")
    house.hear("刷脸不过")
    house.press("not_solved:99")
    assert house.conversation().ticket_id == 2
    house.press("pick:report.missing:1")
    assert (house.conversation().ticket_id, house.ticket(1).status) == (2, "resolved")


def test_a_button_of_another_open_ticket_is_about_that_one(queued: House) -> None:
    queued.hear("没收到报告")
    assert queued.conversation().ticket_id == 2
    queued.press("solved:1")
    assert [queued.ticket(n).status for n in (1, 2)] == ["resolved", "bot"]


def test_nobody_presses_the_buttons_of_somebody_else(house: House) -> None:
    house.hear("刷脸不过")
    house.press("solved:1", chat="8")
    assert house.ticket(1).status == "bot"


def test_the_language_that_was_chosen_sticks(house: House) -> None:
    house.hear("刷脸不过")
    house.hear("/language en")
    house.hear("另外，没收到报告")
    assert (house.conversation().lang, house.ticket(2).lang) == ("en", "en")
    assert "(en)" in house.told()[-1]


def test_people_who_were_removed_may_do_nothing_and_may_come_back(house: House, clock: FakeClock) -> None:
    first = house.agent("li", queues=["hotline"])
    house.store.write_now(agents.remove, "li")
    with pytest.raises(DeskError):
        house.verb("li", "queue")
    house.hear("刷脸不过", chat="li")
    assert house.ticket(1).category == FACE
    assert house.agent("li", role="supervisor") == first
    with pytest.raises(UsageError, match="already"):
        house.agent("li")
    with pytest.raises(UsageError, match="already the agent"):
        house.agent("zhao", user="li")
    with pytest.raises(UsageError, match="boss"):
        house.agent("zhao", role="boss")
    with pytest.raises(UsageError, match="no agent"):
        house.store.write_now(agents.remove, "nobody")
    house.store.write_now(agents.ensure_admins, "telegram", ["5", "li"], clock())
    house.store.write_now(agents.ensure_admins, "telegram", ["5"], clock())
    assert [(a.name, a.role) for a in house.rows(Agent)] == [("li", "supervisor"), ("admin-5", "admin")]


def test_a_dispute_gives_the_hotline_and_two_questions(house: House) -> None:
    house.hear("我要提异议")
    assert "400-000-0000" in house.told()[-1]
    house.hear("第三条")
    house.hear("跳过")
    facts = [e.data["text"] for e in house.events() if e.type == "fact_given"]
    assert facts == ["第三条"]
    assert house.ticket().category == DISPUTE


def test_the_inbox_is_done_in_the_same_transaction(house: House, clock: FakeClock) -> None:
    house.arrive("刷脸不过")
    house.converse()
    assert house.converse() == 0
    assert house.store.read_now(inbox.claim, OWNERS, clock(), 10) == []
    house.store.write_now(outbox.sent, {1: Receipt("m1")}, clock())
    assert house.store.read_now(lambda s: s.exec(select(Outbox.state)).all()) == ["sent"]


def test_a_card_that_was_still_to_be_sent_is_brought_up_to_date_too(queued: House) -> None:
    """Somebody was quicker than the sender, or the bot was killed before it noted that the card had gone out."""
    queued.verb("li", "take 1")
    cards = [o for o in queued.rows(Outbox) if o.card == "ticket:1" and o.chat == "li"]
    assert len(cards) > 1, "the card that waits is all that will ever be sent"
    assert "li" in cards[-1].payload["text"]
    assert [button for row in cards[-1].payload.get("buttons", []) for button in row if button[1] == "take:1"] == []


def test_the_card_says_what_was_likelier_than_the_alarm(house: House) -> None:
    house.agent("chen", queues=["security"])
    house.hear("有点怪怪的")
    (card,) = [r.payload["text"] for r in house.rows(Outbox) if r.card and r.chat == "chen"]
    assert [line for line in card.splitlines() if "60%" in line and "先按紧急处理" in line]


def test_the_card_says_why_until_somebody_knows_better(queued: House) -> None:
    def why() -> list[str]:
        cards = [r.payload["text"] for r in queued.rows(Outbox) if r.card and r.chat == "li"]
        return [line for line in cards[-1].splitlines() if "像「" in line]

    assert why() == ["判断：95% 像「扫脸总失败」"]
    queued.verb("li", f"category 1 {MISSING}")
    assert why() == []
