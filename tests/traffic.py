"""A year of made-up traffic: tickets with their events, as the event log holds them. Pure: the same seed, the same year.

People write mostly in office hours, agents answer mostly in theirs; one ticket in three is solved by the bot, some change
queue or priority, wait for the user, are put on hold, reopened or merged. About eight events a ticket. Invented figures:
they exercise the arithmetic and the reports, they claim nothing about any real desk.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
YEAR = 2026
CALENDARS = {"customer_service": "cn-business", "hotline": "cn-business", "security": "24x7"}
_TARGETS = {  # first_response, next_response, resolution of customer_service, hotline, security
    "P1": (("15m", "30m", "4h"), ("30m", "1h", "1d"), ("15m", "30m", "1d")),
    "P2": (("1h", "2h", "1d"), ("2h", "4h", "3d"), ("1h", "2h", "2d")),
    "P3": (("2h", "4h", "2d"), ("4h", "1d", "5d"), ("4h", "8h", "4d")),
    "P4": (("4h", "1d", "5d"), ("1d", "2d", "10d"), ("8h", "1d", "7d")),
}
PRIORITIES = tuple(_TARGETS)
QUEUES = tuple(CALENDARS)
CATEGORIES = (
    "verification.face", "verification.sms_code", "verification.identity", "report.missing", "report.dispute",
    "anomaly.unauthorized_inquiry", "security.scam", "platform.technical",
)  # fmt: skip
PLATFORMS = ("wechat", "alipay", "pboc_web", "unknown")
AGENTS = ("li", "wang", "zhao", "chen", "liu", "sun")
_HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 14, 15, 12, 9, 11, 14, 14, 12, 9, 7, 7, 6, 5, 3, 2)
_WEEKDAYS = (12, 11, 11, 10, 10, 5, 4)
_ROUNDS = (1, 1, 1, 2, 2)

Ticket = dict[str, Any]
Event = dict[str, Any]


def promise(queue: str, priority: str) -> dict[str, Any]:
    """What is promised there, as it stands in an event's data: policy, calendar, version."""
    names = ("first_response", "next_response", "resolution")
    targets = dict(zip(names, _TARGETS[priority][QUEUES.index(queue)], strict=True))
    update = {"update": "1h"} if priority == "P1" else {}
    policy = {**targets, **update, "warn_at": [0.5, 0.8]}
    return {"policy": policy, "calendar": CALENDARS[queue], "version": 1}


def tickets(seed: int, count: int, year: int = YEAR) -> Iterator[tuple[Ticket, list[Event]]]:
    """``count`` tickets in order of opening, each with its events in order of time.

    A ticket: number, opened_at, category, platform, lang, queue, priority, sla (the first promise). An event: at (UTC, whole
    seconds), type, actor, data. Some events fall into the year after.
    """
    chance = random.Random(seed)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    chosen = chance.choices(days, [_WEEKDAYS[day.weekday()] for day in days], k=count)
    hours = chance.choices(range(24), _HOURS, k=count)
    times = sorted(
        datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)
        + timedelta(seconds=chance.randrange(3600))
        for day, hour in zip(chosen, hours, strict=True)
    )
    for number, at in enumerate(times, start=1):
        yield _Story(chance, number, at).told()


def case(ticket: Ticket, events: list[Event], now: datetime, calendars: Mapping[str, Any]) -> dict[str, Any]:
    """The ticket in the shape of ``sla simulate``, with calendars written out."""

    def spec(name: str) -> Any:
        return name if name == "24x7" else calendars[name]

    told = []
    for event in events:
        line: dict[str, Any] = {"at": event["at"].isoformat(), "type": event["type"]}
        if event["type"].endswith("_changed"):
            new = event["data"]["promise"]
            line |= {"policy": new["policy"], "calendar": spec(new["calendar"])}
        told.append(line)
    first = ticket["sla"]
    return {"policy": first["policy"], "calendar": spec(first["calendar"]), "events": told, "now": now.isoformat()}


class _Story:
    """One ticket as it happens: ``at`` moves on, events are written down."""

    def __init__(self, chance: random.Random, number: int, at: datetime) -> None:
        self.chance, self.at = chance, at
        self.queue = chance.choices(QUEUES, (6, 3, 1))[0]
        self.priority = chance.choices(PRIORITIES, (1, 3, 8, 4) if self.queue != "security" else (6, 3, 1, 1))[0]
        self.agent = f"agent:{chance.choice(AGENTS)}"
        self.events: list[Event] = []
        self.ticket: Ticket = {
            "number": number, "opened_at": at, "category": chance.choice(CATEGORIES), "platform": chance.choice(PLATFORMS),
            "lang": chance.choices(("zh", "en"), (9, 1))[0], "queue": self.queue, "priority": self.priority,
            "sla": promise(self.queue, self.priority),
        }  # fmt: skip

    def told(self) -> tuple[Ticket, list[Event]]:
        self.happens("opened", "bot")
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            self.happens("bot_replied", "bot", 5)
            self.happens("user_replied", "user", 240)
        if self.chance.random() < 0.3:
            self.happens("resolved", "bot", 60)
            return self.ticket, self.events
        self.happens("escalated", "bot", 5, queue=self.queue, promise=self.ticket["sla"])
        self.with_people()
        return self.ticket, self.events

    def with_people(self) -> None:
        self.rounds()
        if self.chance.random() < 0.02:
            self.happens("merged", self.agent, 600)
            return
        self.answers("resolved", 2400)
        if self.chance.random() < 0.08:
            self.happens("user_replied", "user", 40_000)
            self.happens("reopened", "user", 30)
            self.rounds()
            self.answers("resolved", 3600)
        if self.chance.random() < 0.5:
            self.happens("closed", "system", 86_400 * 3)

    def rounds(self) -> None:
        for _ in range(self.chance.choice(_ROUNDS)):
            luck = self.chance.random()
            if luck < 0.05:
                self.priority = self.chance.choice(PRIORITIES)
                self.changes("priority_changed", priority=self.priority)
            elif luck < 0.1:
                self.queue = self.chance.choice(QUEUES)
                self.changes("queue_changed", queue=self.queue)
            elif luck < 0.2:
                self.happens("note", self.agent, 1200)
            if self.chance.random() < 0.95:
                self.answers("agent_replied", 3000)
            if self.chance.random() < 0.3:
                self.waits()
            elif self.chance.random() < 0.6:
                self.happens("user_replied", "user", 3000)

    def waits(self) -> None:
        """For the user, who usually answers; or for somebody else."""
        if self.chance.random() < 0.7:
            self.happens("pending_user", self.agent, 20)
            self.happens("user_replied" if self.chance.random() < 0.8 else "resumed", "user", 15_000)
        else:
            self.happens("on_hold", self.agent, 20)
            self.happens("resumed", self.agent, 60_000)

    def changes(self, kind: str, **data: str) -> None:
        self.happens(kind, self.agent, 1500, **data, promise=promise(self.queue, self.priority))

    def answers(self, kind: str, typical_s: int) -> None:
        """What an agent does, sooner when it is urgent; on business calendars mostly between nine and six."""
        hurry = {"P1": 0.12, "P2": 0.5, "P3": 1.0, "P4": 1.6}[self.priority]
        self.passes(typical_s * hurry)
        local = self.at.astimezone(ZONE)
        if CALENDARS[self.queue] != "24x7" and not 9 <= local.hour < 18 and self.chance.random() < 0.95:
            morning = local.replace(hour=9, minute=0, second=0) + timedelta(days=1 if local.hour >= 18 else 0)
            self.at = morning.astimezone(UTC) + timedelta(seconds=self.chance.randrange(5400))
        self.happens(kind, self.agent)

    def happens(self, kind: str, actor: str, typical_s: float = 0, **data: Any) -> None:
        self.passes(typical_s)
        self.events.append({"at": self.at, "type": kind, "actor": actor, "data": data})

    def passes(self, typical_s: float) -> None:
        """Mostly about so long, sometimes very much longer; in whole seconds."""
        self.at += timedelta(seconds=round(typical_s * self.chance.lognormvariate(0, 0.9)))
