"""The clocks that come with the program (rules/clocks.yaml): what people are told, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from tests.unit.house import NOW, incoming
from triagebot.desk.afterwards import reminder_times, reminders
from triagebot.desk.office import Office, open_office
from triagebot.dialogue import signals
from triagebot.dialogue.reminders import offer_fitting
from triagebot.dialogue.state import Draft, Memory, View
from triagebot.resources import bundled
from triagebot.rulebook import load
from triagebot.rulebook.clock_rules import Clock, When

SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def shipped() -> Office:
    return open_office(load(bundled("rules")), SHANGHAI)


def clock(name: str) -> Clock:
    found = shipped().book.clocks.of(name)
    assert found is not None
    return found


CLOCKS = [each.id for each in shipped().book.clocks.clocks]


@pytest.mark.parametrize(
    ("name", "since", "said_at", "comes"),
    [
        ("login_lock_10min", None, "2026-11-30 02:00", "2026-11-30 02:10"),
        ("find_login_sms_5min", None, "2026-11-30 23:58", "2026-12-01 00:03"),
        ("id_code_resend_2min", None, "2026-11-30 12:00", "2026-11-30 12:02"),
        ("web_id_code_24h", None, "2026-11-29 15:12", "2026-11-30 15:12"),
        ("web_id_code_24h", None, "2026-11-29 23:30", "2026-12-01 09:00"),
        ("web_id_code_24h", None, "2026-11-29 04:00", "2026-11-30 09:00"),
        ("report_kept_7d", None, "2026-11-29 15:12", "2026-12-04 15:12"),
        ("data_update_next_day", None, "2026-11-29 15:12", "2026-12-01 15:12"),
        ("dispute_20d", "2026-11-05", "2026-11-20 10:30", "2026-11-25 10:30"),
        ("dispute_20d", "2026-11-20", "2026-11-20 22:30", "2026-12-11 09:00"),
        ("dispute_20d", "2026-02-20", "2026-02-21 10:00", "2026-03-12 10:00"),
        ("complaint_answer_30d", "2026-11-01", "2026-11-01 10:00", "2026-12-01 10:00"),
        ("complaint_accept_10wd", "2026-11-30", "2026-11-30 10:00", "2026-12-14 10:00"),
        ("complaint_accept_10wd", "2026-09-24", "2026-09-24 10:00", "2026-10-15 10:00"),
        ("complaint_accept_10wd", "2026-10-03", "2026-10-04 10:00", "2026-10-20 10:00"),
    ],
)
def test_a_reminder_comes_when_its_clock_has_run_out_and_by_day(
    name: str, since: str | None, said_at: str, comes: str
) -> None:
    """National Day: 1 to 7 October are free, Saturday 10 October is worked (the shipped calendar)."""
    now = datetime.fromisoformat(said_at).replace(tzinfo=SHANGHAI).astimezone(UTC)
    due = reminder_times.due(shipped(), clock(name), date.fromisoformat(since) if since else None, now)
    assert f"{due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == comes


@pytest.mark.parametrize("name", CLOCKS)
def test_a_reminder_is_never_earlier_than_its_clock_whatever_the_hour(name: str) -> None:
    each, office = clock(name), shipped()
    for hour in range(24):
        now = datetime(2026, 9, 28, hour, 30, tzinfo=UTC)
        since = now.astimezone(SHANGHAI).date() if each.asks else None
        over = reminder_times.runs_out(each, since, now, SHANGHAI, reminder_times.calendar_of(office, each))
        due = reminder_times.due(office, each, since, now)
        assert over <= due <= over + timedelta(hours=13)
        assert each.is_short or 9 <= due.astimezone(SHANGHAI).hour < 21


@pytest.mark.parametrize("name", CLOCKS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_reminder_is_short_has_its_day_filled_in_and_fits_its_buttons(name: str, lang: str) -> None:
    said = reminders.words(clock(name), date(2026, 11, 5), lang)
    assert "{" not in said
    assert len(said) < (160 if lang == "zh" else 400)
    assert ("11月5日" in said or "5 Nov" in said) == (clock(name).asks is not None)
    for row in reminders.buttons(clock(name), 1234567, lang):
        for button in row:
            assert len(button.label) <= (10 if lang == "zh" else 30)
            assert len(button.action.encode()) <= 48


def test_only_what_the_law_or_an_authority_says_is_told_as_a_figure() -> None:
    kinds = {name: source.kind for name, source in shipped().book.sources.items()}
    told = {
        name
        for name in CLOCKS
        if any(
            c.isdigit()
            for c in reminders.words(clock(name), date(2026, 1, 1), "zh").split("\n")[0].replace("1月1日", "")
        )
    }
    assert told == {"dispute_20d", "complaint_answer_30d"}
    assert {kinds[source] for name in told for source in clock(name).source} == {"primary"}


def test_every_clock_can_be_had() -> None:
    """Offered somewhere, or as what begins when another one is done."""
    later = {each.then for each in shipped().book.clocks.clocks}
    assert [name for name in CLOCKS if not clock(name).offers and name not in later] == []


@pytest.mark.parametrize(
    "text",
    ["别提醒了", "不要再提醒我了", "取消提醒", "停止提醒", "退订", "别再通知我了！", "麻烦以后都不用提醒了谢谢", "stop", "STOP",
     "unsubscribe", "stop reminding me", "don't remind me anymore"],
)  # fmt: skip
def test_people_say_stop_in_their_own_words(text: str) -> None:
    assert _heard(text) == "watch stop"


@pytest.mark.parametrize(
    "text",
    ["别提醒我老公", "怎么取消查询", "停止扣款", "stop payment", "短信提醒收不到", "取消", "不用了", "为什么没提醒我"],
)
def test_what_only_resembles_it_is_something_else(text: str) -> None:
    assert _heard(text) != "watch stop"


@cache
def _ears() -> signals.Ears:
    return signals.Ears.of(shipped().book)


def _heard(text: str) -> str:
    heard = signals.read(incoming(1, text), Memory(), _ears())
    return f"{heard.name} {heard.arg}".strip()


@pytest.mark.parametrize(
    ("when", "category", "said", "offered"),
    [
        ("handed_over", "report.dispute", "报告写错了", ["dispute_20d"]),
        ("handed_over", "report.dispute", "我要投诉，还要提异议", ["complaint_accept_10wd", "dispute_20d"]),
        ("advice", "account.login", "登录名锁住了", ["login_lock_10min"]),
        ("advice", "account.login", "登录名忘了", ["find_login_sms_5min"]),
        ("advice", "account.login", "登录不上", []),
        ("advice", "report.stale", "还清了怎么没更新", ["data_update_next_day"]),
        ("solved", "verification.face", "刷脸不过", ["web_id_code_24h"]),
        ("solved", "report.missing", "没收到报告", ["report_kept_7d"]),
        ("solved", "security.scam", "被骗了", []),
    ],
)
def test_it_is_offered_where_people_begin_to_wait(when: When, category: str, said: str, offered: list[str]) -> None:
    d = Draft(View(), shipped().book, NOW, "answered", Memory(texts=(said,)), "zh")
    offer_fitting(d, when, category)
    assert [button.action for row in d.buttons for button in row] == [f"remind:{name}" for name in offered]
