"""The conversation as a table, with verdicts made by hand: what is said, decided and remembered, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot import rulebook
from triagebot.dialogue.state import Escalate, Memory, Open, Record, Reopen, Resolve, Signal, Step, TicketView, View
from triagebot.dialogue.step import TRANSITIONS, step, where
from triagebot.resources import bundled
from triagebot.triage.verdict import Verdict

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@cache
def book() -> rulebook.RuleBook:
    return rulebook.load(bundled("rules"))


def verdict(category: str, decision: str = "answer", **more: Any) -> Verdict:
    rules = book().categories[category]
    given: dict[str, Any] = {
        "text": "…", "category": category, "confidence": 0.9, "decision": decision, "platform": "unknown",
        "candidates": ((category, 0.9), ("other.out_of_scope", 0.05), ("access.howto", 0.05)), "rules": ("x.y",),
        "priority": rules.priority, "queue": rules.queue, "human_requested": False, "lang": "zh",
    }  # fmt: skip
    return Verdict(**{**given, **more})


def text(words: str, v: Verdict) -> Signal:
    return Signal("text", text=words, verdict=v)


def take(view: View, signal: Signal) -> Step:
    return step(view, signal, book(), NOW)


def keys(done: Step) -> list[str]:
    return [part.key for part in done.parts]


def effects(done: Step, kind: type) -> Sequence[Any]:
    return [e for e in done.effects if isinstance(e, kind)]


def trying(category: str, **memory: Any) -> View:
    """A person who was given the first advice about ``category``."""
    remembered = Memory(texts=("…",), category=category, round=0, **memory)
    return View(state="answered", memory=remembered, ticket=TicketView(1, "bot", category), version=1)


def with_people(category: str = "verification.face", assignee: str = "", **more: Any) -> View:
    status = "assigned" if assignee else "queued"
    ticket = TicketView(1, status, category, queue="customer_service", assignee=assignee, escalated=True)
    return View(state="handed_over", memory=Memory(category=category), ticket=replace(ticket, **more), version=2)


def test_a_first_problem_opens_a_ticket_and_shows_at_most_four_steps() -> None:
    done = take(View(), text("刷脸不过", verdict("verification.face")))
    assert len(effects(done, Open)) == 1
    assert done.state == "answered"
    assert [b.action for b in done.buttons[-1]] == ["solved", "not_solved", "human"]
    assert not effects(done, Escalate)


def test_not_solved_shows_another_way_before_people_are_called() -> None:
    second = take(trying("verification.face"), Signal("not_solved"))
    assert not effects(second, Escalate)
    assert second.memory.round == 1
    third = take(
        View("answered", second.memory, ticket=TicketView(1, "bot", "verification.face")), Signal("not_solved")
    )
    assert [e.queue for e in effects(third, Escalate)] == ["customer_service"]
    assert {"handover.done", "promise"} <= set(keys(third))


def test_danger_is_answered_with_safety_first_and_goes_to_security_at_once() -> None:
    done = take(View(), text("转了钱", verdict("security.scam", "escalate", queue="security", priority="P1")))
    said = keys(done)
    assert said[0] == "safety.head"
    assert said.index("safety.head") < said.index("handover.done")
    escalated = effects(done, Escalate)[0]
    assert (escalated.queue, escalated.priority) == ("security", "P1")


def test_a_category_of_people_goes_to_its_first_queue_with_advice_for_the_meantime() -> None:
    v = verdict("report.dispute", "escalate", queue="hotline", priority="P2")
    done = take(View(), text("报告上有一项写错了", v))
    assert effects(done, Escalate)[0].queue == "hotline"
    assert "text" in keys(done)


def test_at_most_two_questions_and_each_may_be_skipped() -> None:
    done = take(trying("verification.face", asked=()), Signal("human"))
    asked = 0
    while done.memory.pending:
        asked += 1
        assert [b.action for row in done.buttons for b in row] == ["skip"]
        done = take(replace(with_people(), memory=done.memory), Signal("skip"))
    assert asked == 2
    assert "slots.no_more" in keys(done)


def test_an_answer_to_a_question_becomes_a_fact_for_the_agent() -> None:
    view = replace(with_people(), memory=Memory(category="verification.face", pending="light", asked=("light",)))
    vague = verdict("access.howto", confidence=0.83, rules=())
    done = take(view, text("下午三点，窗边", vague))
    fact = effects(done, Record)[0]
    assert (fact.type, fact.data["slot"], fact.data["text"]) == ("fact_given", "light", "下午三点，窗边")
    assert not effects(done, Open)


def test_the_bot_is_silent_once_an_agent_has_the_ticket() -> None:
    assert take(with_people(assignee="小李"), text("还有一点", verdict("report.missing"))).silent


def test_danger_breaks_the_silence_with_a_ticket_of_its_own() -> None:
    v = verdict("security.scam", "escalate", queue="security", priority="P1")
    done = take(with_people(assignee="小李"), text("我把验证码告诉他了", v))
    assert not done.silent
    assert len(effects(done, Open)) == 1
    assert effects(done, Escalate)[0].queue == "security"


def test_another_clear_problem_while_waiting_gets_help_of_its_own() -> None:
    done = take(with_people(), text("收不到验证码", verdict("verification.sms_code")))
    assert len(effects(done, Open)) == 1
    assert effects(done, Open)[0].leave == ""


def test_small_words_while_waiting_are_heard_and_open_nothing() -> None:
    done = take(with_people(), text("急", verdict("other.out_of_scope", "unclear", filler=True)))
    assert keys(done) == ["handover.here", "promise"]
    assert not effects(done, Open)


def test_the_platform_is_an_answer_and_not_a_problem() -> None:
    view = View(
        "asked_platform", Memory(category="report.missing", round=0), ticket=TicketView(1, "bot", "report.missing")
    )
    v = verdict("report.missing", platform="wechat", scope="conversation")
    done = take(view, text("微信", v))
    assert done.memory.platform == "wechat"
    assert not effects(done, Open)


def test_unclear_once_is_a_menu_and_twice_a_person() -> None:
    puzzled = verdict("access.howto", "unclear", confidence=0.2, candidates=())
    first = take(View(), text("那个", puzzled))
    assert first.state == "menu"
    assert not effects(first, Escalate)
    second = take(View("menu", first.memory, ticket=TicketView(1, "bot", "access.howto")), text("就那个", puzzled))
    assert effects(second, Escalate)


def resolved(days: float, escalated: bool = True) -> View:
    ended = TicketView(1, "resolved", "verification.face", escalated=escalated, resolved_at=NOW - timedelta(days=days))
    return View(memory=Memory(category="verification.face"), ticket=ended, version=3)


def test_a_reply_within_seven_days_reopens_and_later_starts_anew() -> None:
    again = verdict("verification.face", scope="conversation")
    assert effects(take(resolved(6.9), text("又不行了", again)), Reopen)
    late = take(resolved(7.1), text("又不行了", again))
    assert not effects(late, Reopen)
    assert effects(late, Open)


@pytest.mark.parametrize("words", ["5", "5 分", "5星"])
def test_a_typed_rating_counts(words: str) -> None:
    done = take(resolved(1), text(words, verdict("other.out_of_scope", "unclear")))
    assert effects(done, Record)[0].data == {"stars": 5}


def test_a_low_rating_is_asked_for_its_reason() -> None:
    done = take(resolved(1), Signal("rate", "1"))
    assert "rate.sorry" in keys(done)
    assert done.memory.pending == "rating_reason"


def test_solved_ends_the_ticket_with_the_persons_word() -> None:
    assert effects(take(trying("verification.face"), Signal("solved")), Resolve)


def test_a_stale_button_is_answered_kindly() -> None:
    assert keys(take(View(), Signal("pick", "report.missing"))) == ["greet.nothing_open"]


CATEGORIES = sorted(book().categories)
SIGNALS = sorted({name for _, name in TRANSITIONS} - {"text"})
signals = st.one_of(
    st.builds(Signal, st.sampled_from(SIGNALS), st.sampled_from(["", "zh", "en", "5", "wechat", "yes", *CATEGORIES])),
    st.builds(
        lambda category, decision, more: text("一二三", verdict(category, decision, **more)),
        st.sampled_from(CATEGORIES),
        st.sampled_from(["answer", "ask", "unclear", "escalate"]),
        st.fixed_dictionaries(
            {
                "scope": st.sampled_from(["message", "conversation"]),
                "filler": st.booleans(),
                "human_requested": st.booleans(),
                "platform": st.sampled_from(["unknown", "wechat", "counter"]),
                "confidence": st.floats(0, 1),
            }
        ),
    ),
)
views = st.one_of(
    st.just(View()),
    st.builds(trying, st.sampled_from(CATEGORIES)),
    st.builds(with_people, st.sampled_from(CATEGORIES), st.sampled_from(["", "小李"])),
    st.builds(resolved, st.floats(0, 9)),
)


@given(views, st.lists(signals, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_there_is_an_answer_or_an_agent(view: View, happening: list[Signal]) -> None:
    for signal in happening:
        done = take(view, signal)
        assert done.parts or done.silent
        again = [key for key, _ in view.memory.lately if key.startswith("kind.")]
        held = view.ticket is not None and view.ticket.assignee
        assert not done.silent or held or (again and signal.name.startswith("kind:"))
        assert Memory.from_json(done.memory.to_json()) == done.memory
        assert all(len(f"{b.action}:1234567".encode()) <= 48 for row in done.buttons for b in row)
        assert sum(len(row) for row in done.buttons) <= 12
        view = replace(view, state=done.state, memory=done.memory)
        assert where(view, NOW) in (
            "idle",
            "menu",
            "asked_which",
            "asked_platform",
            "answered",
            "handed_over",
            "resolved",
        )


def test_only_the_platform_named_leaves_the_question_open() -> None:
    asked = Memory(category="report.missing", pending="submitted", asked=("submitted",))
    view = replace(with_people("report.missing"), memory=asked)
    done = take(view, text("微信查的", verdict("report.missing", platform="wechat", scope="conversation")))
    assert (done.memory.platform, done.memory.pending) == ("wechat", "submitted")
    assert [e.type for e in effects(done, Record)] == ["classified"]
    assert keys(done) == ["slots.platform_noted", "slots.ask_again"]


def test_an_answer_that_also_names_the_platform_is_an_answer() -> None:
    asked = Memory(category="report.missing", pending="submitted", asked=("submitted",))
    view = replace(with_people("report.missing"), memory=asked)
    v = verdict("report.missing", platform="wechat", scope="conversation")
    done = take(view, text("前天晚上八点多在微信里提交的", v))
    assert [e.type for e in effects(done, Record)] == ["fact_given", "classified"]
    assert done.memory.platform == "wechat"


@pytest.mark.parametrize(
    ("view", "key"),
    [(View(), "who.robot"), (with_people(), "who.robot"), (with_people(assignee="小李"), "who.agent_has_it")],
    ids=["nothing open", "waiting", "with an agent"],
)
def test_who_asks_whether_a_machine_answers_is_told_the_truth(view: View, key: str) -> None:
    done = take(view, Signal("who", text="你是真人吗"))
    assert keys(done)[0] == key
    assert not done.silent


FACE, SMS = "verification.face", "verification.sms_code"


def test_a_second_problem_in_the_message_is_offered_and_goes_on_as_a_ticket_of_its_own() -> None:
    first = take(View(), text("刷脸不过，短信也收不到", verdict(FACE, also=(SMS,), platform="wechat")))
    assert "advice.also" in keys(first)
    assert (f"topic:{SMS}") in [button.action for row in first.buttons for button in row]
    pressed = take(trying(FACE, platform="wechat"), Signal("topic", SMS))
    (opened,) = effects(pressed, Open)
    assert (opened.facts["category"], opened.facts["platform"], opened.leave) == (SMS, "wechat", "closed")
    assert pressed.memory.category == SMS


def test_a_second_problem_is_offered_beside_one_that_goes_to_people() -> None:
    done = take(View(), text("扣了两次钱，刷脸也不过", verdict("billing.payment", also=(FACE,))))
    assert keys(done).index("handover.done") < keys(done).index("advice.also")
    assert f"topic:{FACE}" in [button.action for row in done.buttons for button in row]


def test_what_has_no_help_of_its_own_is_not_offered_as_a_second_problem() -> None:
    done = take(View(), text("刷脸不过，我的工单呢", verdict(FACE, also=("ticket.status", "service.human"))))
    assert "advice.also" not in keys(done)


@pytest.mark.parametrize(("state", "said"), [("asked_which", ["…"]), ("answered", [])])
def test_a_choice_labels_the_words_only_when_it_was_asked_for(state: Any, said: list[str]) -> None:
    """A button for something else, pressed after the advice, says nothing about the words before it."""
    done = take(replace(trying(FACE), state=state), Signal("pick", SMS))
    (chosen,) = (e for e in effects(done, Record) if e.type == "chosen")
    assert chosen.data["said"] == said
