"""What the files of a pack say about each other, and what they may not tell people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit import rulepack
from tests.unit.rulepack import Files, words
from triagebot import rulebook

FACE, SCAM = "categories/verification.face.yaml", "categories/security.scam.yaml"
PLACES = "platforms.yaml"
Change = Callable[[Files], Any]


def face(**keys: Any) -> Change:
    return lambda pack: pack[FACE].update(keys)


def row(name: str, place: int, **keys: Any) -> Change:
    return lambda pack: pack[f"{name}.yaml"][name][place].update(keys)


def escalation(**keys: Any) -> Change:
    rule = {"id": "face.now", "when": "马上", "queue": "security", "priority": "P2", **keys}
    return face(escalate_now=[rule])


def step(zh: str, en: str = "x") -> Change:
    return lambda pack: pack[FACE]["fixes"][0].update(steps=[words(zh, en)])


def fix(**keys: Any) -> Change:
    return lambda pack: pack[FACE]["fixes"][0].update(keys)


def pattern(expression: str, weight: str = "strong") -> Change:
    return face(patterns=[{"id": "face.x", "re": expression, "weight": weight}])


def phrases(**keys: Any) -> Change:
    return lambda pack: pack["phrases.yaml"].update(keys)


def screens(**keys: Any) -> Change:
    return lambda pack: pack.update({"screens.yaml": keys})


def sensitivity(*lines: dict[str, str]) -> Change:
    return lambda pack: pack.update({"incidents.yaml": {"sensitivity": list(lines)}})


def policies(change: Callable[[list[Any]], Any]) -> Change:
    return lambda pack: change(pack["sla.yaml"]["policies"])


def sla(**keys: Any) -> Change:
    return lambda pack: pack["sla.yaml"].update(keys)


def calendar(**keys: Any) -> Change:
    return lambda pack: pack["calendars/24x7.yaml"].update(keys)


BROKEN: list[tuple[Change, str, str]] = [
    # names
    (face(id="verification.other"), FACE, "id: `verification.other` is not the file's name"),
    (face(neighbours=["no.such"]), FACE, "neighbours.1: `no.such` is not in categories/"),
    (face(neighbours=["verification.face"]), FACE, "neighbours.1: a category is not its own neighbour"),
    (face(slots=["platform", "mood"]), FACE, "slots.2: `mood` is not in slots.yaml"),
    (face(tests=[{"text": "x", "category": "no.such"}]), FACE, "tests.1.category: `no.such`"),
    (face(tests=[{"text": "x", "top3": "no.such"}]), FACE, "tests.1.top3: `no.such`"),
    (escalation(category="no.such"), FACE, "escalate_now.1.category: `no.such`"),
    (fix(source=["SEED", "HEARSAY"]), FACE, "fixes.1.source.2: `HEARSAY` is not in sources.yaml"),
    (face(signatures=[{"text": "x", "source": ["Y"]}]), FACE, "signatures.1.source.1: `Y` is not in sources.yaml"),
    (face(followup={"after": "24h", **words("好了吗？", "Well?"), "source": ["Y"]}), FACE, "followup.source.1: `Y`"),
    (row("contacts", 0, source=["Y"]), "contacts.yaml", "contacts.1.source.1: `Y`"),
    (row("sources", 0, based_on=["Y"]), "sources.yaml", "sources.1.based_on.1: `Y`"),
    (row("queues", 1, contacts=["nobody"]), "queues.yaml", "queues.2.contacts.1: `nobody` is not in contacts.yaml"),
    (row("queues", 1, calendar="mars"), "queues.yaml", "queues.2.calendar: `mars` is not in calendars/"),
    (sensitivity({"category": "no.such"}), "incidents.yaml", "sensitivity.1.category: `no.such` is not in categories/"),
    (sensitivity({"category": "security.scam", "platform": "wechat"}, {"category": "security.scam"},
                 {"category": "security.scam", "platform": "wechat"}),
     "incidents.yaml", "sensitivity.3.category: `security.scam@wechat` is taken"),
    (lambda p: p["menu.yaml"]["menu"].append("no.such"), "menu.yaml", "menu.3: `no.such` is not in categories/"),
    (lambda p: p["menu.yaml"]["menu"].append("verification.face"), "menu.yaml", "menu.3: `verification.face` is taken"),
    (lambda p: p["queues.yaml"]["queues"].pop(1), "queues.yaml", "queues: `hotline` is missing"),
    (lambda p: p["platforms.yaml"]["platforms"].pop(6), "platforms.yaml", "platforms: `unknown` is missing"),
    # the same name twice
    (lambda p: p["slots.yaml"]["slots"].append(p["slots.yaml"]["slots"][0]), "slots.yaml", "slots.2.id: `platform` is taken"),
    (face(patterns=[{"id": "scam.pay", "re": "x"}]), FACE, "patterns.1.id: `scam.pay` is taken"),
    (escalation(id="scam.pay"), FACE, "escalate_now.1.id: `scam.pay` is taken"),
    (face(questions=[{"id": "a", **words("a", "a")}] * 2), FACE, "questions.2.id: `a` is taken"),
    (face(questions=[{"id": "platform", **words("a", "a")}]), FACE, "questions.1.id: `platform` is a common question"),
    (row("platforms", 1, weak_aliases=["ＭｙＷｅＣｈａｔ"]), PLACES, "platforms.2.weak_aliases.1: `mywechat` is taken"),
    # expressions
    (pattern("(?=a)b"), FACE, "patterns.1.re: RE2 refuses it: invalid perl operator: (?=; RE2 has no lookaround"),
    (pattern(r"(a)\1"), FACE, "patterns.1.re: RE2 refuses it: invalid escape sequence"),
    (pattern("刷脸("), FACE, "patterns.1.re: RE2 refuses it: missing )"),
    (pattern("(刷脸)?"), FACE, "patterns.1.re: matches the empty text"),
    (pattern("刷脸|"), FACE, "patterns.1.re: matches the empty text"),
    (pattern(r"\b"), FACE, "patterns.1.re: matches the empty text"),
    (pattern("打不开PDF"), FACE, "patterns.1.re: `PDF` never matches"),
    (escalation(when="(?!x)"), FACE, "escalate_now.1.when: RE2 refuses it"),
    (phrases(human=["转人工", "(人工"]), "phrases.yaml", "human.2: RE2 refuses it"),
    (phrases(human_not=["x*"]), "phrases.yaml", "human_not.1: matches the empty text"),
    (screens(telling=["失败", "(错误"]), "screens.yaml", "telling.2: RE2 refuses it"),
    (screens(standing=["ICP备"]), "screens.yaml", "standing.1: `ICP` never matches"),
    (screens(titles=[{"platform": "wechat", "words": []}]), "screens.yaml", "titles.1.words: "),
    # danger and help
    (pattern("x", "alarm"), FACE, "patterns.1.weight: only P1 categories raise an alarm"),
    (lambda p: p[SCAM].pop("safety"), SCAM, "priority: P1 needs `safety:`"),
    (lambda p: p[FACE]["fixes"].pop(), FACE, "fixes: self_service needs two rounds with `platform: unknown`, there are 1"),
    (fix(platform="wechat"), FACE, "fixes: self_service needs two rounds"),
    (fix(steps=[{**words("亮一点", "x"), "about": "light"}]), FACE,
     "fixes.1.steps.1.about: no other step of this category is about `light`"),
    (face(on_record={**words("每次 5 元。", "x"), "source": ["INF"]}), FACE, "on_record: names a price or a year"),
    (face(on_record={**words("不会。", "x"), "source": ["NOWHERE"]}), FACE, "on_record.source.1: `NOWHERE` is not in"),
    (phrases(give_up=["(?=算了)"]), "phrases.yaml", "give_up.1: RE2 refuses it"),
    (step("每次 5 元。"), FACE, "fixes.1: names a price or a year; add `review_by"),
    (step("x", "It costs 25 yuan."), FACE, "fixes.1: names a price or a year"),
    (step("自2025年起免费。"), FACE, "fixes.1: names a price or a year"),
    (fix(intro=words("2026-03-31 前还清", "x")), FACE, "fixes.1: names a price or a year"),
    (row("platforms", 0, facts=[{"id": "a", **words("5 元", "x"), "source": ["SEED"]}]), PLACES, "platforms.1.facts.1: names"),
    (face(light_check=True), FACE, "light_check: no fix speaks of light"),
    # promises
    (policies(lambda rows: rows.pop(2)), "sla.yaml", "policies: no policy for customer_service P3, and other."),
    (policies(lambda rows: rows.pop(4)), "sla.yaml", "policies: no policy for hotline P1, and an agent may move"),
    (policies(lambda rows: rows.append(rows[0])), "sla.yaml", "policies.13: `customer_service P1` is taken"),
    (policies(lambda rows: rows[0].update(resolution="soon")), "sla.yaml", "policies.1.resolution: resolution: 'soon'"),
    (lambda p: p["sla.yaml"].update(warn_at=[1.5]), "sla.yaml", "warn_at: policy.warn_at"),
    (sla(quiet_hours="late"), "sla.yaml", "quiet_hours: quiet_hours: 'late' is no span"),
    (sla(tell_user_at=1.0), "sla.yaml", "tell_user_at: "),
    (sla(steps=[{"at": 1.0, "do": ["shout"]}]), "sla.yaml", "steps.1.do.1: `shout` is not known; write one of"),
    (sla(steps=[{"at": 1.0, "do": []}]), "sla.yaml", "steps.1.do: at least 1 needed"),
    (sla(steps=[{"at": 0, "do": ["reassign"]}]), "sla.yaml", "steps.1.at: "),
    (sla(steps=[{"at": 0.5, "every": 0.1, "do": ["reassign"]}]), "sla.yaml", "steps.1.every: repeats begin at the breach"),
    (sla(steps=[{"at": 1.5, "times": 2, "do": ["reassign"]}]), "sla.yaml", "steps.1.times: only with `every`"),
    (sla(steps=[{"at": 1.5, "every": 0.01, "do": ["reassign"]}]), "sla.yaml", "steps.1.every: "),
    (sla(steps=[{"at": 1.5, "do": ["reassign"], "metrics": ["mood"]}]), "sla.yaml", "steps.1.metrics.1: `mood`"),
    (sla(steps=[{"at": 2, "do": ["reassign"]}, {"at": 2.0, "do": ["raise_priority"]}]), "sla.yaml", "steps.2: `2` is taken"),
    (sla(overrides=[{"category": "no.such", "resolution": "1d"}]), "sla.yaml", "overrides.1.category: `no.such` is not in"),
    (sla(overrides=[{"category": "security.scam"}]), "sla.yaml", "overrides.1: changes no target"),
    (sla(overrides=[{"category": "security.scam", "resolution": "soon"}]), "sla.yaml", "overrides.1.resolution: resolution"),
    (sla(overrides=[{"category": "security.scam", "resolution": "1d"}] * 2), "sla.yaml", "overrides.2: `security.scam` is"),
    (calendar(id="x", timezone="Mars/Base"), "calendars/24x7.yaml", "timezone: calendar.timezone"),
    (calendar(id="x"), "calendars/24x7.yaml", "id: must be the file's name"),
    (calendar(holyday=["2026-10-01"]), "calendars/24x7.yaml", "holyday: unknown key; did you mean `holidays`?"),
    (policies(lambda rows: rows[0].update(update="often")), "sla.yaml", "policies.1.update: update: 'often' is no"),
    # being on call
    (row("queues", 2, on_call={"chain": "anybody"}), "queues.yaml", "queues.3.on_call.chain: `anybody` is not known"),
    (row("queues", 2, on_call={"chain": []}), "queues.yaml", "queues.3.on_call.chain: at least 1 needed"),
    (row("queues", 2, on_call={"every": "5m"}), "queues.yaml", "queues.3.on_call.chain: is missing"),
    (row("queues", 2, on_call={"chain": ["小李", "小李"]}), "queues.yaml", "queues.3.on_call.chain.2: `小李` is taken"),
    (row("queues", 2, on_call={"chain": ["小李"], "every": "soon"}), "queues.yaml", "queues.3.on_call.every: `soon`"),
    (row("queues", 2, on_call={"chain": ["小李"], "rounds": 0}), "queues.yaml", "queues.3.on_call.rounds: "),
    (row("queues", 0, most_each=0), "queues.yaml", "queues.1.most_each: "),
    # the same words twice
    (face(examples={"zh": ["刷脸不行", "刷 脸不行"], "en": ["x"]}), FACE, "examples.zh.2: `刷脸不行` is taken: the same"),
    (face(examples={"zh": ["ＳＥＲＶＩＣＥ　human不行"], "en": ["x"]}), FACE, "examples.zh.1: `servicehuman不行` is taken"),
    (phrases(not_solved=["好了"]), "phrases.yaml", "not_solved.1: `好了` is taken"),
    # what the bot says
    (step("挂上梯子再试。"), FACE, "fixes.1.steps.1.zh: recommends `梯子`"),
    (face(questions=[{"id": "a", **words("身份证号是多少？", "x")}]), FACE, "questions.1.zh: asks for what we never ask for"),
    (face(questions=[{"id": "a", **words("x", "What is your card number?")}]), FACE, "questions.1.en: asks for"),
    (row("slots", 0, zh="把验证码发给我们"), "slots.yaml", "slots.1.zh: asks for"),
    (row("queues", 0, ready=[words("准备好身份证号码", "x")]), "queues.yaml", "queues.1.ready.1.zh: asks for"),
    (step("把登录密码告诉我们。"), FACE, "fixes.1.steps.1.zh: asks for"),
    (step("打 400-123-4567 问问。"), FACE, "fixes.1.steps.1.zh: `400-123-4567` is not in contacts.yaml"),
    (step("打 95588 问问。"), FACE, "fixes.1.steps.1.zh: `95588` is not in contacts.yaml"),
    (step("打开 zhengxin-chaxun.com 查。"), FACE, "fixes.1.steps.1.zh: `zhengxin-chaxun.com` is not in contacts.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "file", "said"), BROKEN, ids=[said for _, _, said in BROKEN])
def test_one_thing_broken(tmp_path: Path, change: Change, file: str, said: str) -> None:
    pack = rulepack.files()
    change(pack)
    place = rulepack.write(tmp_path, pack)
    found = [p.removeprefix(f"{place}/") for p in rulebook.problems(place)]
    told = [p.partition(": ")[2] for p in found if p.startswith(f"{file}:")]
    assert any(t.startswith(said) for t in told), found


@pytest.mark.parametrize(
    "change",
    [
        pattern("(?i)PDF|[一二]|a{2}|\\S+x|\\D打|\\W电|\\Bx"),
        screens(chrome=["取消"], telling=["失败"], titles=[{"platform": "wechat", "words": ["微信"]}]),
        step("按提示输入银行卡号和验证码。"),
        step("打 4008108866 或 400-810-8866 问问。"),
        step("不要用梯子或 VPN，去柜台。"),
        step("错误码 2006 表示姓名不对。"),
        step("还原设置，单元测试，公元。"),
        face(slots=["platform"]),
        row("queues", 0, on_call={"chain": "available"}),
        row("queues", 2, on_call={"chain": ["小李", "小王"], "every": "3m", "rounds": 2}, most_each=3),
        escalation(category="security.scam"),
        lambda pack: pack["phrases.yaml"].update(skip=["否"]),
    ],
)
def test_fine_as_it_is(tmp_path: Path, change: Change) -> None:
    pack = rulepack.files()
    change(pack)
    assert rulebook.problems(rulepack.write(tmp_path, pack)) == []
