"""What agents press: menus, lists that open tickets, canned answers, and where a ticket goes with which reason."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import DISPUTE, FACE, MISSING, SCAM, House, office
from triagebot.desk import buttons, macros, raising
from triagebot.desk.office import Office, open_office
from triagebot.desk.team import agents
from triagebot.desk.verbs import VERBS, Attempt, attempt
from triagebot.errors import DeniedError, DeskError
from triagebot.rulebook.schema import OnCall
from triagebot.store.tables import Audit, Card, Outbox, Ticket


def tried(house: House, who: str, name: str, words: str = "") -> Attempt:
    def run(session: Session) -> Attempt:
        agent = agents.by_name(session, who, house.clock())
        return attempt(session, house.office, agent, name, words, house.clock())

    return house.store.write_now(run)


def actions(done: Attempt) -> list[str]:
    return [button.action for row in done.buttons for button in row]


def press(house: House, who: str, action: str, ref: str = "m-menu") -> dict[str, Any]:
    """What ``who`` is told about a button of the message ``ref``."""
    house.hear(chat=who, kind="press", action=action, message_ref=ref)
    answers = [row.payload for row in house.rows(Outbox) if row.chat == who and not row.card]
    return answers[-1]


def test_transfer_by_two_presses(queued: House) -> None:
    queued.deliver()
    menu = press(queued, "li", "transfer:1")
    assert [action for row in menu["buttons"] for _, action in row] == ["transfer:1:hotline", "transfer:1:security"]
    assert queued.ticket().queue == "customer_service"
    told = press(queued, "li", "transfer:1:hotline")
    assert "热线" in told["text"]
    assert told["drop_buttons_of"] == "m-menu"
    assert (queued.ticket().queue, queued.ticket().status) == ("hotline", "queued")


def test_the_buttons_of_a_card_stay_and_those_of_a_refused_choice_too(queued: House) -> None:
    queued.deliver()
    (ref,) = [card.ref for card in queued.rows(Card) if card.chat == "li"]
    assert not press(queued, "li", "take:1", ref).get("drop_buttons_of")
    queued.verb("li", "resolve 1")
    assert not press(queued, "li", "transfer:1:hotline").get("drop_buttons_of")


def test_a_menu_is_refused_where_its_choices_would_be(queued: House) -> None:
    queued.verb("li", "take 1")
    for verb in ("transfer", "escalate", "macro", "priority", "snooze"):
        refused = tried(queued, "zhao", verb, "1")
        assert isinstance(refused.refusal, DeniedError), verb
        assert "li" in refused.text
        assert "今天 10:00" in refused.text, "who has it, and since when"


def test_showing_a_menu_is_no_deed_in_the_audit_log(queued: House) -> None:
    assert tried(queued, "li", "transfer", "1").done is False
    assert queued.rows(Audit) == []
    assert tried(queued, "li", "transfer", "1 hotline").done is True
    assert [(row.action, row.target) for row in queued.rows(Audit)] == [("transfer", "ticket:1")]


def test_lists_open_the_first_tickets(queued: House) -> None:
    for chat in ("11", "12"):
        queued.hear("刷脸不过", chat=chat)
        queued.press(f"human:{int(chat) - 9}", chat=chat)
    assert actions(tried(queued, "li", "queue")) == ["show:1", "show:2", "show:3"]
    assert actions(tried(queued, "li", "sla")) == ["show:1", "show:2", "show:3"]
    assert "take:1" in actions(tried(queued, "li", "next"))
    assert "take:2" in actions(tried(queued, "li", "show", "2"))


def test_every_button_is_short_enough_to_be_sent(queued: House) -> None:
    far = Ticket(id=987654321, conversation_id=1, category=FACE, queue="", status="queued", priority="P3")
    longest = [name for name in VERBS if any(name in row for rows in buttons.FITTING.values() for row in rows)]
    macro = "m" * 24
    words = [*office().book.queues, macro]
    found = [b for verb in longest for row in buttons.choice(verb, far, [(w, w) for w in words]) for b in row
             if (verb == "macro") == (b.label == macro)]  # fmt: skip
    assert len(found) > 10
    assert max(len(button.action.encode()) for button in found) <= 40


def test_every_verb_on_a_button_is_in_the_table() -> None:
    assert {verb for rows in buttons.FITTING.values() for row in rows for verb in row} <= VERBS.keys()


def test_the_reason_stands_on_the_card_until_the_ticket_moves_on(queued: House) -> None:
    queued.verb("li", "transfer 1 hotline 要 查 还款记录")
    assert "li 转来：要 查 还款记录" in queued.told("wang")[-1]
    story = queued.verb("wang", "show 1")
    assert "热线；要 查 还款记录" in story
    queued.verb("wang", "transfer 1 security")
    assert "转来" not in queued.verb("boss", "show 1").partition("—")[0]


def test_a_transfer_of_what_the_bot_has_says_who_and_why(house: House) -> None:
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过")
    house.verb("boss", "transfer 1 hotline 老人，不会用手机")
    assert (house.ticket().status, house.ticket().queue) == ("queued", "hotline")
    assert "boss 转来：老人，不会用手机" in house.verb("boss", "show 1")


LEVELS = [
    (SCAM, "security", "P1"),
    (DISPUTE, "hotline", "P2"),
    (FACE, "customer_service", "P3"),
    (MISSING, "security", "P1"),  # nothing but P1 is ever sent there
    (MISSING, "hotline", "P2"),
    ("gone.category", "hotline", "P2"),
]


@pytest.mark.parametrize(("category", "queue", "wanted"), LEVELS)
def test_the_level_of_an_escalation_is_that_of_the_rules(category: str, queue: str, wanted: str) -> None:
    assert raising.level(office(), category, queue) == wanted


def test_an_escalation_raises_and_never_lowers(queued: House) -> None:
    assert "P2" in queued.verb("li", "escalate 1 hotline 要调记录")
    ticket = queued.ticket()
    assert (ticket.queue, ticket.priority, ticket.status, ticket.assignee_id) == ("hotline", "P2", "queued", None)
    assert ticket.sla["policy"]["first_response"] == "2h"
    assert queued.types()[-2:] == ["priority_changed", "queue_changed"]
    queued.verb("wang", "escalate 1 customer_service")
    assert (queued.ticket().queue, queued.ticket().priority) == ("customer_service", "P2")


def test_what_the_bot_has_may_be_handed_up(house: House) -> None:
    house.agent("boss", role="supervisor")
    house.agent("chen", queues=["security"])
    house.hear("刷脸不过")
    house.verb("boss", "escalate 1 security 像是被骗了")
    ticket = house.ticket()
    assert (ticket.queue, ticket.priority, ticket.sla["policy"]["first_response"]) == ("security", "P1", "15m")
    assert "像是被骗了" in house.told("chen")[-1]


def test_waiting_for_the_user_pauses_until_they_answer(queued: House, clock: FakeClock) -> None:
    queued.verb("li", "reply 1 您好")
    queued.verb("li", "pending 1 页面上写的是什么？")
    assert queued.ticket().status == "pending"
    assert "页面上写的是什么？" in queued.told()[-1]
    assert queued.ticket().due_at is None
    with pytest.raises(DeskError, match="已经在等"):
        queued.verb("li", "pending 1")
    clock.advance(hours=30)
    queued.hear("写的是光线太暗")
    assert queued.ticket().status == "assigned"
    assert queued.ticket().due_at is not None
    assert queued.ticket().due_at > clock()  # type: ignore[operator]


def test_waiting_may_be_ended_by_hand(queued: House) -> None:
    queued.verb("li", "pending 1")
    assert (queued.ticket().status, queued.ticket().due_at) == ("pending", None)
    queued.verb("li", "resume 1")
    assert queued.ticket().status == "assigned"
    assert queued.ticket().due_at is not None
    with pytest.raises(DeskError, match="没有在等"):
        queued.verb("li", "resume 1")


def test_a_canned_answer_is_filled_in_and_the_log_says_which_it_was(queued: House) -> None:
    assert "已回复" in queued.verb("li", "macro on_it 1")
    assert "工单 #1 我在看，今天 12:00 前告诉您。" in queued.told()[-1]
    last = [event for event in queued.events() if event.type == "agent_replied"][-1]
    assert last.data["macro"] == "on_it"
    assert "［在处理了］" in queued.verb("li", "show 1")
    queued.verb("li", "macro 1 light")
    assert "请站到窗边再试一次。" in queued.told()[-1]
    queued.verb("li", "macro 换个亮处 1")
    assert queued.told()[-1].endswith("请站到窗边再试一次。")


def test_a_canned_answer_speaks_the_users_language(house: House) -> None:
    house.agent("li")
    house.hear("刷脸不过")
    house.hear("/language en")
    house.hear("另外，没收到报告")
    house.verb("li", "macro light 2")
    assert house.told()[-1].endswith("请站到窗边再试一次。 (en)")


def test_only_canned_answers_that_fit_and_can_be_filled_are_offered(queued: House, clock: FakeClock) -> None:
    def offered() -> list[str]:
        return [m.id for m in macros.fitting(office(), queued.ticket())]

    assert offered() == ["light", "on_it"], "the kind of problem first; the platform is not known"
    menu = tried(queued, "li", "macro", "1")
    assert actions(menu) == ["macro:1:light", "macro:1:on_it"]
    assert "请站到窗边" in menu.text
    assert "工单 #1 我在看，今天 12:00 前告诉您。" in menu.text, "as it would be sent"
    clock.advance(hours=3)
    assert actions(tried(queued, "li", "macro", "1")) == ["macro:1:light"], "that moment has passed"
    queued.verb("li", "reply 1 您好")
    assert offered() == ["light"], "no answer is promised any more"
    queued.verb("boss", "transfer 1 hotline")
    assert offered() == ["light", "papers"]
    assert "（papers）" in queued.verb("wang", "macro")


def test_a_canned_answer_that_cannot_be_filled_is_not_sent(queued: House) -> None:
    before = queued.told()
    for words, why in (("entry 1", "{platform}"), ("nothing 1", "light")):
        with pytest.raises(DeskError, match=re.escape(why)):
            queued.verb("li", f"macro {words}")
    queued.verb("li", "reply 1 您好")
    with pytest.raises(DeskError, match=re.escape("{due}")):
        queued.verb("li", "macro on_it 1")
    assert len(queued.told()) == len(before) + 1


def test_help_is_in_groups(queued: House) -> None:
    words = queued.verb("boss", "help")
    groups = ["👀 看", "/queue", "✍️ 处理", "/take", "🔀 流转", "/transfer", "📣 事件", "/incidents", "👥 同事", "/agents",
              "❓ 其他", "/help"]  # fmt: skip
    places = [words.index(part) for part in groups]
    assert places == sorted(places)
    assert "📣 事件" not in queued.verb("li", "help"), "no heading over nothing"


def on_call(queue: str, *chain: str) -> Office:
    """The house in which people are called about a P1 of ``queue``."""
    rule = OnCall(chain=list(chain), every="5m", rounds=2)
    book = office().book
    queues = {**book.queues, queue: book.queues[queue].model_copy(update={"on_call": rule})}
    return open_office(book.model_copy(update={"queues": queues}), ZoneInfo("Asia/Shanghai"))


SECRET = "只给同事看的话"


def test_internal_words_never_reach_the_user(queued: House) -> None:
    """Every verb is used once, with a secret wherever colleagues are meant; none of it may stand in the user's chat."""
    queued.agent("chief", role="admin")
    queued.agent("newcomer")
    queued.hear("没收到报告")
    queued.office = on_call("customer_service", "li")
    queued.verb("li", "priority 1 P1")
    steps = {
        "take": ["take 1"], "note": [f"note 1 {SECRET}"], "show": ["show 1"], "queue": ["queue"], "next": ["next"],
        "sla": ["sla"], "stats": ["stats"], "help": ["help"], "report": ["report"], "category": [f"category 1 {FACE}"],
        "priority": ["priority 1", "priority 1 P2"], "pending": ["pending 1"], "resume": ["resume 1"],
        "reply": ["reply 1 您好"], "macro": ["macro", "macro 1", "macro light 1"], "send": [],
        "transfer": ["transfer 1", f"transfer 1 hotline {SECRET}"],
        "escalate": ["escalate 1", f"escalate 1 security {SECRET}"], "merge": ["merge 2 1"],
        "search": [f"search {SECRET}"], "ack": ["ack 1"], "tag": [f"tag 1 {SECRET}"],
        "untag": [f"untag 1 {SECRET}"], "snooze": ["snooze 1", f"snooze 1 2h {SECRET}"], "wake": ["wake 1"],
        "available": ["available", "available on", "available off"], "desk": ["desk"], "agents": ["agents"],
        "invite": ["invite agent hotline"], "role": ["role newcomer supervisor"], "queues": ["queues newcomer hotline"],
        "remove": ["remove newcomer"], "incidents": ["incidents"], "incident": ["incident_open x", "incident 1"],
        "incident_open": [f"incident_open {SECRET}"], "attach": ["attach 1 2"], "detach": ["detach 1"],
        "incident_ack": ["incident_ack 2"], "incident_resolve": ["incident_resolve 2"],
        "incident_reopen": ["incident_reopen 2"], "silence": [f"silence wechat 2h {SECRET}"], "silences": ["silences"],
        "unsilence": ["unsilence 1"],
        "incident_status": ["incident_status 2 正在修", "incident_status 2 -"], "postmortem": ["postmortem 2"],
        "resolve": ["resolve 1 已办好"], "reopen": [f"reopen 1 {SECRET}"],
    }  # fmt: skip
    ending = ["resolve", "reopen"]
    order = ["note", *(name for name in VERBS if name not in ("note", *ending)), *ending]
    assert set(order) == steps.keys(), "a verb without a step here"
    speaking = {"reply", "macro", *ending}
    for name in order:
        before = len(queued.told())
        for line in steps[name]:
            queued.verb("chief" if VERBS[name].role == "admin" else "boss", line)
        if name not in speaking:
            assert len(queued.told()) == before, name
    queued.hear("/status")
    assert SECRET not in "\n".join(queued.told())
    assert SECRET in "\n".join(event.data.get("text", "") for event in queued.events())


def test_who_has_a_ticket_is_said_whatever_is_tried(queued: House, clock: FakeClock) -> None:
    clock.advance(minutes=5)
    queued.verb("li", "take 1")
    clock.advance(minutes=5)
    for line in ("take 1", "reply 1 你好", "macro light 1", "send 1", "pending 1", "resume 1", "resolve 1",
                 "transfer 1 hotline", "escalate 1 hotline", "priority 1 P1"):  # fmt: skip
        with pytest.raises(DeniedError, match=r"li.*今天 10:05"):
            queued.verb("zhao", line)
    assert (queued.ticket().status, queued.ticket().priority) == ("assigned", "P3")
