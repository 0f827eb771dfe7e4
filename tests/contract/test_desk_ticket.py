"""A ticket's page: what it tells, what can be done there and by whom, and agents who work on one ticket at once."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select

from tests.browsing import URL, Browser, Desk
from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import FACE, MISSING, House, book, office
from triagebot.desk import dossier, erase, tickets
from triagebot.desk.office import Office, open_office
from triagebot.desk.verbs import VERBS
from triagebot.errors import DeniedError
from triagebot.rulebook.schema import Macro
from triagebot.rulebook.words import Words
from triagebot.store.incident_tables import Incident
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Audit, Conversation, Page, Presence, Ticket
from triagebot.web.desk.actions import ACTIONS

PAGE, NUMBER = "/desk/tickets/1", "110101199003074477"
HOSTILE = '<img src=x onerror="alert(1)">&"\''


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock)


def _last_event(browser: Browser) -> str:
    found = re.search(r'id="seen" value="(\d+)"', browser.get(PAGE).text)
    assert found is not None
    return found[1]


def test_the_page_tells_what_was_said_and_who_can_see_it(queued: House, desk: Desk) -> None:
    queued.verb("li", "reply 1 您好，请稍等")
    queued.verb("li", "note 1 像是权限问题")
    queued.hear("好的我等着")
    page = desk.at("li").get(PAGE).text
    said = re.findall(r'<article class="said (\w+)">.*?<div class="bubble">(.*?)</div>', page, re.S)
    assert [side for side, _ in said][-3:] == ["agent", "note", "user"]
    assert ("user", "刷脸不过") in said
    assert said[-3:] == [("agent", "您好，请稍等"), ("note", "像是权限问题"), ("user", "好的我等着")]
    assert "bot" in {side for side, _ in said}
    assert page.count("用户看不到") >= 1


@on_sqlite
def test_what_happened_in_between_is_folded_into_one_line(queued: House, desk: Desk) -> None:
    queued.verb("boss", "priority 1 P2")
    queued.verb("boss", "transfer 1 hotline 要查记录")
    page = desk.at("boss").get(PAGE).text
    folded = re.search(r'<details class="happened" id="run-\d+">\s*<summary>(.*?)</summary>(.*?)</details>', page, re.S)
    assert folded is not None
    assert "转队列 · 热线 · 要查记录" in page
    assert "改优先级 · P2" in page
    assert "asked_for_human" not in page


@on_sqlite
def test_the_page_tells_why_the_bot_thought_so(queued: House, desk: Desk) -> None:
    page = desk.at("li").get(PAGE).text
    for words in ("机器人的判断", "95%", "扫脸总失败", f"标题 {FACE}"):
        assert words in page
    queued.verb("li", f"category 1 {MISSING}")
    assert f"之后改成了“标题 {MISSING}”" in desk.at("li").get(PAGE).text


@on_sqlite
def test_facts_and_clocks_with_their_reasons_are_beside_the_story(queued: House, desk: Desk, clock: FakeClock) -> None:
    queued.hear("提示是比对失败")
    page = desk.at("li").get(PAGE).text
    assert "提示是比对失败" in page.partition("用户补充")[2]
    clocks = page.partition('<ul class="clocks">')[2]
    assert "首次回复" in clocks
    assert "还剩 2 小时" in clocks
    assert "计时" in clocks
    clock.advance(hours=2, minutes=15)
    assert "超时 15 分钟" in desk.at("li").get(PAGE).text


def test_other_tickets_of_the_person_and_how_others_like_it_were_solved(queued: House, desk: Desk) -> None:
    queued.hear("刷脸不过", chat="8")
    queued.press("human:2", chat="8")
    queued.verb("li", "resolve 2 换到亮处就好了")
    queued.hear("没收到报告")
    page = desk.at("li").get(PAGE).text
    assert "→ 换到亮处就好了" in page
    assert f"#3 标题 {MISSING}" in page
    assert "#1" in desk.at("boss").get("/desk/tickets/3").text


@on_sqlite
def test_like_tickets_of_queues_that_an_agent_does_not_see_are_left_out(queued: House, desk: Desk) -> None:
    queued.hear("刷脸不过", chat="8")
    queued.press("human:2", chat="8")
    queued.verb("boss", "transfer 2 hotline")
    queued.verb("boss", "resolve 2 换到亮处就好了")
    assert "换到亮处就好了" in desk.at("boss").get(PAGE).text
    assert "换到亮处就好了" not in desk.at("li").get(PAGE).text


_DONE = {
    "take": ({}, "taken"), "reply": ({"text": "您好，\n请稍等"}, "agent_replied"), "note": ({"text": "看过了"}, "note"),
    "resolve": ({"reason": "换到亮处"}, "resolved"), "transfer": ({"queue": "hotline", "reason": "要 查记录"}, "queue_changed"),
    "priority": ({"priority": "P2"}, "priority_changed"), "category": ({"category": MISSING}, "category_changed"),
    "merge": ({"into": "2"}, "merged"), "pending": ({"text": "请发截图"}, "pending_user"),
    "snooze": ({"until": "2h", "reason": "等回电"}, "snoozed"), "tag": ({"tag": "急 老用户"}, "tagged"),
}  # fmt: skip
"""Verb: what its form carries, and the event that it leaves on a ticket that waits."""
_KEPT = {"pending": (), "snooze": ("等回电",), "tag": ()}
"""What that event holds of it, where it is not all of it as it stands."""
_PREPARED = {
    "resume": (("pending 1",), {}, "resumed"), "escalate": ((), {"queue": "hotline"}, "escalated"),
    "wake": (("snooze 1 2h",), {}, "woken"), "untag": (("tag 1 急",), {"tag": "急"}, "untagged"),
    "reopen": (("resolve 1",), {"reason": "还没好"}, "reopened"), "ack": ((), {}, "acknowledged"),
    "attach": ((), {"incident": "1"}, "incident_attached"), "detach": (("attach 1 1",), {}, "incident_detached"),
}  # fmt: skip
"""Verbs that need something to have happened: which commands of a supervisor, the form, the event."""


def test_every_action_of_the_table_is_tried_here() -> None:
    assert set(ACTIONS) == {*_DONE, *_PREPARED}


@on_sqlite
@pytest.mark.parametrize("verb", [verb for verb in _DONE if verb in VERBS])
def test_an_action_of_the_page_does_what_the_command_does(queued: House, desk: Desk, verb: str) -> None:
    form, event = _DONE[verb]
    queued.hear("没收到报告")
    boss = desk.at("boss")
    assert f'action="{PAGE}/{verb}"' in boss.get(PAGE).text
    answer = boss.post(f"{PAGE}/{verb}", part=True, **form)
    assert (answer.status_code, 'class="toast good"' in answer.text) == (200, True), answer.text
    assert event in queued.types()
    told = next(e for e in reversed(queued.events()) if e.type == event)
    assert told.actor == f"agent:{boss.agent_id}"
    assert set(_KEPT.get(verb, form.values())) <= {str(value) for value in told.data.values()}


@on_sqlite
@pytest.mark.parametrize("verb", [verb for verb in _PREPARED if verb in VERBS])
def test_an_action_that_needs_a_state_is_there_in_that_state(queued: House, desk: Desk, verb: str) -> None:
    before, form, event = _PREPARED[verb]
    if verb == "escalate":
        queued.hear("刷脸不过", chat="8")
    if verb == "ack":
        queued.store.write_now(_call, desk.clock)
    if "incident" in event:
        queued.store.write_now(_open_incident, desk.clock)
    number = 2 if verb == "escalate" else 1
    boss = desk.at("boss")
    page = f"/desk/tickets/{number}"
    if before:
        assert f'action="{page}/{verb}"' not in boss.get(page).text
    for line in before:
        queued.verb("boss", line)
    assert f'action="{page}/{verb}"' in boss.get(page).text
    assert boss.post(f"{page}/{verb}", part=True, **form).status_code == 200
    assert event in queued.types(number)


def _call(session: Session, now: FakeClock) -> None:
    session.add(Page(ticket_id=1, agent_id=1, at=now(), until=now()))


def _open_incident(session: Session, now: FakeClock) -> None:
    session.add(Incident(title="刷脸大面积失败", opened_at=now()))


@on_sqlite
def test_only_verbs_of_the_table_are_taken_from_the_address(queued: House, desk: Desk) -> None:
    boss = desk.at("boss")
    for verb in ("show", "queue", "report", "help", "nonsense"):
        assert boss.post(f"{PAGE}/{verb}", part=True).status_code == 404


@on_sqlite
@pytest.mark.parametrize("number", ["99", "0", "9" * 40])
def test_a_ticket_that_is_not_there_is_said_to_be_missing(queued: House, desk: Desk, number: str) -> None:
    boss = desk.at("boss")
    page = boss.get(f"/desk/tickets/{number}")
    assert (page.status_code, "没有工单 #" in page.text) == (404, True)
    assert boss.post(f"/desk/tickets/{number}/take", part=True).status_code == 422
    assert boss.post(f"{PAGE}/reply", part=True, text="您好", seen="9" * 40).status_code == 200


@on_sqlite
def test_a_ticket_of_another_queue_is_neither_shown_nor_touched(queued: House, desk: Desk) -> None:
    wang, before = desk.at("wang"), queued.types()
    page = wang.get(PAGE)
    assert (page.status_code, "刷脸不过" in page.text, "「客服」" in page.text) == (403, False, True)
    assert wang.get(f"{PAGE}/parts", part=True).status_code == 403
    for verb, (form, _) in _DONE.items():
        if verb in VERBS:
            assert wang.post(f"{PAGE}/{verb}", part=True, **form).status_code == 403, verb
    assert wang.post(f"{PAGE}/presence", part=True, text="嗯").status_code == 403
    assert queued.types() == before
    rows = queued.store.read_now(lambda s: [(a.action, a.target, a.outcome) for a in s.exec(select(Audit))])
    assert ("note", "ticket:1", "denied") in rows


@on_sqlite
def test_who_may_not_answer_is_not_offered_to_and_is_refused(queued: House, desk: Desk) -> None:
    queued.verb("li", "take 1")
    zhao = desk.at("zhao")
    page = zhao.get(PAGE).text
    assert f'action="{PAGE}/reply"' not in page
    assert "li 正在处理，由 li 回复用户" in page
    assert f'action="{PAGE}/note"' in page
    refused = zhao.post(f"{PAGE}/reply", part=True, text="您好")
    assert (refused.status_code, "li" in refused.text) == (403, True)
    assert "agent_replied" not in queued.types()


@on_sqlite
def test_what_is_refused_is_said_in_the_page_that_is_open(queued: House, desk: Desk) -> None:
    boss = desk.at("boss")
    queued.verb("boss", "resolve 1")
    refused = boss.post(f"{PAGE}/reply", part=True, text="您好")
    assert (refused.status_code, 'class="toast bad"' in refused.text) == (409, True)
    assert "这张工单已经结束" in boss.get(PAGE).text
    assert boss.post(f"{PAGE}/note", part=True, text="字" * 4000).status_code == 422


def test_an_answer_that_crosses_a_colleagues_is_held_until_it_is_sent_again(queued: House, desk: Desk) -> None:
    boss, zhao = desk.at("boss"), desk.at("zhao")
    seen = _last_event(boss)
    assert zhao.post(f"{PAGE}/reply", part=True, text="我来看看", seen=_last_event(zhao)).status_code == 200
    held = boss.post(f"{PAGE}/reply", part=True, text="您好", seen=seen)
    assert held.headers["hx-retarget"] == "#crossed"
    for words in ("zhao 刚刚已经回复了用户", "我来看看"):
        assert words in held.text
    assert queued.types().count("agent_replied") == 1
    assert boss.get(PAGE).text.count("您好") == 1, "what was written is kept as a draft"
    again = re.search(r'id="seen" value="(\d+)"', held.text)
    assert again is not None
    assert boss.post(f"{PAGE}/reply", part=True, text="您好", seen=again[1]).status_code == 200
    assert queued.types().count("agent_replied") == 2


@on_sqlite
def test_an_answer_while_a_colleague_writes_is_held_once(queued: House, desk: Desk) -> None:
    boss, zhao = desk.at("boss"), desk.at("zhao")
    zhao.post(f"{PAGE}/presence", part=True, text="我正在写")
    held = boss.post(f"{PAGE}/reply", part=True, text="您好", seen=_last_event(boss))
    assert held.headers["hx-retarget"] == "#crossed"
    assert "zhao" in held.text
    assert "agent_replied" not in queued.types()
    assert boss.post(f"{PAGE}/reply", part=True, text="您好", seen=_last_event(boss)).status_code == 200
    assert queued.types().count("agent_replied") == 1


def test_colleagues_see_who_is_there_and_who_writes(queued: House, desk: Desk, clock: FakeClock) -> None:
    li, zhao = desk.at("li"), desk.at("zhao")
    assert li.post(f"{PAGE}/presence", part=True, text="").text.strip() == ""
    assert "li 也在看" in zhao.post(f"{PAGE}/presence", part=True, text="").text
    li.post(f"{PAGE}/presence", part=True, text="您好，我在看")
    assert "li 正在写回复" in zhao.post(f"{PAGE}/presence", part=True, text="").text
    assert "li 正在写回复" in zhao.get(PAGE).text
    clock.advance(minutes=1)
    assert zhao.post(f"{PAGE}/presence", part=True, text="").text.strip() == ""


def test_a_draft_is_there_again_until_it_was_sent(queued: House, desk: Desk) -> None:
    li = desk.at("li")
    li.post(f"{PAGE}/presence", part=True, text=f"您的号码 {NUMBER} 我看到了")
    assert "您的号码" in li.get(PAGE).text
    assert NUMBER not in queued.rows(Presence)[0].draft
    li.post(f"{PAGE}/reply", part=True, text="看到了")
    assert "您的号码" not in li.get(PAGE).text


@on_sqlite
@pytest.mark.parametrize("verb", ["reply", "note", "resolve"])
def test_a_personal_number_that_an_agent_types_is_hidden_and_said(queued: House, desk: Desk, verb: str) -> None:
    name = "reason" if verb == "resolve" else "text"
    answer = desk.at("li").post(f"{PAGE}/{verb}", part=True, **{name: f"身份证 {NUMBER}"})
    assert "身份证号已经隐藏" in answer.text
    assert not any(NUMBER in str(event.data) for event in queued.events())
    assert not any(NUMBER in words for words in queued.told())


def _with_macro(text: str) -> Office:
    macro = Macro(id="bad", title=Words(zh=HOSTILE, en=HOSTILE), text=Words(zh=text, en=text))
    return open_office(book().model_copy(update={"macros": {"bad": macro}}), office().zone)


@on_sqlite
def test_nothing_a_person_wrote_is_taken_for_a_page(queued: House, desk: Desk) -> None:
    queued.verb("li", f"reply 1 {HOSTILE}")
    queued.verb("li", f"note 1 {HOSTILE}")
    queued.hear(HOSTILE)
    queued.store.write_now(_spoil)
    desk.office = _with_macro(HOSTILE)
    desk.at("boss").post(f"{PAGE}/presence", part=True, text=HOSTILE)
    browser = desk.signed_in(HOSTILE, role="supervisor")
    browser.post(f"{PAGE}/presence", part=True, text=HOSTILE)
    for address in (PAGE, f"{PAGE}/parts"):
        page = browser.get(address).text
        assert "<img src=x" not in page
        assert 'data-fill="<' not in page
        assert page.count("&lt;img src=x") >= 6
    toast = browser.post(f"{PAGE}/transfer", part=True, queue=HOSTILE)
    assert "<img src=x" not in toast.text


def _spoil(session: Session) -> None:
    session.get_one(Ticket, 1).tags = HOSTILE
    session.get_one(Conversation, 1).user_name = HOSTILE


@on_sqlite
def test_canned_answers_that_fit_are_offered_filled_in(queued: House, desk: Desk) -> None:
    page = desk.at("li").get(PAGE).text
    assert 'data-fill="请站到窗边再试一次。"' in page
    assert 'data-fill="工单 #1 我在看，今天 12:00 前告诉您。"' in page
    assert "请备好材料" not in page


@on_sqlite
def test_without_scripts_a_form_leads_back_to_the_page(queued: House, desk: Desk) -> None:
    li = desk.at("li")
    answer = li.post(f"{PAGE}/take")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    refused = desk.at("zhao").post(f"{PAGE}/take")
    assert (refused.status_code, "回到坐席台" in refused.text) == (403, True)


@on_sqlite
def test_a_form_of_another_site_does_nothing(queued: House, desk: Desk) -> None:
    li, before = desk.at("li"), queued.types()
    for forged in ({"csrf": "made up"}, {"origin": "https://evil.example.org"}):
        for verb in ("take", "reply", "presence"):
            assert li.post(f"{PAGE}/{verb}", part=True, text="x", **forged).status_code == 403
    assert queued.types() == before
    assert li.get(PAGE, host="evil.example.org").status_code == 421
    assert URL.startswith("http://")


@on_sqlite
def test_a_long_story_shows_its_end_and_the_rest_is_a_link_away(queued: House, desk: Desk) -> None:
    queued.store.write_now(_say_much, desk.clock)
    page = desk.at("boss").get(PAGE).text
    assert "第204条" in page
    assert "第2条<" not in page
    assert "更早的" in page
    assert "第2条<" in desk.at("boss").get(f"{PAGE}?whole").text


def _say_much(session: Session, now: FakeClock) -> None:
    ticket = session.get_one(Ticket, 1)
    for n in range(205):
        tickets.record(session, office(), ticket, "note", "agent:1", now(), {"text": f"第{n}条"})


@on_sqlite
def test_erased_words_are_gone_from_the_page(queued: House, desk: Desk) -> None:
    queued.verb("li", "reply 1 您好，我来看看")
    queued.store.write_now(erase.erase_user, office(), "7", desk.clock())
    page = desk.at("boss").get(PAGE).text
    assert "刷脸不过" not in page
    assert "我来看看" not in page
    assert "内容已按用户的要求删除" in page


@on_sqlite
def test_colours_stay_with_the_browser_and_the_language_with_the_person(queued: House, desk: Desk) -> None:
    li = desk.at("li")
    answer = li.post("/desk/look", theme="dark", to="/desk?who=me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?who=me")
    assert 'data-theme="dark"' in li.get("/desk").text
    li.post("/desk/look", lang="en", to=PAGE)
    assert "Answer" in li.get(PAGE).text
    for away in ("https://evil.example.org", "//evil.example.org", "/desk\\evil", "/desk//evil.example.org", "/other"):
        assert li.post("/desk/look", theme="blue", to=away).headers["location"] == "/desk"
    assert 'data-theme="dark"' in li.get("/desk").text


@on_sqlite
def test_a_dossier_is_refused_to_who_works_elsewhere(queued: House, desk: Desk, clock: FakeClock) -> None:
    def read(session: Session) -> None:
        wang = session.exec(select(Agent).where(Agent.name == "wang")).one()
        dossier.read(session, office(), wang, 1, clock())

    with pytest.raises(DeniedError):
        queued.store.read_now(read)
