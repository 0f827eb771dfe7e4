"""New wordings: many people who say something alike are told apart from what people always say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from triagebot.detect import clusters
from triagebot.detect.clusters import Groups
from triagebot.detect.sayings import Rising, Saying
from triagebot.detect.wording import shared_words

DAY = 86400.0
START = 1_790_000_000.0

TOPICS = {
    "white": ["小程序白屏打不开", "打开小程序是白的", "点进去就白屏", "小程序打开一片白", "白屏了怎么办", "一直白屏进不去",
              "打开就是白屏啥也没有", "查着查着小程序白屏"],
    "cat": ["页面上出现黑猫", "打开后有只黑猫", "为什么显示黑猫图片", "出来一个黑猫挡住了", "黑猫是什么意思", "屏幕上一只黑猫",
            "黑猫图标去不掉", "有个黑猫一直转"],
    "voice": ["念数字那个没声音", "没有声音念数字", "让我念数字但是没声音", "念数字没反应", "念数字的时候没声音",
              "数字念不了没声音", "念数字那步没有声音", "听不到念数字的声音"],
    "circle": ["spinning circle never stops", "it just shows a spinning circle", "the spinning circle keeps going",
               "endless spinning circle on the page", "circle spinning forever", "spinning circle then nothing",
               "only a spinning circle", "app shows spinning circle"],
}  # fmt: skip
"""Each what one trouble sounds like from different people."""
SMALL_TALK = ("今天天气怎么样", "你叫什么名字", "讲个笑话", "你吃饭了吗", "我好无聊", "给我唱首歌")
_WHO = ["我", "朋友", "同事", "邻居", "我爸", "老板", "房东", "我妹", "中介", "公司"]
_DID = ["想问", "说", "不知道", "听说", "打算", "需要", "忘了", "丢了", "买了", "换了"]
_WHAT = [
    "手机",
    "房子",
    "车位",
    "快递",
    "工资",
    "公交卡",
    "学费",
    "水电费",
    "合同",
    "发票",
    "电脑",
    "彩票",
    "社保",
    "宽带",
    "车票",
    "门票",
    "猫粮",
    "空调",
    "装修",
    "年假",
]
_HOW = [
    "怎么弄",
    "好不好",
    "在哪里办",
    "多少钱",
    "能退吗",
    "靠谱吗",
    "要多久",
    "可以吗",
    "坏了",
    "没了",
    "咋整",
    "谁管",
]


def chatter(dice: random.Random) -> str:
    """What is asked of a bot that has nothing to do with anything; a few phrases come all the time."""
    if dice.random() < 0.25:
        return SMALL_TALK[min(int(dice.expovariate(0.6)), len(SMALL_TALK) - 1)]
    return "".join(map(dice.choice, (_WHO, _DID, _WHAT, _HOW)))


def quiet(groups: Groups, numbers: Iterator[int], *, days: int, a_day: int, seed: int) -> list[Rising]:
    """Lets people chat for so long, more by day than by night."""
    dice = random.Random(seed)
    at = sorted(START + day * DAY + dice.triangular(0, DAY, 0.6 * DAY) for day in range(days) for _ in range(a_day))
    return [r for moment in at if (r := groups.see(_from(next(numbers), moment, chatter(dice))))]


def _from(person: int, at: float, text: str) -> Saying:
    return Saying(at, person, 1000 + person, text)


def crowd(groups: Groups, texts: Sequence[str], at: float = START, every: float = 120.0) -> list[Rising | None]:
    return [groups.see(_from(i, at + i * every, text)) for i, text in enumerate(texts)]


def test_paraphrases_of_a_trouble_come_together_and_different_troubles_stay_apart() -> None:
    dice = random.Random(4)
    said = [(topic, text) for topic, texts in TOPICS.items() for text in texts]
    said += [("", chatter(dice)) for _ in range(150)]
    dice.shuffle(said)
    groups = Groups([chatter(dice) for _ in range(300)], least_people=10_000)
    for number, (_, text) in enumerate(said):
        groups.see(Saying(START + number, number, number, text))
    found = [Counter(said[saying.ticket][0] for saying in group.sayings) for group in groups.gathered()]
    best = {topic: max(found, key=lambda group: group[topic]) for topic in TOPICS}
    together = sum(group[topic] for topic, group in best.items())
    assert together >= 0.75 * sum(map(len, TOPICS.values()))
    assert together >= 0.95 * sum(sum(group.values()) for group in best.values())


@pytest.mark.parametrize("topic", TOPICS)
def test_a_crowd_that_says_something_new_is_noticed_with_what_it_says(topic: str) -> None:
    numbers = count(10_000)
    groups = Groups(small_talk=SMALL_TALK)
    quiet(groups, numbers, days=5, a_day=40, seed=1)
    seen = crowd(groups, TOPICS[topic], START + 6 * DAY)
    risen = next(r for r in seen if r is not None)
    assert risen.people >= 5
    assert risen.since == pytest.approx(START + 6 * DAY, abs=600)
    assert {example.text for example in risen.examples} <= {*TOPICS[topic]}
    assert len(risen.examples) == 3
    assert risen.expected < 1


def test_each_that_joins_is_told_with_the_group_and_its_tickets() -> None:
    seen = crowd(Groups(), ["白屏打不开", "打开白屏", "又白屏了", "白屏进不去", "还是白屏", "一直白屏"] * 5)
    assert seen[0] is None
    risen = [r for r in seen if r is not None]
    assert [r.people for r in risen] == list(range(30 - len(risen) + 1, 31))
    assert risen[-1].tickets == tuple(range(1000, 1030))
    assert risen[-1].words == "白屏"


def test_one_person_who_says_it_again_and_again_is_no_crowd() -> None:
    groups = Groups()
    assert not any(groups.see(Saying(START + i * 60, 7, i, "白屏打不开")) for i in range(50))


def test_a_quiet_month_of_chatter_raises_nothing() -> None:
    for seed in range(2):
        assert quiet(Groups(small_talk=SMALL_TALK), count(), days=30, a_day=60, seed=seed) == []


def test_what_people_say_every_day_is_usual_though_nobody_called_it_small_talk() -> None:
    groups, numbers, dice = Groups(), count(), random.Random(3)
    at = sorted(START + day * DAY + dice.uniform(0, DAY) for day in range(20) for _ in range(30))
    risen = [r for moment in at if (r := groups.see(_from(next(numbers), moment, "你们几点下班")))]
    assert all(r.at < START + 2 * DAY for r in risen)


def test_small_talk_never_rises_however_many_make_it() -> None:
    groups = Groups(small_talk=SMALL_TALK)
    assert not any(crowd(groups, ["今天天气怎么样", "讲个笑话", "讲个笑话吧"] * 30, every=5))


def test_what_stands_for_personal_data_makes_nobody_alike() -> None:
    groups = Groups()
    assert not any(crowd(groups, ["[手机号]", "[身份证号]", "[手机号] 13", "123456789", "[手机号]"] * 4))


def test_words_that_all_people_of_the_service_use_are_not_new() -> None:
    known = [f"{who}刷脸不过" for who in "甲乙丙丁戊己庚辛"] + [chatter(random.Random(n)) for n in range(300)]
    texts = ["刷脸黑了", "又刷脸", "刷脸呀", "就是刷脸", "刷脸刷脸", "刷脸嘛", "哎刷脸", "刷脸吗"]
    assert not any(crowd(Groups(known), texts * 2))
    assert any(crowd(Groups(known), [text.replace("刷脸", "刷指") for text in texts] * 2))


def test_a_rise_is_over_when_they_have_stopped() -> None:
    groups = Groups()
    assert crowd(groups, TOPICS["cat"])[-1] is not None
    assert groups.see(_from(99, START + 30 * 3600, "黑猫又来了")) is None


def test_people_who_share_no_words_share_no_trouble() -> None:
    chain = ["甲乙丙丁", "丙丁戊己", "戊己庚辛", "庚辛壬癸", "壬癸子丑", "子丑寅卯"]
    assert not any(crowd(Groups(), chain * 2))


def test_it_holds_no_more_groups_than_it_may_and_forgets_those_of_which_the_least_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clusters, "MOST_GROUPS", 20)
    groups = Groups()
    crowd(groups, TOPICS["cat"])
    for number in range(200):
        groups.see(_from(500 + number, START + 3600 + number, f"word{number} other{number}"))
    kept = groups.gathered()
    assert len(kept) == 20
    assert any("黑猫" in saying.text for group in kept for saying in group.sayings)


def test_the_same_messages_are_gathered_in_the_same_way() -> None:
    once, again = (crowd(Groups(), TOPICS["voice"]) for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    ("texts", "shared"),
    [
        (["打开白屏了", "白屏怎么办", "又是白屏", "不是这个"], "白屏"),
        (["提示7712", "错误7712", "7712 怎么回事"], "7712"),
        (["spinning circle", "a spinning circle again", "the spinning circle"], "spinning circle"),
        (["一", "二", "三"], ""),
        (["白屏打不开", "白屏打不开"], ""),
    ],
)
def test_what_people_share_word_for_word_is_found_and_is_never_the_words_of_two(texts: list[str], shared: str) -> None:
    assert shared_words(texts) == shared
