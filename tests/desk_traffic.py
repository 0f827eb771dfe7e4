"""A year at the desk, made up from a seed: tickets and events as the product writes them, straight into the database.

Days and nights, working weeks, a rush now and then, an understaffed queue: figures over it look like figures.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.replay import Standing
from triagebot.desk.tickets import PROJECTIONS
from triagebot.store.statements import table_of
from triagebot.store.tables import Agent, Conversation, Event, Ticket

AGENTS = ("李静", "王磊", "赵敏", "陈晨", "孙悦", "周凯")
_BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 9, 18, 30, 34, 30, 20, 22, 32, 33, 30, 26, 20, 22, 22, 16, 8, 3)
_BY_DAY = (12, 11, 10, 10, 10, 5, 4)
_BATCH = 4000


@dataclass
class _Ticket:
    """One ticket in the making; ``events`` in order, the row kept up by the product's own projections."""

    number: int
    row: Standing = field(default_factory=Standing)
    events: list[dict[str, Any]] = field(default_factory=list)

    def record(self, type: str, actor: str, at: datetime, **data: Any) -> None:
        self.events.append({"ticket_id": self.number, "at": at, "type": type, "actor": actor, "data": data})
        if type in PROJECTIONS:
            PROJECTIONS[type](cast(Ticket, self.row), data, at)


def fill(
    session: Session, office: Office, *, tickets: int, days: int, until: datetime, seed: int = 7
) -> tuple[int, int]:
    """Write ``tickets`` tickets that were opened in the ``days`` before ``until``; returns how many tickets and events."""
    rng = random.Random(seed)
    session.add_all(Agent(name=name, created_at=until, queues="") for name in AGENTS)
    session.add_all(
        Conversation(channel="bench", bot="1", chat=str(n), user=str(n), created_at=until, updated_at=until)
        for n in range(1, 1001)
    )
    session.flush()
    connection, events, batch = session.connection(), 0, []
    for made in lives(rng, office, tickets, days, until):
        batch.append(made)
        events += len(made.events)
        if len(batch) == _BATCH:
            _write(connection, batch)
            batch = []
    if batch:
        _write(connection, batch)
    return tickets, events


def _write(connection: Any, batch: list[_Ticket]) -> None:
    connection.execute(table_of(Ticket).insert(), [
        {**asdict(t.row), "id": t.number, "conversation_id": t.number % 1000 + 1, "lang": "zh", "summary": "",
         "created_at": t.events[0]["at"], "updated_at": t.events[-1]["at"]} for t in batch
    ])  # fmt: skip
    connection.execute(table_of(Event).insert(), [event for t in batch for event in t.events])


def lives(rng: random.Random, office: Office, tickets: int, days: int, until: datetime) -> Iterator[_Ticket]:
    """The tickets one by one, in order of their opening."""
    begin = until - timedelta(days=days)
    for number, at in enumerate(sorted(_arrival(rng, begin, days, until) for _ in range(tickets)), start=1):
        made = _Ticket(number)
        _live(rng, office, made, at)
        made.events = [e for e in made.events if e["at"] < until]
        if len(made.events) < 1:
            continue
        made.row = Standing()
        for event in made.events:
            if event["type"] in PROJECTIONS:
                PROJECTIONS[event["type"]](cast(Ticket, made.row), event["data"], event["at"])
        yield made


def _arrival(rng: random.Random, begin: datetime, days: int, until: datetime) -> datetime:
    while True:
        day = begin + timedelta(days=rng.randrange(days))
        local = day.weekday()
        if rng.random() * max(_BY_DAY) > _BY_DAY[local]:
            continue
        hour = rng.choices(range(24), _BY_HOUR)[0]
        at = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            hours=hour - 8, seconds=rng.random() * 3600
        )
        if begin <= at < until:
            return at


def _live(rng: random.Random, office: Office, t: _Ticket, at: datetime) -> None:
    category = rng.choice(sorted(office.book.categories))
    rules = office.book.categories[category]
    decision = rng.choices(("answer", "ask", "unclear", "escalate"), (70, 14, 8, 8))[0]
    t.record("opened", "bot", at, category=category, platform=rng.choice(sorted(office.book.platforms)),
             priority=rules.priority, decision=decision,
             verdict={"category": category, "confidence": 0.82, "evidence": {"rules": [], "nearest": ["例句"]}})  # fmt: skip
    t.record("user_replied", "user", at + timedelta(seconds=1), text="刷脸老是不过，试了好几次都说识别失败")
    at += timedelta(seconds=2)
    t.record("bot_replied", "bot", at, text="刷脸不过，常见的原因是光线、遮挡和距离，我们先把这几样弄好。")
    at += timedelta(seconds=rng.expovariate(1 / 300))
    t.record("user_replied", "user", at, text="还不行")
    t.record("bot_replied", "bot", at, text="没关系，再从手机上找找原因；实在不行就换种验证方式。")
    end = rng.random()
    if decision != "escalate" and end < 0.58:
        t.record("resolved", "user", at + timedelta(seconds=rng.expovariate(1 / 600)), by="user")
    elif decision != "escalate" and end < 0.66:
        t.record("closed", "system", at + timedelta(hours=72), reason="idle")
    else:
        _with_people(rng, office, t, at, rules.queue)


def _with_people(rng: random.Random, office: Office, t: _Ticket, at: datetime, queue: str) -> None:
    priority = t.row.priority
    t.record("escalated", "user", at, queue=queue, priority=priority, reason="asked",
             promise=office.promise(queue, priority))  # fmt: skip
    agent = rng.randrange(len(AGENTS)) + 1
    actor, name = f"agent:{agent}", AGENTS[agent - 1]
    slow = {"P1": 0.15, "P2": 0.6, "P3": 1.0, "P4": 2.0}[priority] * (1 + 0.3 * (agent == 4))
    at = _office_hours(at + timedelta(seconds=rng.expovariate(1 / (2400 * slow))), priority)
    t.record("taken", actor, at, agent=agent, agent_name=name)
    if rng.random() < 0.06:
        t.record("category_changed", actor, at, category=rng.choice(sorted(office.book.categories)), agent_name=name)
    at += timedelta(seconds=rng.expovariate(1 / 500))
    t.record("agent_replied", actor, at, text="您好，麻烦把页面提示的原文发我看看。", agent_name=name)
    while rng.random() < 0.5:
        if rng.random() < 0.3:
            t.record("pending_user", actor, at)
        at += timedelta(seconds=rng.expovariate(1 / 9000))
        t.record("user_replied", "user", at, text="好的，提示是人脸比对失败，错误码 4003")
        at = _office_hours(at + timedelta(seconds=rng.expovariate(1 / (4000 * slow))), priority)
        t.record("agent_replied", actor, at, text="收到，请换到光线好的地方再试一次。", agent_name=name)
    if rng.random() < 0.06:
        other = rng.choice(("customer_service", "hotline"))
        t.record("queue_changed", actor, at, queue=other, promise=office.promise(other, priority))
        t.record("taken", actor, at + timedelta(minutes=5), agent=agent, agent_name=name)
    at = _office_hours(at + timedelta(seconds=rng.expovariate(1 / (20000 * slow))), priority)
    t.record("resolved", actor, at, by="agent", reason="", agent_name=name)
    if rng.random() < 0.05:
        at += timedelta(seconds=rng.expovariate(1 / 40000))
        t.record("reopened", "user", at)
        at = _office_hours(at + timedelta(seconds=rng.expovariate(1 / 20000)), priority)
        t.record("resolved", actor, at, by="agent", reason="", agent_name=name)
    if rng.random() < 0.35:
        stars = rng.choices((1, 2, 3, 4, 5), (4, 4, 10, 30, 60))[0]
        t.record("rated", "user", at + timedelta(seconds=rng.expovariate(1 / 3600)), stars=stars)


def _office_hours(at: datetime, priority: str) -> datetime:
    """P1 is answered round the clock; the others wait for the morning, and mostly for Monday."""
    local = at.astimezone(UTC) + timedelta(hours=8)
    if priority == "P1" or (9 <= local.hour < 18 and local.weekday() < 5):
        return at
    ahead = 1 if local.hour >= 18 else 0
    day = (local + timedelta(days=ahead)).replace(hour=9, minute=0, second=0, microsecond=0)
    while day.weekday() > 4:
        day += timedelta(days=1)
    spread = timedelta(seconds=(at.microsecond % 5400))
    return (day + spread - timedelta(hours=8)).astimezone(UTC)
