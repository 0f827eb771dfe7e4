"""Watch mode on each database: subscribed, due, told once, changed, stopped; by day only; gone with the person's words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import FACE, OWNERS, House, book
from triagebot.desk import erase, person
from triagebot.desk.afterwards import followups
from triagebot.desk.incident import incidents
from triagebot.desk.office import open_office
from triagebot.desk.watching import due
from triagebot.errors import DeliveryError
from triagebot.flow.undelivered import Undelivered
from triagebot.messages import PRIORITY_ROUND
from triagebot.rulebook.watch_rules import WatchRules
from triagebot.store import outbox
from triagebot.store.incident_tables import Incident, Watch
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Followup, Outbox

RULES = WatchRules.model_validate({
    "platforms": ["wechat", "alipay"], "offer_after": ["report.dispute"],
    "how": [{"zh": "打开官网查，免费。", "en": "Online, free.", "source": ["TEST"]}],
    "every": [{"months": 3, "re": "季度|quarter"}, {"months": 6, "re": "半年"}],
    "orders": [{"does": "stop", "re": "别再提醒|stop"}, {"does": "remind", "re": "(每|every ){every}(提醒我|, please)"},
               {"does": "news", "re": "{platform}恢复了告诉我"}],
})  # fmt: skip


@pytest.fixture
def watched(store: Store, clock: FakeClock) -> House:
    """The small house with watch mode; boss watches over all."""
    known = book()
    named = {p: rules.model_copy(update={"aliases": (p,)}) for p, rules in known.platforms.items() if p != "unknown"}
    rules = known.model_copy(update={"watch": RULES, "platforms": {**known.platforms, **named}})
    house = House(store, clock, open_office(rules, ZoneInfo("Asia/Shanghai")))
    house.agent("boss", role="supervisor")
    return house


def tick(house: House) -> int:
    def run(session: Session) -> int:
        followups.run_due(session, house.office, house.clock())
        return due.run_due(session, house.office, house.clock())

    return house.store.write_now(run)


def opened(house: House, platform: str = "wechat", category: str = FACE, **more: Any) -> int:
    def run(session: Session) -> int:
        incident = incidents.open(
            session, "刷脸大面积失败", "system", house.clock(), category=category, platform=platform
        )
        for name, value in more.items():
            setattr(incident, name, value)
        return incident.id or 0

    return house.store.write_now(run)


def resolve(house: House, number: int, words: str = "") -> None:
    def run(session: Session) -> None:
        incidents.resolve(session, incidents.get(session, number), words, "agent:1", house.clock())

    house.store.write_now(run)


def labels(house: House, chat: str = "7") -> list[str]:
    row = [row for row in house.rows(Outbox) if row.chat == chat][-1]
    return [action for line in row.payload.get("buttons", []) for _, action in line]


def row(house: House) -> Watch:
    (found,) = house.rows(Watch)
    assert isinstance(found, Watch)
    return found


# Reminders


def test_the_first_words_of_a_stranger_subscribe_and_open_no_ticket(watched: House) -> None:
    watched.hear("每季度提醒我")
    (told,) = watched.told()
    assert told.startswith("好的，每季度提醒您查一次自己的征信，下次是 2027年2月23日（周二）。")
    assert "不看、也不保存您的报告" in told
    assert labels(watched) == ["watch:m6", "watch:m12", "watch:off"]
    assert (row(watched).kind, row(watched).months, row(watched).state) == ("reminder", 3, "on")
    assert watched.conversation().ticket_id is None


def test_english_words_are_answered_in_english(watched: House) -> None:
    watched.hear("every quarter, please")
    assert watched.told()[-1].startswith(
        "All right, I remind you to check your own credit report every quarter; next on"
    )


def test_when_the_day_has_come_it_is_said_once_with_how_and_with_the_next_day(watched: House, clock: FakeClock) -> None:
    watched.hear("每季度提醒我")
    clock.at = datetime(2027, 2, 23, 1, 59, tzinfo=UTC)
    assert tick(watched) == 0
    clock.advance(minutes=1)
    assert [tick(watched), tick(watched)] == [1, 0]
    told = watched.told()[1:]
    assert told == ["到日子了，该查一次自己的征信了：\n1. 打开官网查，免费。\n下次提醒：2027年5月23日（周日）。"]
    assert labels(watched) == ["watch:m6", "watch:m12", "watch:off"]
    assert [r.priority for r in watched.rows(Outbox)][-1] == PRIORITY_ROUND
    assert row(watched).next_at == datetime(2027, 5, 23, 2, 0, tzinfo=UTC)


def test_after_five_months_without_a_tick_one_is_said_and_the_next_lies_ahead(watched: House, clock: FakeClock) -> None:
    watched.hear("每季度提醒我")
    clock.at = datetime(2027, 4, 25, 3, 0, tzinfo=UTC)
    assert [tick(watched), tick(watched)] == [1, 0]
    assert len(watched.told()) == 2
    assert row(watched).next_at == datetime(2027, 8, 23, 2, 0, tzinfo=UTC)


def test_at_night_it_waits_for_the_morning(watched: House, clock: FakeClock) -> None:
    watched.hear("每季度提醒我")
    clock.at = datetime(2027, 2, 23, 15, 0, tzinfo=UTC)
    tick(watched)
    assert len(watched.told()) == 1
    clock.at = datetime(2027, 2, 24, 1, 0, tzinfo=UTC)
    tick(watched)
    assert "下次提醒：2027年5月23日" in watched.told()[-1]


def test_one_tap_changes_how_often_from_today_on(watched: House, clock: FakeClock) -> None:
    watched.hear("每季度提醒我")
    clock.advance(days=10)
    watched.press("watch:m6")
    assert "每半年提醒您查一次自己的征信，下次是 2027年6月3日" in watched.told()[-1]
    watched.press("watch:m6")
    clock.advance(days=1)
    watched.press("watch:m6")
    assert "下次是 2027年6月3日" in watched.told()[-1]
    assert row(watched).months == 6


def test_one_tap_or_word_stops_it(watched: House, clock: FakeClock) -> None:
    watched.hear("每季度提醒我")
    watched.press("watch:off")
    assert row(watched).state == "off"
    watched.hear("每半年提醒我")
    assert row(watched).state == "on"
    watched.hear("别再提醒")
    assert "提醒和消息都停了" in watched.told()[-1]
    clock.advance(days=400)
    assert tick(watched) == 0


def test_it_does_not_disturb_what_people_are_at(watched: House) -> None:
    watched.hear("刷脸不过")
    before = watched.conversation()
    watched.hear("每季度提醒我")
    after = watched.conversation()
    assert (after.ticket_id, after.state) == (before.ticket_id, before.state)
    watched.hear("还不行")
    assert watched.ticket().status == "bot"
    assert "重启手机" in watched.told()[-1]


def test_watch_and_status_show_what_is_on(watched: House) -> None:
    watched.hear("每季度提醒我")
    watched.press("watch:news.wechat")
    watched.hear("/watch")
    assert "· 每季度提醒查一次征信，下次 2027年2月23日（周二）\n· wechat的消息" in watched.told()[-1]
    assert labels(watched) == [
        "watch:m6", "watch:m12", "watch:news.alipay", "watch:off", "watch:mute.wechat", "watch:stop"
    ]  # fmt: skip
    watched.hear("/status")
    assert "现在开着的提醒：\n· 每季度提醒查一次征信" in watched.told()[-1]


# News


@pytest.fixture
def subscribed(watched: House) -> House:
    """Chat 7 wants to hear of WeChat, chat 8 of Alipay."""
    watched.press("watch:news.wechat")
    watched.press("watch:news.alipay", "8")
    return watched


def test_beginning_and_end_are_told_once_each_to_those_whose_platform_it_is(
    subscribed: House, clock: FakeClock
) -> None:
    number = opened(subscribed, since=clock() - timedelta(minutes=20), status_text="腾讯在修。")
    assert [tick(subscribed), tick(subscribed), tick(subscribed)] == [1, 0, 0]
    assert subscribed.told()[1:] == [
        f"wechat上「标题 {FACE}」，目前有多人遇到，今天 09:40 左右开始的。我们正在跟进，恢复后告诉您；现在先不用反复试。\n"
        "说明：腾讯在修。"
    ]
    assert labels(subscribed) == [f"same:wechat.{FACE}", "watch:mute.wechat"]
    clock.advance(hours=2)
    resolve(subscribed, number, "腾讯修好了。")
    assert [tick(subscribed), tick(subscribed)] == [1, 0]
    assert subscribed.told()[2:] == [f"wechat上「标题 {FACE}」的问题已经处理完，现在可以再试了。\n说明：腾讯修好了。"]
    assert len(subscribed.told("8")) == 1
    assert (row_of(subscribed, "7").incident_id, row_of(subscribed, "7").next_at) == (None, None)


def test_who_has_it_too_says_so_with_one_tap_and_waits_for_the_end_with_a_ticket(subscribed: House) -> None:
    number = opened(subscribed)
    tick(subscribed)
    subscribed.press(f"same:wechat.{FACE}")
    assert subscribed.told()[-1].startswith("不只是您：")
    assert (subscribed.ticket().incident_id, subscribed.ticket().platform) == (number, "wechat")
    assert subscribed.conversation().state == "waiting"


def test_for_whom_it_is_not_over_gets_advice_for_the_platform(subscribed: House) -> None:
    number = opened(subscribed)
    tick(subscribed)
    resolve(subscribed, number)
    tick(subscribed)
    subscribed.press(f"same:wechat.{FACE}")
    assert "打开微信相机权限" in subscribed.told()[-1]


def row_of(house: House, chat: str) -> Watch:
    number = house.conversation(chat).id
    return next(r for r in house.rows(Watch) if r.conversation_id == number)


def test_of_beginnings_one_a_day_is_told(subscribed: House, clock: FakeClock) -> None:
    first = opened(subscribed)
    tick(subscribed)
    resolve(subscribed, first)
    tick(subscribed)
    clock.advance(hours=3)
    second = opened(subscribed)
    tick(subscribed)
    resolve(subscribed, second)
    tick(subscribed)
    assert len(subscribed.told()) == 3
    clock.advance(days=1)
    opened(subscribed)
    tick(subscribed)
    assert len(subscribed.told()) == 4


@pytest.mark.parametrize("kept", [{"platform": ""}, {"covered": True}, {"untold": True}])
def test_what_people_are_not_told_of_is_no_news(subscribed: House, kept: dict[str, Any]) -> None:
    if kept.get("untold"):
        rules = subscribed.office.book.incidents.model_validate({"sensitivity": [{"category": FACE, "tell": False}]})
        known = subscribed.office.book.model_copy(update={"incidents": rules})
        subscribed.office = open_office(known, ZoneInfo("Asia/Shanghai"))
    whole = opened(subscribed, "alipay") if kept.get("covered") else None
    opened(subscribed, kept.get("platform", "wechat"), **({"covered_by": whole} if whole else {}))
    tick(subscribed)
    assert len(subscribed.told()) == 1


def test_the_end_of_a_part_is_that_of_the_whole(subscribed: House) -> None:
    part = opened(subscribed)
    tick(subscribed)
    whole = opened(subscribed, category="")
    subscribed.store.write_now(lambda s: setattr(s.get_one(Incident, part), "covered_by", whole))
    resolve(subscribed, part)
    tick(subscribed)
    assert len(subscribed.told()) == 2
    resolve(subscribed, whole)
    tick(subscribed)
    assert subscribed.told()[-1].startswith("在wechat里查征信的问题已经处理完")


def test_whoever_has_a_ticket_of_the_incident_hears_of_it_there_only(subscribed: House) -> None:
    subscribed.hear("刷脸不过")
    number = opened(subscribed)
    before = len(subscribed.told())
    subscribed.verb("boss", f"attach 1 {number}")
    tick(subscribed)
    resolve(subscribed, number)
    tick(subscribed)
    tick(subscribed)
    told = subscribed.told()[before:]
    assert [text for text in told if "处理完，现在可以" in text] == []


def test_what_begins_and_ends_at_night_is_not_told(subscribed: House, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    number = opened(subscribed)
    tick(subscribed)
    clock.advance(hours=3)
    resolve(subscribed, number)
    tick(subscribed)
    clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    tick(subscribed)
    tick(subscribed)
    assert len(subscribed.told()) == 1
    assert row_of(subscribed, "7").incident_id is None


def test_what_goes_on_in_the_morning_is_told_then_and_an_end_at_night_too(subscribed: House, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    number = opened(subscribed)
    tick(subscribed)
    clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    tick(subscribed)
    assert "今天 02:00 左右开始的" in subscribed.told()[-1]
    clock.at = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    resolve(subscribed, number)
    tick(subscribed)
    assert len(subscribed.told()) == 2
    clock.at = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    tick(subscribed)
    assert "的问题已经处理完" in subscribed.told()[-1]


def test_who_subscribes_while_it_goes_on_hears_of_it_at_once_and_of_its_end(watched: House) -> None:
    number = opened(watched)
    watched.hear("wechat恢复了告诉我")
    assert f"目前有多人遇到的问题：\n· wechat上「标题 {FACE}」：今天 10:00 左右开始，正在跟进。" in watched.told()[-1]
    tick(watched)
    assert len(watched.told()) == 1
    resolve(watched, number)
    tick(watched)
    assert len(watched.told()) == 2


def test_where_nothing_is_known_to_go_on_that_is_said(watched: House) -> None:
    watched.hear("wechat恢复了告诉我")
    assert "眼下没看到wechat有很多人同时出问题" in watched.told()[-1]


def test_stopping_in_the_middle_drops_what_was_to_be_said(subscribed: House, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    opened(subscribed)
    tick(subscribed)
    subscribed.press("watch:mute.wechat")
    clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    tick(subscribed)
    assert [t for t in subscribed.told() if "目前有多人遇到" in t] == []


def test_thousands_are_told_batch_after_batch_and_a_killed_batch_is_told_once(store: Store, watched: House) -> None:
    def many(session: Session) -> None:
        for n in range(250):
            chat = Conversation(channel="telegram", bot="1", chat=f"w{n}", user=f"w{n}", created_at=watched.clock(),
                                updated_at=watched.clock())  # fmt: skip
            session.add(chat)
            session.flush()
            session.add(Watch(conversation_id=chat.id or 0, kind="news", platform="wechat", created_at=watched.clock()))

    store.write_now(many)
    opened(watched)

    def killed(session: Session) -> None:
        due.run_due(session, watched.office, watched.clock(), 100)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.write_now(killed)
    assert watched.rows(Outbox) == []
    batches = [store.write_now(due.run_due, watched.office, watched.clock(), 100) for _ in range(4)]
    assert batches == [100, 100, 50, 0]
    told = [r.chat for r in watched.rows(Outbox)]
    assert len(told) == len(set(told)) == 250


# What becomes of it


def test_whoever_blocked_the_bot_is_written_to_no_more(subscribed: House) -> None:
    undelivered = Undelivered(subscribed.store, subscribed.office, OWNERS, subscribed.clock, {}, lambda: 0.5)
    heads = subscribed.store.read_now(outbox.heads, OWNERS, subscribed.clock(), 10)
    parcels = {parcel.to.chat: parcel for parcel in heads}
    asyncio.run(undelivered.note(parcels["7"], DeliveryError("blocked", permanent=True)))
    asyncio.run(undelivered.note(parcels["8"], DeliveryError("busy", permanent=False)))
    assert {r.conversation_id: r.state for r in subscribed.rows(Watch)} == {
        subscribed.conversation("7").id: "off", subscribed.conversation("8").id: "on"
    }  # fmt: skip


def test_it_goes_with_the_persons_words_and_is_in_their_export(watched: House) -> None:
    watched.hear("每季度提醒我")
    user = watched.conversation().user

    def exported(session: Session) -> Any:
        return person.export(session, list(session.exec(select(Conversation).where(Conversation.user == user))))

    assert [w["months"] for w in watched.store.read_now(exported)[0]["watches"]] == [3]
    watched.press("forget:yes")
    assert watched.rows(Watch) == []


def test_retention_erases_the_words_and_leaves_the_yearly_reminder(watched: House, clock: FakeClock) -> None:
    watched.hear("刷脸不过")
    watched.press("watch:m12")
    clock.advance(days=200)
    watched.store.write_now(erase.purge, watched.office, clock(), timedelta(days=180))
    assert watched.conversation().state == erase.ERASED
    clock.advance(days=170)
    before = len(watched.told())
    tick(watched)
    assert "该查一次自己的征信了" in watched.told()[-1]
    assert len(watched.told()) == before + 1


# The offer


@pytest.fixture
def rated(watched: House) -> House:
    """Ticket 1 was solved by li, and its person gave five stars."""
    watched.agent("li", queues=["customer_service"])
    watched.hear("刷脸不过")
    watched.press("human:1")
    watched.verb("li", "take 1")
    watched.verb("li", "resolve 1")
    watched.press("rate:5:1")
    return watched


def offered(house: House, chat: str = "7") -> int:
    return sum("要不要我按时提醒您" in text for text in house.told(chat))


def test_a_reminder_is_offered_after_a_good_rating_once_in_ninety_days(rated: House, clock: FakeClock) -> None:
    tick(rated)
    assert offered(rated) == 0
    clock.advance(minutes=3)
    tick(rated)
    assert offered(rated) == 1
    assert labels(rated) == ["watch:m3", "watch:m6", "watch:m12", "watch:no"]
    again(rated, clock, 2)
    assert offered(rated) == 1
    clock.advance(days=90)
    again(rated, clock, 3)
    assert offered(rated) == 2


def again(house: House, clock: FakeClock, number: int) -> None:
    """Another ticket of chat 7, solved and rated well."""
    clock.advance(days=8)
    house.hear("没收到报告")
    house.press(f"human:{number}")
    house.verb("li", f"take {number}")
    house.verb("li", f"resolve {number}")
    house.press(f"rate:5:{number}")
    clock.advance(minutes=3)
    tick(house)


@on_sqlite
@pytest.mark.parametrize("answer", ["watch:no", "watch:off", "watch:m3"])
def test_who_has_answered_is_not_asked_again(rated: House, clock: FakeClock, answer: str) -> None:
    clock.advance(minutes=3)
    tick(rated)
    rated.press(answer)
    clock.advance(days=100)
    again(rated, clock, 2)
    assert offered(rated) == 1


@on_sqlite
def test_whoever_is_at_something_else_is_not_offered_anything(rated: House, clock: FakeClock) -> None:
    clock.advance(minutes=1)
    rated.hear("没收到报告")
    clock.advance(minutes=3)
    tick(rated)
    assert offered(rated) == 0


@on_sqlite
def test_at_night_the_offer_waits_for_the_morning(watched: House, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    watched.agent("li", queues=["customer_service"])
    watched.hear("刷脸不过")
    watched.press("human:1")
    watched.verb("li", "take 1")
    watched.verb("li", "resolve 1")
    watched.press("rate:4:1")
    clock.advance(hours=1)
    tick(watched)
    assert offered(watched) == 0
    clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    tick(watched)
    assert offered(watched) == 1
    assert [f.state for f in watched.rows(Followup) if f.kind == "watch_offer"] == ["done"]


@on_sqlite
def test_the_end_of_a_worrying_case_is_such_a_moment_too(watched: House, clock: FakeClock) -> None:
    watched.hear("异议")
    watched.press("solved:1")
    clock.advance(minutes=3)
    tick(watched)
    assert offered(watched) == 1
