"""Every agent command and every refusal over the fake Bot API, in one real process; each case has a colleague of its own, as
a chat may only be spoken to once a second."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlmodel import Session

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Service, environment, rules_folder
from triagebot.desk.team import agents
from triagebot.desk.verbs import VERBS
from triagebot.store.store import Store

TWICE, GONE, HELD, SOLVED, BOUND, RUNG, LEADS, FOLLOWS, WITH_BOT = 1, 3, 4, 5, 6, 7, 8, 9, 10
"""Tickets: of the person who has two (1 and 2), one that was resolved, one that 小陈 has, one to be opened again, one of an
incident, with a tag and put aside, one about which 小陈 is called, one with which another is solved, that one, and one that the
bot still has. The others are free."""
_FIRST_FREE = 11
_FREE = 28
GOING, OVER, NEW, ENDING, BACK = 1, 2, 3, 4, 5
"""Incidents: one that goes on, one that is over, one to be acknowledged, one to be resolved and one to be opened again."""
HUSHED = 2
"""A silence to be ended; 1 lasts."""
_USER, _STAFF, _CHEN = 7000, 8000, 9999
CS = "customer_service"


@dataclass(frozen=True)
class Case:
    """``line``: what is typed; N stands for a ticket that no other case uses. ``told``: parts of the answer."""

    line: str
    told: tuple[str, ...]
    role: str = "agent"
    queue: str = CS

    @property
    def verb(self) -> str:
        return self.line.split()[0].removeprefix("/")


DONE = [
    Case("/queue", ("等待处理", "转人工")),
    Case("/queue customer_service", ("等待处理",)),
    Case("/next", ("待接手", "用户")),
    Case("/show N", ("#N", "转人工", "—")),
    Case("/sla", ("有承诺在走的", "首次回复")),
    Case("/stats", ("📈", "今天：接手 0", "近 7 天")),
    Case("/report 7d", ("服务报告",), role="supervisor"),
    Case("/take N", ("#N 由您处理了",)),
    Case("/reply N 您好，我来看看", ("已回复 #N",)),
    Case("/macro", ("快捷回复", "（face_again）")),
    Case("/macro N", ("马上发给 #N 的用户", "（more_details）")),
    Case("/macro more_details N", ("已回复 #N",)),
    Case("/note N 只给同事看", ("#N 已加备注", "用户看不到")),
    Case("/pending N 页面上写的是什么？", ("#N 在等用户回复",)),
    Case("/resolve N 已办好", ("#N 已解决",)),
    Case("/transfer N", ("#N 转到哪个队列",)),
    Case("/transfer N security 像是被骗了", ("#N 已转到「安全专员」",)),
    Case("/escalate N", ("#N 升级给谁",)),
    Case("/escalate N security 像是被骗了", ("#N 已升级到「安全专员」", "优先级 P3")),
    Case("/priority N", ("#N 改成哪个优先级",)),
    Case("/priority N p2", ("#N 的优先级改为 P2",)),
    Case("/category N report.dispute", ("#N 的分类改为",)),
    Case("/merge 2 1", ("#2 已并入 #1",)),
    Case(f"/ack {RUNG}", (f"#{RUNG} 已停止呼叫",)),
    Case(f"/reopen {SOLVED} 又不行了", (f"#{SOLVED} 已重新打开", "已告诉用户"), role="supervisor"),
    Case("/snooze N", ("#N 先放到什么时候",)),
    Case("/snooze N 2h 等银行回话", ("#N 先放着",)),
    Case("/snooze N 明早", ("#N 先放着", "明天上午 09:00")),
    Case(f"/wake {BOUND}", (f"#{BOUND} 不再放着",)),
    Case("/tag N VIP 投诉", ("#N 的标签：#vip #投诉",)),
    Case(f"/untag {BOUND} vip", (f"#{BOUND} 的标签：—",)),
    Case("/search 转人工 status:open assignee:小陈", (f"#{HELD}", "【转人工】")),
    Case("/search 没人这样说过", ("没有找到",)),
    Case("/incidents", ("进行中的事件", f"事件 {GOING} 刷脸通道", f"事件 {OVER}", "已解决"), role="supervisor"),
    Case(f"/incident {GOING}", (f"事件 {GOING} 刷脸通道", f"#{LEADS}"), role="supervisor"),
    Case("/incident_open verification.face 刷脸又慢了", ("已新建事件", "：刷脸又慢了"), role="supervisor"),
    Case(f"/attach N {GOING}", (f"#N 已归入事件 {GOING}",), role="supervisor"),
    Case(f"/detach {BOUND}", (f"#{BOUND} 已移出事件 {GOING}",), role="supervisor"),
    Case(f"/incident_ack {NEW}", (f"事件 {NEW} 已标记",), role="supervisor"),
    Case(f"/incident_status {NEW} 微信确认有故障", (f"事件 {NEW} 的说明已更新", "微信确认有故障"), role="supervisor"),
    Case(f"/postmortem {OVER}", (f"事件 {OVER} 小结", "已解决", "经过"), role="supervisor"),
    Case(f"/incident_resolve {ENDING} 已恢复", (f"事件 {ENDING} 已解决",), role="supervisor"),
    Case(f"/incident_reopen {BACK}", (f"事件 {BACK} 已重新打开",), role="supervisor"),
    Case(
        "/silence verification.face@wechat 2h 微信维护", ("微信：人脸识别不通过", "不会因此新建事件"), role="supervisor"
    ),
    Case("/silences", ("正在生效的静音", "静音 1：支付宝：全部问题", "升级"), role="supervisor"),
    Case(f"/unsilence {HUSHED}", (f"静音 {HUSHED} 已结束",), role="supervisor"),
    Case("/agents", ("小陈（坐席）", "人工客服"), role="supervisor"),
    Case("/invite agent hotline", ("邀请您来一起处理工单", "只能用一次", "/desk/"), role="supervisor"),
    Case("/invite admin", ("邀请您来一起处理工单",), role="admin"),
    Case("/role 小王 supervisor", ("小王 现在是主管",), role="admin"),
    Case("/queues 小王 hotline,security", ("小王 现在负责", "热线协办", "安全专员"), role="admin"),
    Case("/queues 小王 -", ("小王 现在负责：全部队列",), role="admin"),
    Case("/remove 小赵", ("已收回 小赵 的权限",), role="admin"),
    Case("/available", ("您现在不参加自动派单",)),
    Case("/available on", ("您现在可派单",), queue="hotline"),
    Case("/available off", ("您现在不参加自动派单",)),
    Case("/desk", ("只能用一次", "http")),
    Case("/help", ("/take N", "工单卡片")),
    Case("/help", ("📣 事件", "/attach", "👥 同事", "/role"), role="admin"),
    Case("/help", ("/report",), role="supervisor"),
]
"""What is told when it is done; ``resume`` and ``send`` come after something else, and have tests of their own."""
AFTERWARDS = {"resume", "send"}

_REST = {"reply": "你好", "macro": "more_details", "note": "x", "transfer": "hotline", "escalate": "hotline", "priority": "P1",
         "category": "report.dispute", "merge": "1", "tag": "vip", "untag": "vip", "snooze": "2h",
         "attach": str(GOING)}  # fmt: skip
NUMBERED = sorted(name for name, verb in VERBS.items() if verb.ticket)
HOLDERS = (
    "take",
    "reply",
    "macro",
    "send",
    "pending",
    "resume",
    "snooze",
    "resolve",
    "transfer",
    "escalate",
    "priority",
)
"""Verbs for open tickets that one holds or may take."""
OTHERS = ("show", "note", "category", "merge", "ack", "reopen", "tag", "untag", "wake", "attach", "detach")
"""Verbs for a ticket whoever holds it; each has its own refusals."""
NAMED = sorted(name for name, verb in VERBS.items() if verb.text and not verb.ticket)
"""Verbs that are about something else than a ticket."""


INCIDENT_VERBS = ("incident", "incident_ack", "incident_resolve", "postmortem", "incident_reopen")
"""Verbs for an incident that need nothing but its number."""


def _on(verb: str, number: int | str) -> str:
    return f"/{verb} {number} {_REST.get(verb, '')}".strip()


def _may(line: str, *told: str) -> Case:
    """Said by somebody who may use the verb."""
    return Case(line, told, role=VERBS[line.split()[0].removeprefix("/")].role)


REFUSED = [
    *(_may(_on(verb, 7777), "没有工单 #7777") for verb in NUMBERED),
    *(_may(_on(verb, "x"), "用法：", f"/{verb}") for verb in NUMBERED),
    *(_may(f"/{verb}", "用法：", f"/{verb}") for verb in NUMBERED if VERBS[verb].alone is None),
    *(_may(f"/{verb} N", "用法：", f"/{verb}") for verb in NUMBERED if VERBS[verb].text and VERBS[verb].menu is None),
    *(_may(f"/{verb}", "用法：", f"/{verb}") for verb in NAMED),
    *(Case(_on(verb, GONE), (f"#{GONE} 已经不在处理中", "已解决")) for verb in HOLDERS),
    *(Case(_on(verb, HELD), (f"#{HELD}", "小陈", "接手")) for verb in HOLDERS),
    *(Case(_on(verb, "N"), ("不在您负责的范围",), queue="hotline") for verb in HOLDERS if verb != "priority"),
    *(Case(f"/{name} N", ("没有使用", name)) for name, verb in VERBS.items() if verb.role != "agent"),
    *(
        Case(f"/{name} 小王", ("没有使用", name), role="supervisor")
        for name, verb in VERBS.items()
        if verb.role == "admin"
    ),
    Case("/queue nowhere", ("没有 nowhere 这个队列", CS)),
    Case("/transfer N nowhere", ("没有 nowhere 这个队列", CS)),
    Case("/escalate N nowhere", ("没有 nowhere 这个队列", CS)),
    Case("/priority N P9", ("没有 P9 这个优先级", "P4")),
    Case("/category N no.such", ("没有 no.such 这个分类",)),
    Case("/macro nothing N", ("没有「nothing」这条快捷回复", "more_details")),
    Case(f"/merge N {HELD}", ("不能并入", f"#{HELD}")),
    Case("/merge N x", ("请带上工单号",)),
    Case("/send N", ("没有按住没发的回复",)),
    Case("/resume N", ("没有在等",)),
    Case("/ack N", ("没有为 #N 呼叫任何人",)),
    Case("/ack N", ("不在您负责的范围",), queue="hotline"),
    Case("/reopen N", ("#N 还没有解决",)),
    Case(f"/reopen {GONE}", (f"#{GONE}", "小陈")),
    Case("/snooze N 以后再说", ("看不懂「以后再说」", "明早")),
    Case("/snooze N 2020-01-01", ("已经过去了",)),
    Case("/snooze N 40d", ("最多放 30 天",)),
    Case(f"/snooze {WITH_BOT} 2h", (f"#{WITH_BOT} 还在机器人那里", "/take")),
    Case("/wake N", ("#N 没有放着",)),
    Case(f"/tag N {'长' * 25}", ("太长", "最多 24 个字")),
    Case("/tag N a b c d e f g h i", ("最多 8 个标签", "#N")),
    Case("/untag N 没有过", ("#N 没有这个标签",)),
    Case("/search statsu:open", ("没有「statsu:open」这个条件", "status:")),
    Case("/search status:怪", ("「status:怪」看不懂", "status:open")),
    Case("/search assignee:无名", ("没有叫「无名」的坐席",)),
    Case("/search -转人工", ("只写了要排除的词",)),
    Case("/search ？", ("想找什么",)),
    Case(f"/search {'长' * 301}", ("要找的话太长了",)),
    *(_may(f"/{verb} 77", "没有事件 77") for verb in INCIDENT_VERBS),
    *(_may(f"/{verb} x", "请带上事件号") for verb in INCIDENT_VERBS),
    _may(f"/incident_status {GOING}", "请写上给用户看的话"),
    _may(f"/incident_status {OVER} 修好了", f"事件 {OVER} 的状态已经是「已解决」"),
    *(_may(f"/{verb} {OVER}", f"事件 {OVER} 的状态已经是「已解决」") for verb in ("incident_ack", "incident_resolve")),
    _may(f"/incident_reopen {GOING}", f"事件 {GOING} 的状态已经是「新」"),
    _may("/silence wechta 2h", "没有「wechta」", "wechat", "verification.face"),
    _may("/silence wechat", "写多久"),
    _may("/silence wechat 60d", "最长 30 天"),
    _may("/silence wechat 2020-01-01", "最长 30 天"),
    _may("/unsilence 77", "没有正在生效的静音 77"),
    _may("/unsilence x", "请带上静音号"),
    _may("/attach N 77", "没有事件 77"),
    _may("/attach N x", "请带上事件号"),
    _may(f"/attach N {OVER}", f"事件 {OVER} 的状态已经是「已解决」"),
    _may(f"/attach {GONE} {GOING}", f"#{GONE} 已经不在处理中"),
    _may(f"/attach {LEADS} {GOING}", f"#{LEADS} 已经在事件 {GOING} 里了"),
    _may(f"/attach {LEADS} {NEW}", f"有别的工单跟着 #{LEADS} 一起办"),
    _may("/detach N", "#N 不在任何事件里"),
    _may(f"/detach {LEADS}", f"有别的工单跟着 #{LEADS} 一起办"),
    _may(f"/detach {FOLLOWS}", f"#{FOLLOWS} 正跟着另一张工单一起办"),
    _may("/invite boss", "没有「boss」这种身份", "supervisor"),
    _may("/invite agent nowhere", "没有 nowhere 这个队列", CS),
    _may("/invite admin", "您可以邀请坐席", "管理员来做"),
    _may("/role 小王", "用法：/role NAME ROLE"),
    _may("/role 小王 boss", "没有「boss」这种身份", "supervisor"),
    _may("/role 无名 agent", "没有叫「无名」的同事"),
    _may("/queues 小王", "用法：/queues NAME"),
    _may("/queues 小王 nowhere", "没有 nowhere 这个队列", CS),
    _may("/queues 无名 -", "没有叫「无名」的同事"),
    _may("/remove 无名", "没有叫「无名」的同事"),
    Case("/available 也许", ("用法：/available on|off",)),
    Case("/stats 小陈", ("只有主管能看",)),
    Case("/stats 无名", ("没有叫 无名 的坐席",), role="supervisor"),
    Case("/report 什么时候", ("看不懂「什么时候」",), role="supervisor"),
    Case("/dance N", ("没有 /dance 这个命令",)),
    Case("没有引用卡片的话", ("请直接回复（引用）那张工单卡片",)),
]
CASES = [*DONE, *REFUSED]


class Desk:
    """The running service with its people. ``N`` of a case that changes nothing may be a ticket that others use too."""

    def __init__(self, telegram: FakeTelegram, url: str) -> None:
        self.telegram, self.url = telegram, url
        self._colleagues, self._free = _STAFF, _FIRST_FREE

    def colleague(self, role: str = "agent", queue: str = CS, user: int = 0, name: str = "") -> int:
        """A new one, who has seen no card yet; returns the chat."""
        self._colleagues += 1
        chat = user or self._colleagues

        def add(session: Session) -> None:
            queues = [queue] if role == "agent" else []
            agents.add(session, name or f"同事{chat}", datetime.now(UTC), role=role, channel="telegram", user=str(chat),
                       queues=queues)  # fmt: skip

        store = Store.open(self.url)
        store.write_now(add)
        store.close()
        return chat

    def free(self) -> int:
        """A ticket that nobody has touched."""
        number, self._free = self._free, self._free + 1
        assert number < _FIRST_FREE + _FREE, "more free tickets are needed"
        return number

    def user(self, ticket: int) -> int:
        return _USER + ticket

    def ask(self, chat: int, line: str, *told: str) -> None:
        seen = self.telegram.count(chat)
        self.telegram.says(chat, line, name="同事")
        self.telegram.wait_text(chat, *told, after=seen)

    def press(self, chat: int, label: str, *told: str) -> None:
        seen = self.telegram.count(chat)
        self.telegram.press(chat, label)
        self.telegram.wait_text(chat, *told, after=seen)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Desk]:
    """People ask for help before anybody works here: no chat is full of cards when the cases begin."""
    folder = tmp_path_factory.mktemp("desk")
    env = environment(folder, models, TRIAGEBOT_TELEGRAM_RATE="1000", TRIAGEBOT_RULES_DIR=str(_rules(folder)))
    with FakeTelegram() as telegram:
        running = Service(env, telegram.base, folder)
        running.start()
        try:
            yield _opened(Desk(telegram, env["TRIAGEBOT_DATABASE_URL"]))
        finally:
            running.kill()


def _rules(folder: Path) -> Path:
    """The rules under test, under which 小陈 is called about what is most urgent at customer service."""
    rules = folder / "rules"
    shutil.copytree(rules_folder(), rules)
    queues = yaml.safe_load((rules / "queues.yaml").read_text(encoding="utf-8"))
    (row,) = [row for row in queues["queues"] if row["id"] == CS]
    row["on_call"] = {"chain": ["小陈"], "every": "1h", "rounds": 1}
    (rules / "queues.yaml").write_text(yaml.safe_dump(queues, allow_unicode=True), encoding="utf-8")
    return rules


def _opened(desk: Desk) -> Desk:
    telegram = desk.telegram
    telegram.says(desk.user(TWICE), "刷脸老是不过")
    telegram.wait_text(desk.user(TWICE), "1.")
    telegram.press(desk.user(TWICE), "转人工")
    telegram.wait_text(desk.user(TWICE), "工单号 #1")
    telegram.says(desk.user(TWICE), "没收到报告")
    telegram.wait(lambda: telegram.count(desk.user(TWICE)) >= 3, "the second ticket of one person")
    numbers = [number for number in range(GONE, _FIRST_FREE + _FREE) if number != WITH_BOT]
    for number in range(GONE, _FIRST_FREE + _FREE):
        telegram.says(desk.user(number), "刷脸老是不过" if number == WITH_BOT else "转人工")
    for number in numbers:
        telegram.wait_text(desk.user(number), f"工单号 #{number}")
    chen = desk.colleague(user=_CHEN, name="小陈")
    desk.ask(chen, f"/take {HELD}", "由您处理了")
    desk.ask(chen, f"/resolve {GONE}", "已解决")
    for name in ("小王", "小赵"):
        desk.colleague(name=name)
    for line, told in _PREPARED:
        desk.ask(desk.colleague("supervisor"), line, told)
    return desk


_PREPARED = [
    ("/incident_open 刷脸通道大面积失败", f"已新建事件 {GOING}："),
    ("/incident_open 验证码收不到", f"已新建事件 {OVER}："),
    ("/incident_open 报告打不开", f"已新建事件 {NEW}："),
    ("/incident_open 页面很慢", f"已新建事件 {ENDING}："),
    ("/incident_open 短信慢", f"已新建事件 {BACK}："),
    (f"/incident_resolve {OVER}", "已解决"),
    (f"/incident_resolve {BACK}", "已解决"),
    ("/silence 支付宝 2h 升级", "静音 1"),
    ("/silence wechat 2h", f"静音 {HUSHED}"),
    *((f"/attach {number} {GOING}", "已归入") for number in (BOUND, LEADS, FOLLOWS)),
    (f"/tag {BOUND} vip", "的标签"),
    (f"/snooze {BOUND} 2h", "先放着"),
    (f"/merge {FOLLOWS} {LEADS}", f"跟着 #{LEADS} 一起办"),
    (f"/resolve {SOLVED}", "已解决"),
    (f"/priority {RUNG} P1", "改为 P1"),
]
"""What supervisors did before the cases begin, one each."""


def test_no_verb_is_without_a_case() -> None:
    assert {case.verb for case in DONE} | AFTERWARDS == VERBS.keys()
    assert {*HOLDERS, *OTHERS} == set(NUMBERED), "a verb with a ticket and without its refusals"


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case.line}" for n, case in enumerate(CASES)])
def test_a_command_is_answered(desk: Desk, case: Case) -> None:
    number = str(HELD)
    if case in DONE and "N" in case.line.split():
        number = str(desk.free())
    elif "N" in case.line.split():
        number = str(_FIRST_FREE + _FREE - 1)
    chat = desk.colleague(case.role, case.queue)
    line = " ".join(number if word == "N" else word for word in case.line.split())
    desk.ask(chat, line, *(part.replace("#N", f"#{number}") for part in case.told))


def test_the_card_of_the_next_ticket_is_answered_like_a_person(desk: Desk) -> None:
    chat = desk.colleague()
    desk.ask(chat, "/next", "待接手")
    card = desk.telegram.wait_text(chat, "待接手")
    number = int(card.text.partition("#")[2].split()[0])
    desk.telegram.says(chat, "您好，我看到您的工单了", reply_to=card.id)
    desk.telegram.wait_text(desk.user(number), "您好，我看到您的工单了")
    desk.telegram.wait_text(chat, f"已回复 #{number}")


def test_by_buttons_alone(desk: Desk) -> None:
    """Take, a canned answer, wait, go on, move on: nothing is typed but the number."""
    chat, number = desk.colleague(), desk.free()
    desk.ask(chat, f"/show {number}", f"#{number}")
    desk.press(chat, "💬 快捷回复", "马上发给")
    desk.press(chat, "请补充几句", f"已回复 #{number}")
    desk.telegram.wait_text(desk.user(number), "想请您补充几句")
    desk.ask(chat, f"/show {number}", "处理中", "［请补充几句］")
    desk.press(chat, "⏸ 等用户", "在等用户回复")
    other = desk.colleague("supervisor")
    desk.ask(other, f"/show {number}", "等用户回复")
    desk.press(other, "▶️ 继续", "接着处理")
    desk.ask(other, f"/show {number}", "处理中")
    desk.press(other, "🔀 转派", "转到哪个队列")
    desk.press(other, "热线协办", "已转到「热线协办」")
    shown = [m for m in desk.telegram.sent if m.chat == other and "转到哪个队列" in m.text]
    desk.telegram.wait(lambda: not shown[0].buttons, "the menu to lose its buttons")


def test_an_answer_that_crosses_a_colleagues_waits_for_a_yes(desk: Desk) -> None:
    number = desk.free()
    first, second = desk.colleague(), desk.colleague("supervisor")
    desk.ask(first, f"/reply {number} 请换到窗边", "已回复")
    desk.ask(second, f"/reply {number} 请重启手机", "先没发", "请换到窗边")
    desk.press(second, "📨 仍然发送", f"已回复 #{number}")
    desk.telegram.wait_text(desk.user(number), "请重启手机")
    assert sum("请重启手机" in text for text in desk.telegram.texts(desk.user(number))) == 1


def test_waiting_is_ended_by_hand(desk: Desk) -> None:
    chat, number = desk.colleague(), desk.free()
    desk.ask(chat, f"/pending {number}", "在等用户回复")
    desk.ask(chat, f"/pending {number}", "已经在等")
    desk.ask(chat, f"/resume {number}", f"#{number} 接着处理")
