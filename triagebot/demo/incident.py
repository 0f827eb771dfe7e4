"""The one incident of the made-up week: a supervisor sees it, unless the detector did before, says what people should know,
gathers the tickets, and says when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.demo import cast
from triagebot.demo.week import Week
from triagebot.desk import verbs
from triagebot.desk.tickets import OPEN_STATES
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Agent, Ticket

_SEEN_AFTER_MIN, _ACKNOWLEDGED_AFTER_MIN, _SAID_AFTER_MIN = 16, 21, 34
_GATHERS_EVERY_MIN = 8


@dataclass
class Supervisor:
    """``agent_id``: their row; ``begin``: when it began."""

    agent_id: int
    begin: datetime

    def plan(self, week: Week) -> None:
        week.at(self.begin + timedelta(minutes=_SEEN_AFTER_MIN), self._open)
        week.at(self.begin + timedelta(minutes=_ACKNOWLEDGED_AFTER_MIN), self._acknowledge)
        week.at(self.begin + timedelta(minutes=_SAID_AFTER_MIN), self._say)
        for minutes in range(_SEEN_AFTER_MIN + 2, cast.INCIDENT_LASTS_MIN, _GATHERS_EVERY_MIN):
            week.at(self.begin + timedelta(minutes=minutes), self._gather)
        week.at(self.begin + timedelta(minutes=cast.INCIDENT_LASTS_MIN), self._resolve)

    async def _open(self, week: Week) -> None:
        if await week.app.store.read(_incident) is None:
            await week.app.store.write(
                self._do, week, "incident_open", f"{cast.INCIDENT_CATEGORY} {cast.INCIDENT_TITLE}"
            )

    async def _acknowledge(self, week: Week) -> None:
        await week.app.store.write(self._about, week, "incident_ack", "")

    async def _say(self, week: Week) -> None:
        await week.app.store.write(self._about, week, "incident_status", f" {cast.INCIDENT_STATUS}")

    async def _resolve(self, week: Week) -> None:
        await week.app.store.write(self._about, week, "incident_resolve", f" {cast.INCIDENT_OVER}")

    async def _gather(self, week: Week) -> None:
        await week.app.store.write(self._attach_all, week)

    def _attach_all(self, session: Session, week: Week) -> None:
        incident = _incident(session)
        if incident is None:
            return
        mine = select(Ticket.id).where(
            Ticket.category == cast.INCIDENT_CATEGORY, col(Ticket.created_at) >= self.begin, col(Ticket.incident_id).is_(None),
            col(Ticket.status).in_(sorted(OPEN_STATES)),
        )  # fmt: skip
        for number in session.exec(mine).all():
            self._do(session, week, "attach", f"{number} {incident.id}")

    def _about(self, session: Session, week: Week, verb: str, words: str) -> None:
        incident = _incident(session)
        if incident is not None:
            self._do(session, week, verb, f"{incident.id}{words}")

    def _do(self, session: Session, week: Week, verb: str, words: str) -> None:
        agent = session.get_one(Agent, self.agent_id)
        verbs.attempt(session, week.app.office, agent, verb, words, week.clock())


def _incident(session: Session) -> Incident | None:
    """The newest of this trouble, whoever opened it."""
    mine = select(Incident).where(Incident.category == cast.INCIDENT_CATEGORY)
    return session.exec(mine.order_by(col(Incident.id).desc()).limit(1)).first()
