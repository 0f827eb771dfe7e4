"""What people hear of the steps that were taken: each person one message, whatever came together in it.

Steps and words are kept apart: a step leaves a Notice row that says whom it concerns and when they are to hear of it.
So a stop of hours ends in one summary, quiet hours move words to the morning, and a kill in between loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from triagebot.desk import user_warning
from triagebot.desk.measures import HANDED, NOBODY
from triagebot.desk.office import Office
from triagebot.desk.steps import BREACH
from triagebot.desk.team import agents
from triagebot.desk.ticket_clocks import Story, clock_id, clocks_of, stories
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Button, Outgoing
from triagebot.sla.clocks import Clock
from triagebot.store import outbox
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import table_of
from triagebot.store.tables import Agent, Notice, Ticket
from triagebot.text import spoken_span, spoken_time

TO_STAFF = frozenset({"notify_assignee", "notify_supervisor"})
"""Steps that are words to colleagues; ``tell_user`` is words to the person; the others change the ticket
(desk.measures)."""
_MOST_NOTICES = 5000
_MOST_LINES = 20

_NOTICE = table_of(Notice)
# By tell_at, not by id: SQLite would rather walk through all notices ever than sort a few.
_WAITING = (
    sa.select(_NOTICE.c.id, _NOTICE.c.ticket_id, _NOTICE.c.clock, _NOTICE.c.step, _NOTICE.c.at, _NOTICE.c.tell,
              _NOTICE.c.tell_at)
    .where(_NOTICE.c.tell_at <= sa.bindparam("now", type_=UtcDateTime))
    .order_by(_NOTICE.c.tell_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
)  # fmt: skip
_MOVE = (
    sa.update(_NOTICE)
    .where(_NOTICE.c.id.in_(sa.bindparam("numbers", expanding=True)))
    .values(tell_at=sa.bindparam("to", type_=UtcDateTime))
)


class _Waiting(NamedTuple):
    """A Notice row that is to be told; sorted in the order in which the steps were taken."""

    id: int
    ticket_id: int
    clock: str
    step: str
    at: datetime
    tell: str
    tell_at: datetime


@dataclass(frozen=True)
class _Line:
    """One line of a message: ``key`` names the words."""

    ticket: Ticket
    clock: Clock
    key: str
    share: str = ""

    @property
    def grave(self) -> bool:
        return self.ticket.priority == "P1" or self.key != "notice.warning"


@dataclass
class _Post:
    """Letters in the making. ``unsupervised``: people of a queue who hear what no supervisor can."""

    session: Session
    office: Office
    now: datetime
    staff: Sequence[Agent]
    letters: dict[int, list[_Line]] = field(default_factory=lambda: defaultdict(list))
    unsupervised: set[int] = field(default_factory=set)

    def put(self, people: Iterable[Agent], line: _Line) -> None:
        for person in people:
            self.letters[person.id or 0].append(line)

    def holder(self, number: int | None) -> list[Agent]:
        return [a for a in self.staff if a.id == number and a.user]

    def in_charge(self, ticket: Ticket) -> list[Agent]:
        """Who has the ticket, or its queue while nobody reachable has it."""
        return self.holder(ticket.assignee_id) or self.queue(ticket)

    def queue(self, ticket: Ticket) -> list[Agent]:
        return [a for a in self.staff if a.user and agents.works_on(a, ticket.queue)]

    def answerable(self, ticket: Ticket) -> list[Agent]:
        """Supervisors, and who has the ticket; its queue, which is told why, when there is none of these to tell."""
        above = [a for a in self.staff if a.user and agents.may(a, "supervisor")]
        found = list({a.id: a for a in [*above, *self.holder(ticket.assignee_id)]}.values())
        if not found:
            found = self.queue(ticket)
            self.unsupervised |= {a.id or 0 for a in found}
        return found


def tell(session: Session, office: Office, now: datetime) -> None:
    """Say everything whose time has come. What was settled in the night, or said more gravely since, is not said."""
    notices = sorted(_Waiting(*row) for row in session.execute(_WAITING, {"now": now, "most": _MOST_NOTICES}))
    if not notices:
        return
    numbers = sorted({notice.ticket_id for notice in notices})
    found = select(Ticket).where(col(Ticket.id).in_(numbers)).with_for_update(skip_locked=True)
    tickets = {t.id or 0: t for t in session.exec(found)}
    notices = [notice for notice in notices if notice.ticket_id in tickets]
    quiet = office.quiet_until(now)
    held = {n.id for n in notices if quiet is not None and tickets[n.ticket_id].priority != "P1"}
    _move(session, held, quiet)
    _move(session, {n.id for n in notices} - held, None)
    _say(session, office, [n for n in notices if n.id not in held], tickets, now)


def _move(session: Session, numbers: set[int], to: datetime | None) -> None:
    if numbers:
        session.execute(_MOVE, {"numbers": sorted(numbers), "to": to})


def _say(
    session: Session, office: Office, notices: Sequence[_Waiting], tickets: Mapping[int, Ticket], now: datetime
) -> None:
    spoken_of = {n.ticket_id: tickets[n.ticket_id] for n in notices}
    told = stories(session, spoken_of.values())
    clocks = {n: {clock_id(c): c for c in clocks_of(office, t, told[n], now)} for n, t in spoken_of.items()}
    gravest = {(n.ticket_id, n.clock): n.id for n in notices if TO_STAFF.intersection(n.tell.split())}
    post = _Post(session, office, now, agents.listed(session))
    persons: list[tuple[Ticket, Clock, Story]] = []
    for notice in notices:
        ticket, clock = tickets[notice.ticket_id], clocks[notice.ticket_id].get(notice.clock)
        if clock is None or _settled(notice, ticket, clock):
            continue
        _address(post, notice, ticket, clock, gravest=gravest.get((notice.ticket_id, notice.clock)) == notice.id)
        if "tell_user" in notice.tell:
            persons.append((ticket, clock, told[notice.ticket_id]))
    user_warning.warn(session, office, persons, now)
    for number, lines in post.letters.items():
        _write(post, number, lines)


def _settled(notice: _Waiting, ticket: Ticket, clock: Clock) -> bool:
    """Nobody waits any more. A breach is told nevertheless, unless it was settled before the quiet hours ended."""
    if notice.step == BREACH and notice.tell_at == notice.at:
        return False
    return clock.met_at is not None or ticket.status not in HUMAN_STATES


def _address(post: _Post, notice: _Waiting, ticket: Ticket, clock: Clock, *, gravest: bool) -> None:
    whom = notice.tell.split()
    if gravest:
        key = "notice.breach" if notice.step == BREACH else "notice.still" if clock.state == "breached" else ""
        line = _Line(ticket, clock, key or "notice.warning", "" if key else f"{float(notice.step):.0%}")
        people = post.in_charge(ticket) if "notify_assignee" in whom else []
        people += post.answerable(ticket) if "notify_supervisor" in whom else []
        post.put({a.id: a for a in people}.values(), line)
    for word in whom:
        name, _, number = word.partition(":")
        if name == HANDED:
            post.put(
                [*post.holder(ticket.assignee_id), *post.holder(int(number))], _Line(ticket, clock, "notice.handed")
            )
        elif name == NOBODY:
            post.put(post.answerable(ticket), _Line(ticket, clock, "notice.nobody"))


def _write(post: _Post, number: int, lines: list[_Line]) -> None:
    """All that one person must hear, the gravest first; beyond a screenful the rest is counted."""
    person = next(a for a in post.staff if a.id == number)
    to = agents.address(person)
    if to is None:
        return
    urgent = any(line.grave for line in lines)
    lines = sorted(lines, key=lambda line: (line.ticket.priority != "P1", not line.grave))
    words = [_words(post, line, person.lang) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        words.append(say(person.lang, "notice.more", count=len(lines) - _MOST_LINES))
    if number in post.unsupervised:
        words.append(say(person.lang, "notice.unsupervised"))
    single = lines[0].ticket if len(lines) == 1 else None
    buttons = ((Button(say(person.lang, "verb.show.button"), f"show:{single.id}"),),) if single else ()
    outbox.put(post.session, to, Outgoing(text="\n".join(words), buttons=buttons, ticket=single.id if single else None),
               now=post.now, priority=PRIORITY_URGENT if urgent else PRIORITY_NOTICE,
               ticket_id=single.id if single else None)  # fmt: skip


def _words(post: _Post, line: _Line, lang: str) -> str:
    ticket, now = line.ticket, post.now
    due = line.clock.due_at or now
    holder = "、".join(a.name for a in post.holder(ticket.assignee_id))
    return say(lang, line.key, number=ticket.id, priority=ticket.priority,
               category=post.office.title(ticket.category, lang), metric=say(lang, f"metric.{line.clock.metric}"),
               share=line.share, at=spoken_time(due, now, post.office.zone, lang), agent=holder,
               span=spoken_span((due - now).total_seconds(), lang))  # fmt: skip
