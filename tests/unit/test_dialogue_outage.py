"""What many people have at once: nobody is walked through fixes that cannot help, and nobody's own trouble is taken for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.house import (
    DISPUTE,
    EITHER,
    FACE,
    MISSING,
    NOW,
    PEOPLE,
    SCAM,
    UNCLEAR,
    actions,
    effects,
    keys,
    move,
    said,
    text,
    ticket,
    trying,
    verdict,
    view,
    words,
)
from triagebot.desk.incident.going import Going
from triagebot.dialogue.state import Attach, Detach, Escalate, Open, Remind, Signal, View

WECHAT = Going(3, FACE, "wechat", NOW - timedelta(minutes=20), text="厂商在修。")
ANYWHERE = Going(4, MISSING, "", NOW - timedelta(hours=1))
PLATFORM = Going(5, "", "wechat", NOW - timedelta(minutes=5))


def during(*incidents: Going, seen: View | None = None) -> View:
    return replace(seen or view(), incidents=incidents)


def waiting(incident: Going = WECHAT, **memory: Any) -> View:
    mine = ticket(platform="wechat", incident=incident)
    return during(incident, seen=view("answered", mine, **{"category": FACE, "platform": "wechat", **memory}))


def test_who_has_the_trouble_of_an_incident_hears_the_truth_in_place_of_fixes() -> None:
    done = move(during(WECHAT), text(verdict(FACE, platform="wechat")))
    assert keys(done) == ["outage.same"]
    assert said(done, "outage.same").values["incident"] is WECHAT
    assert effects(done, Attach) == [Attach(3)]
    assert actions(done) == ["differs", "human"]


def test_nobody_is_promised_to_be_asked_whether_it_helped() -> None:
    done = move(during(ANYWHERE), text(verdict(MISSING)))
    assert keys(done) == ["outage.same"]
    assert effects(done, Remind) == []


@pytest.mark.parametrize("v", [verdict(FACE, platform="alipay"), verdict(MISSING, platform="wechat")])
def test_whoever_has_another_trouble_gets_their_fixes(v: Any) -> None:
    done = move(during(WECHAT), text(v))
    assert "outage.same" not in keys(done)
    assert effects(done, Attach) == []


def test_an_incident_of_a_whole_platform_is_that_of_all_who_query_there() -> None:
    for category in (FACE, MISSING):
        assert effects(move(during(PLATFORM), text(verdict(category, platform="wechat"))), Attach) == [Attach(5)]
    assert effects(move(during(PLATFORM), text(verdict(PEOPLE, "answer", platform="wechat"))), Attach) == []


def test_of_two_incidents_the_one_that_says_more_is_told() -> None:
    done = move(during(PLATFORM, WECHAT), text(verdict(FACE, platform="wechat")))
    assert effects(done, Attach) == [Attach(3)]


def test_an_incident_of_one_wording_is_of_those_who_show_it() -> None:
    one = replace(WECHAT, signature=f"{FACE}:1003")
    assert effects(move(during(one), text(verdict(FACE, platform="wechat"))), Attach) == []
    shown = verdict(FACE, platform="wechat", rules=("face.scan", f"{FACE}:1003"))
    assert effects(move(during(one), text(shown)), Attach) == [Attach(3)]


def test_an_incident_of_one_version_is_not_taken_for_everybodys() -> None:
    one = replace(WECHAT, app_version="8.0.50")
    assert effects(move(during(one), text(verdict(FACE, platform="wechat"))), Attach) == []


def test_danger_keeps_its_way_whatever_is_out() -> None:
    out = Going(6, SCAM, "", NOW)
    for incidents in ((out,), (PLATFORM,)):
        done = move(during(*incidents), text(verdict(SCAM, platform="wechat")))
        assert keys(done)[0] == "safety.head"
        assert effects(done, Attach) == []


def test_what_people_are_not_told_of_keeps_its_advice() -> None:
    done = move(during(Going(6, DISPUTE, "", NOW), PLATFORM), text(verdict(DISPUTE, platform="wechat")))
    assert "先别急着重复提交" in words(done)
    assert effects(done, Attach) == []


def test_where_it_depends_on_the_platform_that_is_asked_first() -> None:
    asked = move(during(WECHAT), text(verdict(FACE)))
    assert keys(asked) == ["outage.ask_platform", "ask.platform"]
    assert asked.state == "asked_platform"
    assert actions(asked) == ["platform:wechat", "platform:unknown"]
    then = during(WECHAT, seen=view("asked_platform", ticket(), **vars(asked.memory)))
    here = move(then, Signal("platform", "wechat"))
    assert keys(here) == ["outage.same"]
    assert effects(here, Attach) == [Attach(3)]
    for answer in (Signal("platform", "alipay"), Signal("platform", "unknown"), text(UNCLEAR)):
        elsewhere = move(then, answer)
        assert keys(elsewhere) == ["text"]
        assert words(elsewhere) == "1. 换个亮处\n2. 摘掉眼镜"
        assert effects(elsewhere, Attach) == []


def test_the_buttons_name_the_platform_that_is_out_even_without_a_fix_of_its_own() -> None:
    asked = move(during(replace(WECHAT, platform="alipay")), text(verdict(FACE)))
    assert actions(asked) == ["platform:wechat", "platform:alipay", "platform:unknown"]


def test_one_of_two_that_was_chosen_is_told_too() -> None:
    asked = move(during(ANYWHERE), text(EITHER))
    assert keys(asked) == ["ask.which"]
    chosen = move(during(ANYWHERE, seen=trying("asked_which", category="", round=-1)), Signal("pick", MISSING))
    assert keys(chosen) == ["outage.same"]


def test_it_begins_while_somebody_tries() -> None:
    done = move(during(WECHAT, seen=trying(platform="wechat")), Signal("not_solved"))
    assert keys(done) == ["outage.same"]
    assert effects(done, Attach) == [Attach(3)]


def test_who_wants_a_person_has_one_and_hears_the_truth() -> None:
    v = verdict(FACE, "escalate", platform="wechat", human_requested=True)
    done = move(during(WECHAT), text(v))
    assert keys(done) == ["outage.same", "handover.done", "promise"]
    assert actions(done) == ["differs"]
    assert [type(e) for e in done.effects] == [Open, Attach, Escalate]
    assert done.state == "handed_over"


def test_a_person_who_says_later_what_it_is_about_hears_the_truth() -> None:
    seen = during(WECHAT, seen=view("handed_over", ticket("queued", PEOPLE), category=PEOPLE))
    done = move(seen, text(verdict(FACE, platform="wechat")))
    assert keys(done) == ["outage.same", "promise"]
    assert (effects(done, Attach), done.state) == ([Attach(3)], "handed_over")


def test_they_hear_that_it_goes_on_once_a_minute() -> None:
    first = move(waiting(), text(UNCLEAR))
    assert keys(first) == ["outage.still"]
    again = replace(waiting(), memory=first.memory)
    assert move(again, text(UNCLEAR), NOW + timedelta(seconds=30)).silent
    assert keys(move(again, text(UNCLEAR), NOW + timedelta(seconds=61))) == ["outage.still"]


def test_no_fix_is_said_to_who_waits() -> None:
    for signal in (Signal("not_solved"), text(verdict(FACE, platform="wechat")), text(UNCLEAR), Signal("pick", FACE)):
        assert words(move(waiting(), signal)) == ""


def test_another_problem_of_the_same_outage_is_no_ticket_more() -> None:
    done = move(waiting(PLATFORM), text(verdict(MISSING, platform="wechat")))
    assert keys(done) == ["outage.still"]
    assert effects(done, Open) == []


def test_who_turns_to_another_problem_goes_on_waiting_for_the_first() -> None:
    (opened,) = effects(move(waiting(), text(verdict(MISSING))), Open)
    assert opened.leave == ""


def test_on_another_platform_it_is_their_own_trouble() -> None:
    done = move(waiting(), text(verdict(FACE, platform="alipay")))
    assert [type(e) for e in effects(done, Detach)] == [Detach]
    assert "换个亮处" in words(done)


def test_whoever_said_that_theirs_is_different_is_not_told_again() -> None:
    apart = move(waiting(), Signal("differs"))
    assert "打开微信相机权限" in words(apart)
    after = during(WECHAT, seen=view("answered", ticket(platform="wechat"), **vars(apart.memory)))
    assert effects(move(after, Signal("not_solved")), Attach) == []


def test_what_to_do_meanwhile_is_no_fix_either() -> None:
    seen = during(WECHAT, seen=view("handed_over", ticket("queued", platform="wechat", incident=WECHAT), category=FACE))
    done = move(seen, replace(text(UNCLEAR), arg="what_now"))
    assert keys(done) == ["outage.still", "promise"]


def test_anybody_may_ask_what_goes_on() -> None:
    done = move(during(WECHAT, PLATFORM), Signal("command:status"))
    assert keys(done) == ["status.none", "outage.head", "outage.line", "outage.line", "remind.pending"]
    mine = move(waiting(), Signal("command:status"))
    assert keys(mine) == ["status.line", "outage.head", "outage.line", "remind.pending"]
