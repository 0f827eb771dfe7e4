"""Watch mode without a database: the days of reminders, the words that mean it, and what the person is told and offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.house import NOW, actions, effects, keys, move, said, trying, view
from triagebot.desk.watching import dates
from triagebot.dialogue.signals import Ears, plain
from triagebot.dialogue.state import Signal, View
from triagebot.dialogue.step import step
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe, WatchView
from triagebot.rulebook.schema import RuleBook

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
MONTHS = st.sampled_from([3, 6, 12])


@pytest.fixture(scope="module")
def ears(book: RuleBook) -> Ears:
    return Ears.of(book)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int, later: date) -> None:
    assert dates.months_later(day, months) == later


def _local(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


def test_the_last_day_of_a_month_comes_back_after_a_shorter_one() -> None:
    asked = datetime(2026, 1, 31, 15, tzinfo=SHANGHAI)
    due = dates.first(asked, 3, SHANGHAI)
    told = [due]
    while len(told) < 4:
        told.append(dates.next_after(asked, 3, told[-1], SHANGHAI))
    assert told == [_local(date(2026, m, d)) for m, d in ((4, 30), (7, 31), (10, 31))] + [_local(date(2027, 1, 31))]


def test_the_day_is_that_of_the_office_not_of_utc() -> None:
    asked = datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert dates.first(asked, 12, SHANGHAI) == _local(date(2027, 12, 1))


@given(MOMENTS, MONTHS, st.integers(0, 2000))
def test_the_next_one_lies_ahead_by_half_an_interval_at_least_and_by_one_and_a_half_at_most(
    asked: datetime, months: int, late: int
) -> None:
    now = dates.first(asked, months, SHANGHAI) + timedelta(days=late)
    gap = dates.next_after(asked, months, now, SHANGHAI) - now
    assert timedelta(days=15 * months) < gap <= timedelta(days=47 * months)


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("每季度提醒我查一次征信", "m3"),
        ("提醒我每三个月查一次征信", "m3"),
        ("每半年提醒我", "m6"),
        ("一年提醒我两次", "m6"),
        ("麻烦每年提醒我查一下自己的征信吧！", "m12"),
        ("每隔一年叫我查征信", "m12"),
        ("微信刷脸恢复了告诉我", "news.wechat"),
        ("支付宝修好了通知我一声", "news.alipay"),
        ("官网有问题通知我", "news.pboc_web"),
        ("订阅云闪付", "news.unionpay"),
        ("有问题通知我", "news"),
        ("恢复了告诉我", "news"),
        ("订阅", ""),
        ("定期提醒我查征信", ""),
        ("取消订阅", "stop"),
        ("别再提醒", "stop"),
        ("别再提醒我了。", "stop"),
        ("不要再提醒我查征信", "stop"),
        ("退订", "stop"),
        ("别再通知我微信的消息", "mute.wechat"),
        ("Remind me every quarter", "m3"),
        ("please remind me to check my credit report every six months", "m6"),
        ("tell me when WeChat is back", "news.wechat"),
        ("Stop reminding me", "stop"),
        ("unsubscribe", "stop"),
    ],
)
def test_whole_messages_that_mean_it(ears: Ears, words: str, order: str) -> None:
    assert ears.press(plain(words)) == Signal("watch", order)


@pytest.mark.parametrize(
    "words",
    [
        "微信刷脸不行修好了告诉我", "刷脸不过", "半年", "年", "恢复了", "好了", "收不到提醒", "为什么不提醒我", "短信没通知我",
        "银行通知我征信有问题", "征信有问题银行没通知我", "每年可以查几次", "每年免费查几次征信", "取消订单", "取消授权",
        "有人告诉我征信有问题", "微信提醒我验证失败", "stop working", "remind me what to do",
    ],
)  # fmt: skip
def test_problems_that_sound_like_it_are_judged_as_problems(ears: Ears, words: str) -> None:
    order = ears.press(plain(words))
    assert order is None or order.name != "watch"


def test_no_example_of_a_problem_is_taken_for_an_order(ears: Ears, book: RuleBook) -> None:
    """The training set is what people really type; unsubscribe had no meaning before."""
    examples = [text for c in book.categories.values() for text in (*c.examples.zh, *c.examples.en)]
    taken = [text for text in examples if len(text) <= 40 and ears.watch.heard(plain(text)) is not None]
    assert taken == ["unsubscribe"]


QUARTERLY = WatchView(months=3, next_at=NOW + timedelta(days=40))
WECHAT = WatchView("wechat")


def watching(*watches: WatchView, **memory: Any) -> View:
    return replace(view(**memory), watches=watches)


def test_the_menu_offers_what_is_not_on_and_ends_what_is() -> None:
    nothing = move(view(), Signal("command:watch"))
    assert actions(nothing) == ["watch:m3", "watch:m6", "watch:m12"]
    both = move(watching(QUARTERLY, WECHAT), Signal("command:watch"))
    assert keys(both) == ["watch.menu", "watch.on_now", "watch.line_reminder", "watch.line_news"]
    assert actions(both) == ["watch:m6", "watch:m12", "watch:off", "watch:mute.wechat", "watch:stop"]


def test_what_is_on_stands_under_the_status() -> None:
    done = move(watching(WECHAT), Signal("command:status"))
    assert keys(done) == ["status.none", "remind.pending", "watch.on_now", "watch.line_news"]
    assert keys(move(view(), Signal("command:status"))) == ["status.none", "remind.pending"]


def test_a_reminder_says_what_it_is_and_can_be_changed_or_ended_at_once() -> None:
    done = move(trying(), Signal("watch", "m6"))
    assert effects(done, Subscribe) == [Subscribe(months=6)]
    assert keys(done) == ["watch.reminder_on", "watch.nothing_kept"]
    assert actions(done) == ["watch:m3", "watch:m12", "watch:off"]
    assert done.state == "answered"
    assert done.memory.category == trying().memory.category


def test_a_reminder_that_is_on_as_often_keeps_its_date() -> None:
    assert said(move(watching(QUARTERLY), Signal("watch", "m3")), "watch.reminder_on").values["at"] == QUARTERLY.next_at
    assert said(move(watching(QUARTERLY), Signal("watch", "m6")), "watch.reminder_on").values["at"] is None


def test_news_are_of_the_platform_that_is_talked_about(book: RuleBook) -> None:
    done = step(trying(platform="wechat"), Signal("watch", "news"), book, NOW)
    assert effects(done, Subscribe) == [Subscribe("wechat")]
    assert keys(done) == ["watch.news_on", "watch.none_going", "watch.nothing_kept"]


def test_where_no_platform_is_known_it_is_asked_for(book: RuleBook) -> None:
    for arg in ("news", "news.counter"):
        done = step(view(), Signal("watch", arg), book, NOW)
        assert keys(done) == ["watch.which_platform"]
        assert not done.effects
        assert actions(done)[:2] == ["watch:news.wechat", "watch:news.alipay"]


@pytest.mark.parametrize(
    ("arg", "effect", "key"),
    [
        ("off", Unsubscribe("reminder"), "watch.reminder_off"),
        ("mute.wechat", Unsubscribe("news", "wechat"), "watch.muted"),
        ("mute", Unsubscribe("news"), "watch.all_muted"),
        ("no", Unsubscribe("offer"), "watch.declined"),
        ("stop", Unsubscribe("all"), "watch.stopped"),
    ],
)
def test_one_tap_or_word_ends_it(arg: str, effect: Unsubscribe, key: str) -> None:
    done = move(watching(QUARTERLY, WECHAT), Signal("watch", arg))
    assert effects(done, Unsubscribe) == [effect]
    assert keys(done) == [key]


def test_stop_is_heard_where_nothing_is_on() -> None:
    assert keys(move(view(), Signal("watch", "stop"))) == ["watch.stopped"]
