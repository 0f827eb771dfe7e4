"""The query language: words, phrases, exclusions, filters and numbers; and what is said about what nobody can read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.house import office
from triagebot.desk.finding.filters import Span, Stars
from triagebot.desk.finding.find import Query, parse
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.errors import DeskError


def read(text: str) -> Query:
    return parse(text, office(), "zh")


def letters(query: Query) -> list[str]:
    return [phrase.letters for phrase in query.words]


@pytest.mark.parametrize(
    ("text", "words", "without"),
    [
        ("刷脸 失败", ["刷脸", "失败"], []),
        ('"刷脸 失败" 微信', ["刷脸失败", "微信"], []),
        ("“信用 报告” 打不开", ["信用报告", "打不开"], []),
        ("刷脸 -眼镜 －口罩", ["刷脸"], ["眼镜", "口罩"]),
        ('刷脸 -"光线 太暗"', ["刷脸"], ["光线太暗"]),
        ("Face CHECK", ["face", "check"], []),
        ("10:30 http://a.cn", ["1030", "httpacn"], []),
        ("错误：4003", ["错误4003"], []),
        ("刷脸 👍 -", ["刷脸"], []),
        ('"没有关上', ["没有关上"], []),
        ("", [], []),
    ],
)
def test_words_are_looked_for_together_and_a_minus_leaves_out(text: str, words: list[str], without: list[str]) -> None:
    query = read(text)
    assert (letters(query), [phrase.letters for phrase in query.without]) == (words, without)
    assert query.filters == ()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("status:open", "status", OPEN_STATES),
        ("status:waiting", "status", HUMAN_STATES),
        ("状态：queued,resolved", "status", {"queued", "resolved"}),
        ("queue:security", "queue", {"security"}),
        ("队列:安全", "queue", {"security"}),
        ('queue:"客服 (en)"', "queue", {"customer_service"}),
        ("due:<1h", "due", Span(False, timedelta(hours=1))),
        ("due:>30m", "due", Span(True, timedelta(minutes=30))),
        ("到期:2d", "due", Span(False, timedelta(days=2))),
        ("due:late", "due", "late"),
        ("due:none", "due", "none"),
        ("priority:p1,P2", "priority", {"P1", "P2"}),
        ("assignee:小李", "assignee", "小李"),
        ("assignee:me", "assignee", "me"),
        ("tag:急", "tag", "急"),
        ("category:verification.face", "category", {"verification.face"}),
        ("category:report", "category", {"report.dispute", "report.missing"}),
        ("platform:wechat", "platform", {"wechat"}),
        ("lang:EN", "lang", "en"),
        ("rating:<3", "rating", Stars("<", 3)),
        ("rating:>=4", "rating", Stars(">=", 4)),
        ("评分:5", "rating", Stars("", 5)),
        ("rating:none", "rating", None),
        ("incident:3", "incident", 3),
        ("incident:none", "incident", None),
        ("created:>2d", "created", Span(True, timedelta(days=2))),
        ("user:王女士", "user", "王女士"),
    ],
)
def test_every_filter_is_read(text: str, name: str, value: object) -> None:
    query = read(f"刷脸 {text}")
    (found,) = query.filters
    assert (found.name, found.value, found.excluded) == (name, value, False)
    assert letters(query) == ["刷脸"]


def test_a_filter_can_be_turned_round_and_a_ticket_named() -> None:
    query = read("-status:open #12")
    assert query.filters[0].excluded
    assert query.number == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("staus:open", "没有「staus:open」这个条件，是不是 status:？"),
        ("-ques:security", "是不是 queue:？"),
        ("status:offen", "「status:offen」看不懂。可以这样写：status:open；status:waiting"),
        ("status:", "「status:」看不懂"),
        ("queue:sales", "可以这样写：queue:customer_service；queue:hotline；queue:security"),
        ("due:soon", "due:<1h；due:>30m；due:late；due:none"),
        ("due:<1y", "due:<1h"),
        ("created:<99999d", "created:<2d"),
        ("rating:<9", "rating:<3"),
        ("incident:x", "incident:3"),
        ("priority:P9", "priority:P1；priority:P2"),
        ("lang:fr", "lang:zh；lang:en"),
        ("category:nothing", "category:other.out_of_scope"),
        ("刷" * 301, "最多 300 个字"),
    ],
)
def test_what_nobody_can_read_is_told_with_what_can_be_written(text: str, words: str) -> None:
    with pytest.raises(DeskError) as refused:
        read(text)
    assert words in str(refused.value)


def test_also_in_english() -> None:
    with pytest.raises(DeskError, match="did you mean status:"):
        parse("statu:open", office(), "en")
