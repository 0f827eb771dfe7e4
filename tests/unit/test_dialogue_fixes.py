"""Nobody hears the same advice twice about one problem, nor two steps that come down to the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.house import (
    FACE,
    MISSING,
    NONSENSE,
    NOW,
    STATUS,
    actions,
    book,
    keys,
    text,
    ticket,
    trying,
    verdict,
    view,
    words,
)
from triagebot import rulebook
from triagebot.dialogue.state import TRIED, WHAT_NOW, Signal, Step, View
from triagebot.dialogue.step import step
from triagebot.resources import bundled
from triagebot.rulebook.schema import Category, Fix, RuleBook


def _fix(*steps: tuple[str, str], platform: str = "unknown", intro: str = "") -> Fix:
    said = [{"zh": words, "en": words, **({"about": about} if about else {})} for words, about in steps]
    opening = {"intro": {"zh": intro, "en": intro}} if intro else {}
    return Fix.model_validate({"platform": platform, "steps": said, "source": ["TEST"], **opening})


def _book(*fixes: Fix) -> RuleBook:
    """The small house, where a failed face check is helped by ``fixes``."""
    face = book().categories[FACE].model_copy(update={"fixes": fixes})
    return book().model_copy(update={"categories": {**book().categories, FACE: face}})


LIGHT = _book(
    _fix(("站到窗边", "light"), ("摘掉眼镜", ""), intro="先看光线。"),
    _fix(("找个亮处", "light"), ("重启手机", ""), intro="再看光线和手机。"),
    _fix(("再亮一点", "light")),
    _fix(("换银行卡验证", "")),
    _fix(("打开相机权限", ""), ("光照在脸上", "light"), platform="wechat", intro="微信先看权限和光线。"),
)


def _when(fix: Fix, *expressions: str) -> Fix:
    """``fix``, of whose steps each is asked for by one of these; "" for none."""
    pairs = zip(fix.steps, expressions, strict=True)
    return fix.model_copy(update={"steps": tuple(step.model_copy(update={"when": e or None}) for step, e in pairs)})


NAMED = _book(
    _when(_fix(("摘掉眼镜", ""), ("站到窗边", "light"), intro="先看这些。"), "眼镜", "光线|太暗"),
    _when(_fix(("重启手机", ""), ("明天再来", "")), "", "次数"),
    _when(_fix(("打开相机权限", "")), "相机").model_copy(update={"platform": "wechat"}),
)


def _talk(rules: RuleBook, *signals: Signal) -> list[Step]:
    """A person without a ticket does all of this; the bot's ticket is there from the first answer on."""
    seen, done = view(), []
    for signal in signals:
        done.append(step(seen, signal, rules, NOW))
        seen = View(done[-1].state, done[-1].memory, "zh", ticket(), version=1)
    return done


FACE_FAILS, NO, ALL_TRIED = text(verdict(FACE)), Signal("not_solved"), Signal("not_solved", TRIED)


def test_a_step_about_what_was_named_already_is_left_out_and_so_is_the_line_that_speaks_of_it() -> None:
    first, second = _talk(LIGHT, FACE_FAILS, NO)
    assert words(first).splitlines()[:3] == ["先看光线。", "1. 站到窗边", "2. 摘掉眼镜"]
    assert words(second).strip() == "重启手机"
    assert keys(second) == ["advice.next_round", "text"]


def test_a_way_in_which_nothing_is_new_is_passed_over() -> None:
    third = _talk(LIGHT, FACE_FAILS, NO, NO)[-1]
    assert "换银行卡验证" in words(third)
    assert "再亮一点" not in words(third)


def test_what_was_said_before_the_platform_was_known_is_not_said_again_after_it() -> None:
    told = _talk(LIGHT, FACE_FAILS, Signal("platform", "wechat"), NO, NO)
    assert [words(done).strip().splitlines()[-1] for done in told[1:]] == ["打开相机权限", "重启手机", "换银行卡验证"]


def test_a_platform_with_nothing_new_is_noted() -> None:
    rules = _book(_fix(("站到窗边", "light")), _fix(("重启手机", "")), _fix(("找个亮处", "light"), platform="wechat"))
    assert keys(_talk(rules, FACE_FAILS, Signal("platform", "wechat"))[-1]) == ["advice.platform_noted"]


def test_whoever_tried_all_of_it_hears_what_is_new_and_that_it_is_the_last() -> None:
    _, second, third, fourth = _talk(LIGHT, FACE_FAILS, ALL_TRIED, ALL_TRIED, ALL_TRIED)
    assert keys(second) == ["advice.not_again", "advice.next_round", "text"]
    assert keys(third) == ["advice.not_again", "advice.next_round", "text", "advice.last_way"]
    assert actions(third) == ["solved", "not_solved", "human"]
    assert keys(fourth)[:2] == ["handover.sorry", "handover.done"]


def test_another_problem_may_repeat_what_was_said_about_the_first() -> None:
    told = _talk(LIGHT, FACE_FAILS, text(verdict(MISSING)), FACE_FAILS)
    assert words(told[0]) == words(told[2])


def test_what_is_asked_for_with_a_button_is_said_again() -> None:
    again = _talk(LIGHT, FACE_FAILS, Signal("topic", FACE))[-1]
    assert "站到窗边" in words(again)


def test_while_people_have_it_each_question_what_to_do_brings_something_new() -> None:
    done = step(replace(trying(), ticket=ticket("queued")), Signal("text", WHAT_NOW, verdict=verdict(FACE)), LIGHT, NOW)
    seen = View("handed_over", done.memory, "zh", ticket("queued"), version=1)
    again = step(seen, Signal("text", WHAT_NOW, verdict=verdict(FACE)), LIGHT, NOW)
    assert words(done) != words(again)


def test_a_memory_of_before_goes_on_behind_the_last_round() -> None:
    assert "重启手机" in words(step(trying(round=0), NO, book(), NOW))


PLATFORMS = ("unknown", "wechat", "alipay", "pboc_web", "unionpay", "bank_app", "counter")


def _told(done: Step, category: Category) -> set[str]:
    """What the steps in this answer are about."""
    lines = {line.lstrip("1234. ") for line in words(done).splitlines()}
    return {step.about or step.zh for fix in category.fixes for step in fix.steps if step.zh in lines}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_shipped_problem_says_a_thing_twice(platform: str) -> None:
    """General advice, then the platform's own, then whatever is left, until people take over."""
    shipped = rulebook.load(bundled("rules"))
    helped = [c for c in shipped.categories.values() if c.route == "self_service" and c.id not in (NONSENSE, STATUS)]
    for category in helped:
        seen, told = trying(category="", round=-1, texts=()), set[str]()
        for signal in (Signal("topic", category.id), Signal("platform", platform), *[NO] * 6):
            done = step(seen, signal, shipped, NOW)
            assert not told & _told(done, category), (category.id, told & _told(done, category))
            told |= _told(done, category)
            seen = View(done.state, done.memory, "zh", ticket("bot", FACE), version=1)
            if done.state == "handed_over":
                break
        assert done.state == "handed_over", category.id
        assert len(told) > 3, category.id


def test_the_step_that_the_words_ask_for_comes_first_wherever_it_stands() -> None:
    light, often = (_talk(NAMED, text(verdict(FACE), said))[0] for said in ("提示光线太暗", "刷脸次数用完了"))
    assert words(light).rstrip() == "\n1. 站到窗边\n2. 摘掉眼镜"
    assert words(often).rstrip() == "\n1. 明天再来\n2. 摘掉眼镜\n3. 站到窗边"
    assert keys(light)[0] == keys(often)[0] == "advice.this_first"
    assert words(_talk(NAMED, text(verdict(FACE), "刷脸不过"))[0]).rstrip() == "先看这些。\n1. 摘掉眼镜\n2. 站到窗边"


def test_a_detail_points_to_its_step_instead_of_to_the_next_round() -> None:
    known, new, again = _talk(
        NAMED, text(verdict(FACE), "刷脸不过"), text(verdict(FACE), "它说太暗"), text(verdict(FACE), "次数满了"),
        text(verdict(FACE), "它说太暗"),
    )[1:]  # fmt: skip
    assert (keys(known)[0], words(known)) == ("advice.that_step", "\n站到窗边")
    assert (keys(new)[0], words(new)) == ("advice.this_step", "\n明天再来")
    assert actions(new)[:2] == ["solved", "not_solved"]
    assert keys(again)[0] not in ("advice.that_step", "advice.this_step"), "once"


def test_what_is_denied_or_still_so_points_to_nothing() -> None:
    for said in ("光线没问题", "还是光线太暗"):
        assert "advice.that_step" not in keys(
            _talk(NAMED, text(verdict(FACE), "刷脸不过"), text(verdict(FACE), said))[1]
        )


def test_a_detail_about_another_platform_points_to_its_step_there() -> None:
    done = _talk(NAMED, text(verdict(FACE), "刷脸不过"), text(verdict(FACE, platform="wechat"), "微信打不开相机"))[1]
    assert (keys(done)[0], words(done), done.memory.platform) == ("advice.this_step", "\n打开相机权限", "wechat")
