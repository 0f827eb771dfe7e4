"""A small house: a rulebook of seven categories written in code, verdicts made by hand, and people who work there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from tests.storing import arrived
from triagebot.desk.office import Office, open_office
from triagebot.desk.team import agents
from triagebot.desk.tickets import timeline
from triagebot.desk.verbs import perform
from triagebot.dialogue.state import Memory, Say, Signal, Step, TicketView, View
from triagebot.dialogue.step import step
from triagebot.flow.bell import Bell
from triagebot.flow.converse import Converse
from triagebot.messages import Incoming, Receipt
from triagebot.rulebook.schema import Category, RuleBook
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.sla.hours import WEEKDAYS
from triagebot.store import inbox, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Outbox, Ticket
from triagebot.triage.brain import NOTHING, Context
from triagebot.triage.normalise import normalise
from triagebot.triage.verdict import Verdict

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on a Monday in Shanghai."""
FACE, DISPUTE, SCAM, MISSING = "verification.face", "report.dispute", "security.scam", "report.missing"
PEOPLE, NONSENSE, STATUS = "service.human", "other.out_of_scope", "ticket.status"


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": f"{text} (en)"}


def _fix(*steps: str, platform: str = "unknown") -> dict[str, Any]:
    return {"platform": platform, "steps": [_both(s) for s in steps], "source": ["TEST"]}


_CATEGORIES: dict[str, dict[str, Any]] = {
    FACE: {
        "priority": "P3", "route": "self_service", "queue": "customer_service", "ask_platform": True, "light_check": True,
        "slots": ["platform", "error_text", "since"], "on_record": {**_both("不会写进报告"), "source": ["TEST"]},
        "fixes": [_fix("换个亮处", "摘掉眼镜"), _fix("重启手机", "再试一次"), _fix("打开微信相机权限", platform="wechat")],
    },
    MISSING: {
        "priority": "P4", "route": "self_service", "queue": "customer_service",
        "fixes": [_fix("等到明天", "再看短信")], "followup": {"after": "24h", **_both("报告收到了吗？")},
    },
    DISPUTE: {
        "priority": "P2", "route": "hotline", "queue": "hotline", "slots": ["since"],
        "questions": [{"id": "which_record", **_both("是哪一条记录？")}], "fixes": [_fix("先别急着重复提交")],
    },
    SCAM: {
        "priority": "P1", "route": "security", "queue": "security", "safety": [_both("马上停止转账"), _both("拨打 110")],
        "questions": [{"id": "paid", **_both("已经转账了吗？")}],
    },
    PEOPLE: {"priority": "P3", "route": "customer_service", "queue": "customer_service"},
    NONSENSE: {"priority": "P4", "route": "self_service", "queue": "customer_service"},
    STATUS: {"priority": "P4", "route": "self_service", "queue": "customer_service"},
}  # fmt: skip


def _category(name: str, rules: dict[str, Any]) -> Category:
    return Category.model_validate({
        "id": name, "title": _both(f"标题 {name}"), "definition": name, "boundary": name,
        "examples": {"zh": ["例子"], "en": ["example"]}, "tests": [{"text": "例子"}], **rules,
    })  # fmt: skip


_CLOCKS: dict[str, dict[str, Any]] = {
    "lock": {"after": "10m", "until_solved": True, "offers": [{"when": "advice", "categories": [FACE], "said": "锁"}]},
    "result": {"after": "24h", "offers": [{"when": "solved", "categories": [FACE]}], "not_yet": {"category": MISSING},
               "then": "answer", "steps": [_both("看短信"), _both("再进去一次")]},
    "accepted": {"after": "10wd", "asks": _both("哪天投诉的？"), "not_yet": {"people": True}},
    "answer": {"after": "20d", "asks": _both("哪天提交的？"), "remind": _both("{since}提交的，该有答复了。"),
               "offers": [{"when": "handed_over", "categories": [DISPUTE]}], "not_yet": {"people": True, "priority": "P2"}},
}  # fmt: skip


def _clock(name: str, **rules: Any) -> dict[str, Any]:
    words = {"title": _both(f"看{name}"), "button": _both(f"提醒我看{name}"), "remind": _both(f"到时间了，{name}来了吗？"),
             "done": _both("来了"), "undone": _both("没来")}  # fmt: skip
    return {"id": name, **words, "source": ["TEST"], **rules}


@cache
def book() -> RuleBook:
    return RuleBook.model_validate({
        "categories": {name: _category(name, rules) for name, rules in _CATEGORIES.items()},
        "platforms": {p: {"id": p, "title": _both(p)} for p in ("wechat", "alipay", "unknown")},
        "queues": {
            "customer_service": {"id": "customer_service", "title": _both("客服"), "calendar": "24x7"},
            "hotline": {"id": "hotline", "title": _both("热线"), "calendar": "cn-business", "contacts": ["centre"],
                        "ready": [_both("报告编号")]},
            "security": {"id": "security", "title": _both("安全"), "calendar": "24x7"},
        },
        "contacts": {"centre": {"id": "centre", "value": "400-000-0000", **_both("服务热线"), "source": ["TEST"]}},
        "slots": {s: {"id": s, **_both(f"{s} 是什么？")} for s in ("platform", "error_text", "since")},
        "sla": {"version": 3, "policies": [
            {"queue": "customer_service", "priority": "P3", "first_response": "2h", "next_response": "4h"},
            {"queue": "customer_service", "priority": "P2", "first_response": "1h"},
            {"queue": "hotline", "priority": "P2", "first_response": "2h"},
            {"queue": "hotline", "priority": "P3", "first_response": "4h"},
            {"queue": "security", "priority": "P1", "first_response": "15m"},
        ]},
        "incidents": {"policy": {"first_response": "4h"},
                      "sensitivity": [{"category": c, "tell": False} for c in (SCAM, DISPUTE)]
                      + [{"category": c, "level": "off"} for c in (PEOPLE, NONSENSE, STATUS)]},
        "thresholds": {"answer_at": 0.6, "ask_mass": 0.9, "ask_most": 3, "unclear_below": 0.3, "p1_mass": 0.5,
                       "strong_weight": 2, "weak_weight": 1, "against_weight": 1, "signature_weight": 3},
        "phrases": {"solved": ["好了", "解决了"], "not_solved": ["还不行"], "skip": ["跳过"], "what_now": ["怎么办"],
                    "human": ["转人工"], "human_not": [], "greeting": ["你好"], "who": ["你是真人吗"], "filler": ["急"],
                    "give_up": ["算了"], "tried": ["都试过了"], "how_long": ["多久有人理我"], "still_waiting": ["还要等多久"],
                    "worried": ["会影响征信吗"], "also": ["[.。]另外"]},
        "calendars": {"24x7": {"id": "24x7", "week": {day: ["00:00-24:00"] for day in WEEKDAYS}}, "cn-business": {
            "id": "cn-business", "timezone": "Asia/Shanghai",
            "week": {day: ["09:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}},
        "menu": [FACE, DISPUTE, SCAM], "digest": "small house",
        "watch": {"orders": [{"does": "stop", "re": "别提醒了|stop"}]},
        "clocks": {"clocks": [_clock(name, **clock) for name, clock in _CLOCKS.items()]},
        "macros": {
            name: {"id": name, "title": _both(title), "text": _both(text), **more} for name, title, text, more in (
                ("on_it", "在处理了", "工单 #{ticket} 我在看，{due} 前告诉您。", {}),
                ("light", "换个亮处", "请站到窗边再试一次。", {"categories": [FACE]}),
                ("papers", "备材料", "请备好材料。", {"queues": ["hotline"]}),
                ("entry", "哪个入口", "请写下{platform}里入口的名称，{agent} 帮您看。", {}),
            )
        },
    })  # fmt: skip


@cache
def office() -> Office:
    return open_office(book(), ZoneInfo("Asia/Shanghai"))


def office_with(**sla: Any) -> Office:
    """The same house under other keys of rules/sla.yaml."""
    rules = SlaRules.model_validate({**book().sla.model_dump(mode="json", exclude_none=True), **sla})
    return open_office(book().model_copy(update={"sla": rules}), ZoneInfo("Asia/Shanghai"))


def verdict(category: str, decision: str = "", **more: Any) -> Verdict:
    """What triage would say of a clear message about ``category``."""
    rules = book().categories[category]
    values: dict[str, Any] = {
        "text": "话", "category": category, "confidence": 0.95, "candidates": ((category, 0.95), (NONSENSE, 0.05)),
        "decision": decision or ("answer" if rules.route == "self_service" else "escalate"), "platform": "unknown",
        "priority": rules.priority, "queue": rules.queue, "human_requested": False, "lang": "zh", "rules": ("word",),
    }  # fmt: skip
    return Verdict(**{**values, **more})


UNCLEAR = verdict(NONSENSE, "unclear", confidence=0.2)
FILLER = verdict(NONSENSE, "unclear", filler=True)
WANTS_PEOPLE = verdict(PEOPLE, "escalate", human_requested=True)
EITHER = verdict(FACE, "ask", confidence=0.5, candidates=((FACE, 0.5), (MISSING, 0.4), (NONSENSE, 0.1)))


def text(v: Verdict, words: str = "这是一句话") -> Signal:
    return Signal("text", text=words, verdict=v)


def ticket(status: str = "bot", category: str = FACE, **more: Any) -> TicketView:
    """Number 12; in the hands of people it is in the category's queue."""
    human = status not in ("bot", "closed")
    rules = book().categories[category]
    values: dict[str, Any] = {"escalated": human, "queue": rules.queue if human else "", "priority": rules.priority}
    if status == "assigned":
        values["assignee"] = "小李"
    return TicketView(**{"number": 12, "status": status, "category": category, **values, **more})


def view(state: str = "idle", on: TicketView | None = None, others: tuple[TicketView, ...] = (), **memory: Any) -> View:
    return View(state=state, memory=Memory(**memory), ticket=on, others=others, version=1)  # type: ignore[arg-type]


def trying(state: str = "answered", **memory: Any) -> View:
    """The bot has shown the first fix of the face check."""
    return view(state, ticket(), **{"category": FACE, "round": 0, "texts": ("刷脸不过",), **memory})


def move(seen: View, signal: Signal, now: datetime = NOW) -> Step:
    return step(seen, signal, book(), now)


def keys(done: Step) -> list[str]:
    return [part.key for part in done.parts]


def words(done: Step) -> str:
    return "\n".join(str(p.values.get("text", "")) for p in done.parts)


def said(done: Step, key: str) -> Say:
    return next(part for part in done.parts if part.key == key)


def effects(done: Step, kind: type) -> list[Any]:
    return [effect for effect in done.effects if isinstance(effect, kind)]


def actions(done: Step) -> list[str]:
    return [button.action for row in done.buttons for button in row]


_BY_WORD = {"骗": verdict(SCAM), "异议": verdict(DISPUTE), "刷脸": verdict(FACE, nearest=("扫脸总失败",)),
            "没收到报告": verdict(MISSING), "两样": EITHER, "人工": WANTS_PEOPLE, "急": FILLER,
            "怪怪的": verdict(FACE, "escalate", priority="P1", queue="security", escalation="p1.mass", alarm=SCAM,
                           confidence=0.6, nearest=("扫脸总失败",))}  # fmt: skip


class HandBrain:
    """Judges by a word in the message; ``poison`` in it makes it raise, as a bug in a brain would."""

    def triage(self, text: str, context: Context = NOTHING) -> Verdict:
        if "poison" in text:
            raise RuntimeError("a bug in the brain")
        known = next((v for word, v in _BY_WORD.items() if word in text), UNCLEAR)
        return replace(known, text=text)

    def triage_screen(self, screen: str, caption: str = "", context: Context = NOTHING) -> Verdict:
        return self.triage(f"{caption}\n{screen}".strip(), context)

    def telling(self, screen: str) -> tuple[str, ...]:
        return tuple(
            normalise(line) for line in screen.split("\n") if any(w in line for w in ("失败", "未通过", "超时"))
        )


def incoming(number: int | str, words: str = "", chat: str = "7", **more: Any) -> Incoming:
    return arrived(number, chat, words, **more)


OWNERS = {("telegram", "1"), ("telegram", "")}


class House:
    """The loops of the product around one store, with a brain made by hand; everything happens when a test says so."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], at: Office | None = None, holder: str = "house"
    ) -> None:
        self.store, self.clock, self._number = store, clock, 0
        self.office = at or office()
        self.loop = Converse(store, self.office, HandBrain(), OWNERS, clock, Bell(), Bell(), holder)  # type: ignore[arg-type]

    def arrive(self, words: str = "", chat: str = "7", **more: Any) -> None:
        self._number += 1
        message = incoming(self._number, words, chat, **{"message_ref": str(self._number), **more})
        self.store.write_now(inbox.commit, [message], [], self.clock())

    def arrive_together(self, words: Sequence[str], chat: str = "7") -> None:
        """Several messages that the network delivers at once."""
        first, self._number = self._number + 1, self._number + len(words)
        messages = [incoming(n, text, chat, message_ref=str(n)) for n, text in enumerate(words, start=first)]
        self.store.write_now(inbox.commit, messages, [], self.clock())

    def converse(self) -> int:
        return asyncio.run(self.loop.once())

    def hear(self, words: str = "", chat: str = "7", **more: Any) -> None:
        """One message, handled."""
        self.arrive(words, chat, **more)
        self.converse()

    def press(self, action: str, chat: str = "7") -> None:
        self.hear(chat=chat, kind="press", action=action)

    def agent(self, name: str, **more: Any) -> int:
        """A person at the desk, reached in the chat of the same name."""
        more = {"channel": "telegram", "user": name, **more}
        return self.store.write_now(lambda s: agents.add(s, name, self.clock(), **more).id) or 0

    def verb(self, name: str, line: str) -> str:
        """What agent ``name`` is told about ``/verb words``."""
        verb, _, rest = line.partition(" ")

        def run(session: Session) -> str:
            who = agents.by_name(session, name, self.clock())
            return perform(session, self.office, who, verb, rest, self.clock()).text

        return self.store.write_now(run)

    def ticket(self, number: int = 1) -> Ticket:
        found = self.store.read_now(lambda s: s.get(Ticket, number))
        assert found is not None
        return found

    def events(self, number: int = 1) -> list[Event]:
        return self.store.read_now(timeline, number)

    def types(self, number: int = 1) -> list[str]:
        return [event.type for event in self.events(number)]

    def rows(self, table: Any) -> list[Any]:
        return self.store.read_now(lambda s: list(s.exec(select(table).order_by(table.id))))

    def conversation(self, chat: str = "7") -> Conversation:
        return next(c for c in self.rows(Conversation) if c.chat == chat)

    def told(self, chat: str = "7") -> list[str]:
        """Everything that was put into the outbox for ``chat``, oldest first."""
        return [row.payload.get("text", "") for row in self.rows(Outbox) if row.chat == chat]

    def deliver(self) -> None:
        """The network takes everything that waits."""
        for _ in range(50):
            heads = self.store.read_now(outbox.heads, OWNERS, self.clock(), 50)
            for parcel in heads:
                self.store.write_now(
                    outbox.sent, {parcel.id: Receipt(parcel.known_ref or f"m{parcel.id}")}, self.clock()
                )
            if not heads:
                return
        raise AssertionError("the outbox does not become empty")
