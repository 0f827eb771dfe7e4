"""How much each person has in hand, and who has the least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.store.tables import Agent, Ticket

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Load:
    """How many open tickets each agent has; counted when it is first needed, kept up to date in one sweep."""

    session: Session
    staff: Sequence[Agent]
    _open: dict[int, int] = field(default_factory=dict)

    def of(self, people: Sequence[Agent]) -> Mapping[int, int]:
        """Open tickets by the id of each of ``people``."""
        unknown = [a.id for a in people if a.id not in self._open]
        if unknown:
            query = select(Ticket.assignee_id, func.count()).where(
                col(Ticket.assignee_id).in_(unknown), col(Ticket.status).in_(sorted(HUMAN_STATES))
            )
            counted = dict(self.session.exec(query.group_by(col(Ticket.assignee_id))).all())
            self._open |= {number or 0: counted.get(number, 0) for number in unknown}
        return self._open

    def least_busy(self, queue: str, but: int | None) -> Agent | None:
        """The agent of ``queue`` with the fewest open tickets, of those who are available if anybody is, among equals who was
        added first; supervisors are told of tickets, they are not given them."""
        fit = [a for a in self.staff if a.role == "agent" and a.user and a.id != but and agents.works_on(a, queue)]
        fit = [a for a in fit if a.available] or fit
        load = self.of(fit)
        return min(fit, key=lambda a: (load[a.id or 0], a.id), default=None)

    def moved(self, before: int | None, after: int | None) -> None:
        for number, change in ((before, -1), (after, 1)):
            if number in self._open:
                self._open[number] += change


def whose_turn(people: Sequence[Agent], load: Mapping[int, int], most: int) -> Agent | None:
    """Of those who are available for a queue, the one with the fewest open tickets, among equals who was given one longest ago;
    supervisors only where nobody else is there. None: each of them has ``most`` already."""
    fit = [a for a in people if a.role == "agent"] or people
    free = [a for a in fit if load[a.id or 0] < most]
    return min(free, key=lambda a: (load[a.id or 0], a.assigned_at or _NEVER, a.id), default=None)
