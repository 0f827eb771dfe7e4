"""The version of an app is kept as soon as somebody names it: with the opening, or later, once."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.house import FACE, effects, move, text, ticket, trying, verdict, view
from triagebot.dialogue.state import Memory, Open, Record


def test_a_first_message_that_names_it_opens_the_ticket_with_it() -> None:
    done = move(view(), text(verdict(FACE), "微信8.0.50刷脸不过"))
    (opened,) = effects(done, Open)
    assert opened.facts["app_version"] == "8.0.50"
    assert done.memory.app_version == "8.0.50"


def test_a_message_that_names_none_opens_it_without() -> None:
    (opened,) = effects(move(view(), text(verdict(FACE), "iOS 18.1 刷脸不过")), Open)
    assert "app_version" not in opened.facts


def test_what_is_named_later_is_recorded_once() -> None:
    seen = trying()
    done = move(seen, text(verdict(FACE), "版本号 8.0.47"))
    assert [r.data for r in effects(done, Record) if "app_version" in r.data] == [{"app_version": "8.0.47"}]
    again = move(replace(seen, memory=done.memory), text(verdict(FACE), "说了是版本号 8.0.47"))
    assert not [r for r in effects(again, Record) if "app_version" in r.data]


def test_people_who_have_the_ticket_hear_of_it_too() -> None:
    done = move(view("handed_over", ticket("queued"), category=FACE), text(verdict(FACE), "支付宝 10.5.96"))
    assert [r.type for r in effects(done, Record) if r.data.get("app_version") == "10.5.96"] == ["classified"]


def test_another_problem_begins_without_it() -> None:
    assert Memory(app_version="8.0.50").fresh().app_version == ""
