"""Colleagues at work: they take what is most urgent, answer, and end what is answered; each at their own pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.demo.cast import Colleague
from triagebot.demo.week import Week
from triagebot.desk import macros, verbs
from triagebot.desk.team import agents
from triagebot.store.tables import Agent, Event, Ticket

_SPOKEN = ("escalated", "reopened", "user_replied", "agent_replied")
_LOOKS_EVERY_MIN = 30.0
"""When they are off: whether it is time to come in."""
_QUIET = timedelta(minutes=50)
"""So long after an answer that brought no more questions, a ticket is taken for solved."""
_LINES = {
    "zh": (
        "您好，我是{name}，已看到您的情况。{step}",
        "{name}：让您久等了。{step}做完告诉我结果，不行我接着帮您。",
        "您好，这种情况一般这样处理：{step}",
    ),
    "en": ("Hello, {name} here. {step}", "Thank you for waiting. {step} Tell me how it went."),
}
_NOTES = ("已请用户白天再试一次", "用户手机号可能换过，先核对预留号码", "同类问题今天第三单，留意", "等机构回函")
_TAGS = ("急", "回访", "老年用户", "换过手机号", "等机构")


@dataclass
class Worker:
    """``agent_id``: their row; ``colleague``: how they work."""

    agent_id: int
    colleague: Colleague

    def is_in(self, week: Week) -> bool:
        here = week.clock().astimezone(week.app.office.zone)
        first, last = self.colleague.hours
        day = (here.date() - week.begin.astimezone(week.app.office.zone).date()).days
        return (
            first <= here.hour < last
            and (self.colleague.weekend or here.weekday() < 5)
            and day not in self.colleague.away
        )

    async def work(self, week: Week) -> None:
        """One thing, and then the next: for as long as they are in."""
        await self._sign_on(week)
        if self.is_in(week):
            await week.app.store.write(self._one_thing, week)
            week.app.said.ring()
        week.after(week.some_minutes(self.colleague.pace_min) if self.is_in(week) else _LOOKS_EVERY_MIN, self.work)

    async def _sign_on(self, week: Week) -> None:
        """Available while they are in."""
        await week.app.store.write(self._available, week, self.is_in(week))

    def _available(self, session: Session, week: Week, wanted: bool) -> None:
        agent = session.get_one(Agent, self.agent_id)
        if agent.available != wanted:
            self._do(session, week, "available", "on" if wanted else "off")

    def _one_thing(self, session: Session, week: Week) -> None:
        agent = session.get_one(Agent, self.agent_id)
        mine = (
            select(Ticket)
            .where(col(Ticket.status).in_(("queued", "assigned")))
            .order_by(Ticket.priority, col(Ticket.due_at))
        )
        for ticket in session.exec(mine):
            if ticket.assignee_id not in (None, self.agent_id) or not agents.works_on(agent, ticket.queue):
                continue
            last = _last_spoken(session, ticket)
            if last is None or last.type != "agent_replied":
                self._answer(session, week, ticket)
                return
            if ticket.assignee_id == self.agent_id and week.clock() - last.at > _QUIET:
                self._do(session, week, "resolve", f"{ticket.id}")
                return

    def _answer(self, session: Session, week: Week, ticket: Ticket) -> None:
        if ticket.assignee_id is None:
            self._do(session, week, "take", f"{ticket.id}")
        if week.chance.random() < 0.12:
            self._do(session, week, "note", f"{ticket.id} {week.chance.choice(_NOTES)}")
        if week.chance.random() < 0.2:
            self._do(session, week, "tag", f"{ticket.id} {week.chance.choice(_TAGS)}")
        chosen = [macro.id for macro in macros.fitting(week.app.office, ticket)]
        if chosen and week.chance.random() < 0.3:
            self._do(session, week, "macro", f"{week.chance.choice(chosen)} {ticket.id}")
        else:
            self._do(session, week, "reply", f"{ticket.id} {self._words(week, ticket)}")
        if week.chance.random() < 0.1:
            self._do(session, week, "pending", f"{ticket.id}")

    def _words(self, week: Week, ticket: Ticket) -> str:
        """A step that the rules give for this kind of problem."""
        category = week.app.office.book.categories.get(ticket.category)
        steps = [step.in_(ticket.lang) for fix in category.fixes for step in fix.steps] if category else []
        step = week.chance.choice(steps) if steps else ""
        line = week.chance.choice(_LINES["en" if ticket.lang == "en" else "zh"])
        return line.format(name=self.colleague.name, step=step)

    def _do(self, session: Session, week: Week, verb: str, words: str) -> verbs.Attempt:
        agent = session.get_one(Agent, self.agent_id)
        return verbs.attempt(session, week.app.office, agent, verb, words, week.clock())


def _last_spoken(session: Session, ticket: Ticket) -> Event | None:
    query = select(Event).where(Event.ticket_id == ticket.id, col(Event.type).in_(_SPOKEN))
    return session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()


def hired(session: Session, colleague: Colleague, now: datetime) -> int:
    """The number of a new colleague, who is reached on the web desk only."""
    added = agents.add(session, colleague.name, now, role=colleague.role, queues=colleague.queues)
    return added.id or 0
