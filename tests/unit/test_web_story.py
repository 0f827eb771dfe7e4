"""A ticket's events as they are read: who said what, and what happened in between."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.house import FACE, NOW, office
from triagebot.desk.tickets import PROJECTIONS
from triagebot.store.tables import Event
from triagebot.web.desk.story import Happened, Said, told
from triagebot.web.desk.words import Words

W = Words(office(), "zh", NOW)


def _event(type: str, actor: str = "system", /, **data: Any) -> Event:
    return Event(id=7, ticket_id=1, at=NOW, type=type, actor=actor, data=data)


def _line(event: Event) -> str:
    (entry,) = told([event], "小明", W)
    assert isinstance(entry, Happened)
    (line,) = entry.lines
    return f"{line.who}|{line.what}|{line.detail}"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (_event("escalated", "bot", queue="hotline", priority="P2", reason="asked_for_human", promise={"policy": {}}),
         "机器人|转人工|热线 · P2 · 用户要人工"),
        (_event("escalated", "bot", queue="hotline", priority="P2", reason="p1.mass"), "机器人|转人工|热线 · P2"),
        (_event("queue_changed", "agent:1", queue="hotline", agent_name="小李", text="要查记录"),
         "小李|转队列|热线 · 要查记录"),
        (_event("category_changed", "agent:1", category=FACE, was="x", agent_name="小李"), f"小李|改分类|标题 {FACE}"),
        (_event("rated", "user", stars=2), "用户|评分|★★☆☆☆"),
        (_event("user_pressed", "user", action="not_solved:1"), "用户|点了按钮|还不行"),
        (_event("user_pressed", "user", action=f"topic:{FACE}:1"), f"用户|点了按钮|标题 {FACE}"),
        (_event("user_pressed", "user", action="unheard_of"), "用户|点了按钮|"),
        (_event("sla_breached", metric="first_response", step="breach", due_at=NOW.isoformat()), "系统|承诺超时|首次回复"),
        (_event("resolved", "agent:1", agent_name="小李", by="agent", reason="换到亮处"), "小李|解决|换到亮处"),
        (_event("light_checked", "bot", light=["dark", "blurred"]), "机器人|测了光线|偏暗、模糊"),
        (_event("merged", "agent:1", agent_name="小李", into=3), "小李|并单|#3"),
        (_event("something_new", "system", unknown=1), "系统|something_new|"),
    ],
)  # fmt: skip
def test_what_happened_is_one_line_without_codes(event: Event, words: str) -> None:
    assert _line(event) == words


@pytest.mark.parametrize("type", sorted(PROJECTIONS))
def test_everything_that_can_happen_to_a_ticket_has_words_here(type: str) -> None:
    (entry,) = told([_event(type, "system", agent_name="小李")], "小明", W)
    assert isinstance(entry, Said) or entry.lines[0].what != type


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (_event("user_replied", "user", text="刷脸不过"), ("user", "小明", "刷脸不过", "")),
        (_event("user_edited", "user", text="刷脸不过了"), ("user", "小明", "刷脸不过了", "改过的消息")),
        (_event("user_replied", "user", text="刷脸失败", screen=True), ("user", "小明", "刷脸失败", "截图里的字")),
        (_event("user_sent", "user", kind="photo", text="看图"), ("user", "小明", "〔图片〕\n看图", "")),
        (_event("user_sent", "user", kind="hologram"), ("user", "小明", "〔其他消息〕", "")),
        (_event("fact_given", "user", title="哪个平台？", text="微信"), ("user", "小明", "微信", "哪个平台？")),
        (_event("agent_replied", "agent:1", text="您好", agent_name="小李", macro="hello"),
         ("agent", "小李", "您好", "常用回复：hello")),
        (_event("note", "agent:1", text="看过了", agent_name="小李"), ("note", "小李", "看过了", "")),
        (_event("reply_held", "agent:1", text="您好", agent_name="小李"), ("note", "小李", "您好", "没有发出的回复")),
        (_event("bot_replied", "bot"), ("bot", "机器人", "", "")),
    ],
)  # fmt: skip
def test_words_stand_on_the_side_of_who_said_them(event: Event, said: tuple[str, ...]) -> None:
    (entry,) = told([event], "小明", W)
    assert isinstance(entry, Said)
    assert (entry.side, entry.name, entry.text, entry.mark) == said


def test_what_happens_in_a_row_is_one_entry_and_the_bots_own_steps_are_left_to_its_words() -> None:
    events = [_event("opened", "bot", category=FACE), _event("user_replied", "user", text="刷脸不过"),
              _event("answered", "bot"), _event("bot_replied", "bot", text="换个亮处"),
              _event("escalated", "bot", queue="hotline"), _event("taken", "agent:1", agent_name="小李")]  # fmt: skip
    entries = told(events, "小明", W)
    assert [entry.side for entry in entries] == ["happened", "user", "bot", "happened"]
    assert isinstance(entries[-1], Happened)
    assert len(entries[-1].lines) == 2
