"""Reports made by hand, for tests of the forms in which they are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triagebot.desk.periods import Period
from triagebot.report.figures import (
    AgentFigures,
    Backlog,
    Breach,
    CategoryFigures,
    Figures,
    Filters,
    Point,
    QueueFigures,
    Ratings,
    Report,
    Share,
    Times,
)

UNTIL = datetime(2026, 11, 22, 16, tzinfo=UTC)
"""Midnight in Shanghai, from Sunday the 22nd to Monday."""
WEEK = Period(UNTIL - timedelta(days=7), UNTIL)
TITLES = {"customer_service": "人工客服", "verification.face": "刷脸不过"}


def breach(ticket: int, *, agent: str = "李静", late_s: int = 5400, open: bool = False) -> Breach:
    at = WEEK.since + timedelta(hours=10)
    return Breach(ticket, "first_response", "customer_service", "P3", "verification.face", agent, at, at, late_s, open)


def figures(period: Period = WEEK, *, agent: str = "李静", breaches: int = 2) -> Figures:
    heat = tuple(tuple((day + 1) * hour % 7 for hour in range(24)) for day in range(7))
    share = {"first_response": Share(75, 78), "resolution": Share(40, 50)}
    return Figures(
        period=period, opened=412, escalated=96, resolved=380, by_bot=Share(300, 380), left_alone=12,
        reopened=Share(8, 380), attainment=share,
        times={"first_response": Times(78, 720.0, 6000.0, 900.0, 50_000.0),
               "resolution": Times(50, 18_000.0, 57_600.0, 80_000.0, 250_000.0)},
        breaches=tuple(breach(n, agent=agent, open=n == 1) for n in range(1, breaches + 1)),
        backlog=Backlog(23, {"queued": 20, "pending": 3}, (10, 8, 4, 1), 90_000.0, 600_000.0, 7, 15, 1),
        ratings=Ratings((1, 0, 2, 9, 20)), unclear=Share(33, 412), asked=Share(50, 412), overridden=Share(9, 412),
        arrivals=heat, breach_hours=heat,
        course=tuple(Point(period.since + timedelta(days=n), 60 - n, 14, 50 + n, 20 + n) for n in range(7)),
        queues=(QueueFigures("customer_service", 96, 80, share, breaches, 23),),
        agents=(AgentFigures(agent, 90, Times(40, 600.0, 4000.0, 700.0, 5000.0), 44, share, 4.5, 20),),
        categories=(CategoryFigures("verification.face", 200, 40),),
    )  # fmt: skip


def report(*, agent: str = "李静", breaches: int = 2) -> Report:
    before = replace(figures(WEEK.before(), agent=agent), opened=400, by_bot=Share(290, 380))
    titles = {"zh": TITLES, "en": {name: f"{title} (en)" for name, title in TITLES.items()}}
    return Report(Filters(), "Asia/Shanghai", UNTIL + timedelta(hours=1), figures(agent=agent, breaches=breaches), before,
                  titles)  # fmt: skip


def empty() -> Report:
    return Report(Filters(), "Asia/Shanghai", UNTIL, Figures(WEEK), Figures(WEEK.before()), {})
