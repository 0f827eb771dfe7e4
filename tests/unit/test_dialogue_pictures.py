"""What becomes of pictures in the conversation: read, measured, refused; wherever the person is."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from tests.conftest import FakeClock
from tests.network_pictures import DARK, FAILED, NO_WORDS, photo
from tests.unit.house import (
    NOW,
    OWNERS,
    HandBrain,
    actions,
    effects,
    incoming,
    keys,
    move,
    office,
    said,
    text,
    ticket,
    trying,
    verdict,
    view,
)
from triagebot import rulebook
from triagebot.dialogue import pictures
from triagebot.dialogue.state import LIGHT, Open, Record, Signal, Step, View
from triagebot.dialogue.step import step
from triagebot.flow.bell import Bell
from triagebot.flow.converse import Converse
from triagebot.locale import LANGUAGES, catalogue
from triagebot.messages import Incoming, Seen
from triagebot.resources import bundled
from triagebot.vision.refusals import Why

NOTHING, ANSWERED = view(), trying()
QUEUED, HELD = view("handed_over", ticket("queued")), view("handed_over", ticket("assigned"))
DONE = view("idle", ticket("resolved", resolved_at=NOW))
EVERYWHERE = (NOTHING, ANSWERED, trying("menu"), QUEUED, HELD, DONE)
WHYS = tuple(why for why in get_args(Why) if why)
SCAM = Seen("screen", text="请把钱转到安全账户\n骗")


def heard(seen: View, *messages: Incoming) -> Step:
    loop = Converse(None, office(), HandBrain(), OWNERS, FakeClock(), Bell(), Bell(), "here")  # type: ignore[arg-type]
    return loop.decide(seen, messages, NOW)


def refused(why: str) -> Seen:
    return Seen("nothing" if why.startswith("no_") else "refused", why=why)


@pytest.mark.parametrize("why", WHYS)
def test_each_reason_has_words_in_both_languages(why: str) -> None:
    assert all(catalogue(lang)[f"picture.{why}"] for lang in LANGUAGES)


@pytest.mark.parametrize("seen", EVERYWHERE, ids=lambda v: f"{v.state} {v.ticket.status if v.ticket else ''}")
@pytest.mark.parametrize("why", WHYS)
def test_what_gave_nothing_is_told_with_its_reason_wherever_the_person_is(why: str, seen: View) -> None:
    for kind in ("photo", "document"):
        done = heard(seen, photo(1, seen=refused(why), kind=kind))
        assert keys(done) == [f"picture.{why}"]
        assert not done.silent
        assert done.state == move(seen, Signal("kind:voice")).state, "nothing else changes"
        noted = [record.data for record in effects(done, Record)]
        assert noted == ([] if seen is NOTHING else [{"kind": kind, "text": "", "why": why}])


@pytest.mark.parametrize("seen", EVERYWHERE, ids=lambda v: f"{v.state} {v.ticket.status if v.ticket else ''}")
def test_a_screen_is_heard_as_if_its_words_were_typed(seen: View) -> None:
    read = heard(seen, photo(1, seen=FAILED))
    typed = heard(seen, incoming(1, FAILED.text))
    assert [key for key in keys(read) if key != "picture.read"] == keys(typed)
    assert (read.state, read.verdict, read.silent) == (typed.state, typed.verdict, typed.silent)
    assert ("picture.read" in keys(read)) == (seen is not HELD)


def test_the_bot_says_what_it_has_read_before_it_answers() -> None:
    done = heard(NOTHING, photo(1, seen=FAILED))
    assert keys(done)[0] == "picture.read"
    assert said(done, "picture.read").values["lines"] == "「人脸识别失败，请重试」「刷脸未通过」"
    (opened,) = effects(done, Open)
    assert opened.summary == "人脸识别失败，请重试 刷脸未通过", "not the clock and the battery"


def test_the_language_of_a_screen_is_not_the_persons() -> None:
    english = replace(ANSWERED, lang="en")
    done = heard(english, photo(1, seen=FAILED))
    assert done.lang == "en"
    assert said(done, "picture.read").values["lines"] == "“人脸识别失败，请重试” “刷脸未通过”"
    assert heard(replace(NOTHING, lang="en", version=-1), photo(1, seen=FAILED)).lang == "en"
    assert heard(english, photo(1, seen=FAILED, text="刷脸不过")).lang == "zh"


@pytest.mark.parametrize(("asked", "told"), [("error_text", "slots.noted"), ("since", "handover.attached")])
def test_a_screen_answers_only_a_question_about_what_it_shows(asked: str, told: str) -> None:
    waiting = view("handed_over", ticket("queued"), category="verification.face", pending=asked, asked=(asked,))
    done = heard(waiting, photo(1, seen=FAILED))
    assert told in keys(done)
    assert (done.memory.pending == asked) == (told == "handover.attached"), "an open question stays open"


def test_in_danger_what_keeps_safe_comes_first() -> None:
    assert keys(heard(NOTHING, photo(1, seen=SCAM)))[0] == "safety.head"


def test_words_beside_a_picture_count_though_nothing_could_be_read() -> None:
    done = heard(NOTHING, photo(1, seen=NO_WORDS, text="没收到报告"))
    assert keys(done) == ["text", "advice.will_ask_again", "picture.no_words"]
    assert done.state == "answered"
    assert {"kind": "photo", "text": "", "why": "no_words"} in [record.data for record in effects(done, Record)]
    assert keys(heard(ANSWERED, photo(1, text="没收到报告"))) == ["text", "advice.will_ask_again", "kind.photo"]


def test_a_short_answer_beside_a_picture_is_understood_as_one() -> None:
    assert "solved.thanks" in keys(heard(ANSWERED, photo(1, seen=NO_WORDS, text="好了")))


def test_the_name_of_a_file_is_nothing_that_the_person_said() -> None:
    document = photo(1, kind="document", text="我的刷脸截图.png", seen=NO_WORDS)
    assert keys(heard(NOTHING, document)) == ["picture.no_words"]
    assert pictures.caption(replace(document, text="怎么办\nScreenshot_20261123.jpg")) == "怎么办"


def test_an_album_is_one_story_in_its_order_and_each_reason_is_told_once() -> None:
    second = Seen("screen", text="第二步也失败")
    album = [photo(1, seen=FAILED), photo(2, seen=NO_WORDS), photo(3, seen=NO_WORDS), photo(4, seen=second), photo(5)]
    done = heard(ANSWERED, *album)
    assert done.memory.texts[-1] == "人脸识别失败，请重试\n刷脸未通过\n第二步也失败", "what tells, not the whole screen"
    assert keys(done)[0] == "picture.read"
    assert keys(done)[-2:] == ["picture.no_words", "picture.too_many"]
    assert said(done, "picture.too_many").values["count"] == 1
    assert {"kind": "photo", "text": "", "why": "no_words", "count": 3} in [r.data for r in effects(done, Record)]


def test_a_reason_is_told_once_while_pictures_keep_coming_and_again_after_words() -> None:
    first = heard(NOTHING, photo(1, seen=refused("pdf")))
    again = heard(view(lately=first.memory.lately), photo(2, seen=refused("pdf")))
    assert (keys(again), again.silent) == ([], True)
    words = heard(view(lately=again.memory.lately), incoming(3, "没收到报告"))
    assert keys(heard(view(lately=words.memory.lately), photo(4, seen=refused("pdf")))) == ["picture.pdf"]


def test_pictures_before_any_ticket_are_noted_on_the_one_that_follows() -> None:
    first = heard(NOTHING, photo(1, seen=NO_WORDS), photo(2, seen=NO_WORDS))
    then = heard(view(unseen=first.memory.unseen), incoming(3, "没收到报告"))
    assert {"kind": "photo", "count": 2} in [record.data for record in effects(then, Record)]


@pytest.mark.parametrize(("looks", "offered"), [(True, True), (False, False)])
def test_the_light_check_stands_under_advice_about_the_face_where_pictures_can_be_looked_at(
    looks: bool, offered: bool
) -> None:
    advised = move(replace(view(), looks=looks), text(verdict("verification.face", platform="wechat")))
    assert ("light" in actions(advised)) == offered
    assert "light" not in actions(move(replace(view(), looks=True), text(verdict("report.missing"))))


def test_the_next_picture_is_measured_until_the_person_says_something_else() -> None:
    asked = heard(replace(ANSWERED, looks=True), incoming(1, kind="press", action="light:12"))
    assert asked.memory.awaits == LIGHT
    awaiting = replace(ANSWERED, memory=asked.memory, looks=True)
    measured = heard(awaiting, photo(2, seen=replace(DARK, keepsake="k")))
    assert keys(measured) == ["light.dark", "light.also"]
    assert measured.keepsake == "k"
    assert actions(measured) == ["light", "not_solved", "solved", "human"]
    assert measured.memory.awaits == LIGHT, "who has changed the light just sends another one"
    assert heard(awaiting, photo(2, seen=refused("no_face"))).memory.awaits == LIGHT
    for other in (incoming(3, "那我再试试"), incoming(3, kind="press", action="not_solved:12"), photo(3, seen=FAILED)):
        assert heard(awaiting, other).memory.awaits == ""


def test_good_light_is_called_good_and_of_many_faults_two_are_told() -> None:
    assert keys(heard(ANSWERED, photo(1, seen=Seen("light")))) == ["light.good"]
    many = Seen("light", faults=("backlit", "side_left", "blurred"))
    done = heard(ANSWERED, photo(1, seen=many))
    assert keys(done) == ["light.backlit", "light.also"]
    assert effects(done, Record)[0].data == {"light": ["backlit", "side_left"]}


def test_without_a_ticket_there_is_nothing_that_could_be_solved() -> None:
    assert actions(heard(NOTHING, photo(1, seen=DARK))) == ["light", "human"]


def test_danger_beside_a_photo_of_a_face_is_heard_before_the_light_is_told() -> None:
    done = heard(NOTHING, photo(1, seen=DARK, text="我被骗了"))
    assert keys(done)[0] == "safety.head"
    assert "light.dark" in keys(done)


def test_the_name_of_a_photo_of_a_face_stands_in_no_event() -> None:
    done = heard(ANSWERED, photo(1, seen=replace(DARK, keepsake="face")))
    assert "face" not in [value for record in effects(done, Record) for value in map(str, record.data.values())]


def test_of_a_screen_only_what_tells_what_went_wrong_is_remembered() -> None:
    notice = Seen("screen", text="刷脸未通过\n谨防诈骗，请勿向他人透露验证码\n取消  重新验证")
    done = heard(NOTHING, photo(1, seen=notice))
    assert done.memory.texts == ("刷脸未通过",), "a notice is not what the person says"


def test_whoever_had_the_light_measured_is_not_asked_what_it_was_like() -> None:
    rules = rulebook.load(bundled("rules"))
    measured = step(
        trying(awaits=LIGHT), Signal("measured", pictures=pictures.of([photo(1, seen=DARK)], tuple)), rules, NOW
    )
    seen = View(measured.state, measured.memory, "zh", ticket(), version=1, looks=True)
    asked = step(seen, Signal("human"), rules, NOW).memory.pending
    assert asked == "look", "the question after the one about the light"
