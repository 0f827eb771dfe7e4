"""Searching all tickets: what a query (desk.find) finds, newest first, with the words around each find.

An agent finds tickets of the queues that they work on, and those that no queue has yet; supervisors find all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, func, not_, select
from sqlmodel import Session

from triagebot.desk import cards
from triagebot.desk.finding.filters import KINDS, ME, NONE, Asking
from triagebot.desk.finding.find import Filter, Query, parse
from triagebot.desk.finding.indexing import WORDS
from triagebot.desk.finding.snippets import Piece, marked, snippet
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store import matching
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Conversation, Event, Ticket
from triagebot.text import spoken_span, spoken_time

MOST = 20
_TICKET, _EVENT, _AGENT, _CONVERSATION = (table_of(model) for model in (Ticket, Event, Agent, Conversation))
_KNOWN_AGENT = select(_AGENT.c.id).where(_AGENT.c.name == bindparam("name")).limit(1)
_TICKETS = (
    select(
        *(_TICKET.c[name] for name in ("id", "priority", "category", "platform", "status", "queue", "due_at", "due_metric",
                                       "summary", "created_at")),
        _CONVERSATION.c.user_name, _AGENT.c.name.label("holder"),
    )
    .join(_CONVERSATION, _CONVERSATION.c.id == _TICKET.c.conversation_id)
    .outerjoin(_AGENT, _AGENT.c.id == _TICKET.c.assignee_id)
    .where(_TICKET.c.id.in_(bindparam("numbers", expanding=True)))
)  # fmt: skip
_SAID = select(_EVENT.c.id, _EVENT.c.at, _EVENT.c.type, _EVENT.c.actor, _EVENT.c.data).where(
    _EVENT.c.id.in_(bindparam("events", expanding=True))
)


@dataclass(frozen=True)
class Found:
    """A ticket. ``holder``, ``person``: names, "" for none. ``event``: the newest message in which the words were found, None
    when only filters were asked for. ``by``: user | bot | system | agent, with ``agent_name`` for the last."""

    number: int
    priority: str
    category: str
    platform: str
    status: str
    queue: str
    holder: str
    person: str
    due_at: datetime | None
    due_metric: str
    event: int | None
    at: datetime
    by: str
    agent_name: str
    snippet: tuple[Piece, ...]


@dataclass(frozen=True)
class Results:
    """``more``: there are more than these."""

    found: tuple[Found, ...]
    more: bool


def search(session: Session, office: Office, agent: Agent, query: Query, now: datetime, most: int = MOST) -> Results:
    """DeskError for a query that asks for nothing, and for an assignee whom nobody knows."""
    pairs = numbers(session, agent, query, now, most + 1)
    return Results(_found(session, query, pairs[:most]), len(pairs) > most)


def numbers(session: Session, agent: Agent, query: Query, now: datetime, most: int) -> list[tuple[int | None, int]]:
    """The event that holds the words (None when there are none), and the ticket; newest first. Raises as ``search``."""
    where = conditions(session, agent, query, now)
    connection = session.connection()
    if query.words:
        found = matching.newest(connection, matching.Wanted(query.words, query.without, where), most)
        return [(event, ticket) for event, ticket in found]
    if query.without:
        raise DeskError(say(agent.lang, "find.only_without"))
    if not query.filters and query.number is None:
        raise DeskError(say(agent.lang, "find.nothing"))
    rows = connection.execute(select(_TICKET.c.id).where(*where).order_by(_TICKET.c.id.desc()).limit(most))
    return [(None, ticket) for ticket in rows.scalars()]


def conditions(session: Session, agent: Agent, query: Query, now: datetime) -> list[ColumnElement[bool]]:
    """What must hold of a ticket: that the agent may find it, and every filter. DeskError for an unknown assignee."""
    asking = Asking(agent.id, now)
    where = [_one(session, agent, asking, one) for one in query.filters]
    if query.number is not None:
        where.append(_TICKET.c.id == query.number)
    return [*where, *visible(agent)]


def visible(agent: Agent) -> list[ColumnElement[bool]]:
    """Nothing for whoever sees all tickets."""
    if agents.may(agent, "supervisor") or not agent.queues:
        return []
    return [_TICKET.c.queue.in_(["", *agent.queues.split(",")])]


def _one(session: Session, agent: Agent, asking: Asking, one: Filter) -> ColumnElement[bool]:
    named = one.name == "assignee" and one.value not in (ME, NONE)
    if named and run(session, _KNOWN_AGENT, {"name": one.value}).first() is None:
        raise DeskError(say(agent.lang, "find.no_such_agent", name=one.value))
    holds = KINDS[one.name].where(one.value, asking)
    return not_(func.coalesce(holds, false())) if one.excluded else holds


def _found(session: Session, query: Query, pairs: Sequence[tuple[int | None, int]]) -> tuple[Found, ...]:
    rows = {row.id: row for row in run(session, _TICKETS, {"numbers": [ticket for _, ticket in pairs]})}
    events = [event for event, _ in pairs if event is not None]
    said = {row.id: row for row in run(session, _SAID, {"events": events})} if events else {}
    return tuple(_put_together(query, rows[ticket], said.get(event or 0)) for event, ticket in pairs if ticket in rows)


def _put_together(query: Query, row: Any, said: Any) -> Found:
    words = said.data.get(WORDS[said.type], "") if said is not None and said.type in WORDS else row.summary
    pieces = snippet(words, query.words)
    if said is not None and not any(piece.hit for piece in pieces) and row.user_name:
        pieces = snippet(row.user_name, query.words)
    return Found(
        number=row.id, priority=row.priority, category=row.category, platform=row.platform, status=row.status,
        queue=row.queue, holder=row.holder or "", person=row.user_name, due_at=row.due_at, due_metric=row.due_metric,
        event=said.id if said is not None else None, at=said.at if said is not None else row.created_at,
        by=said.actor.partition(":")[0] if said is not None and said.type in WORDS else "user",
        agent_name=said.data.get("agent_name", "") if said is not None else "", snippet=pieces,
    )  # fmt: skip


def verb(call: Call) -> str:
    """What a query finds, for the chat and the shell: /search WORDS."""
    query = parse(call.text, call.office, call.lang)
    results = search(call.session, call.office, call.agent, query, call.now)
    if not results.found:
        return say(call.lang, "find.none")
    lines = [_line(call, found) for found in results.found]
    more = [say(call.lang, "find.more", count=len(lines))] if results.more else []
    return "\n".join([*lines, *more])


def _line(call: Call, found: Found) -> str:
    lang = call.lang
    head = say(lang, "list.line", mark=cards.MARKS.get(found.priority, ""), number=found.number, priority=found.priority,
               category=call.office.title(found.category, lang),
               status=say(lang, f"status.{found.status}", agent=found.holder))  # fmt: skip
    who = found.agent_name or found.person or say(lang, f"actor.{found.by}")
    said = say(lang, "find.said", at=spoken_time(found.at, call.now, call.office.zone, lang), who=who,
               words=marked(found.snippet))  # fmt: skip
    return f"{' '.join(part for part in (head, _due(call, found)) if part)}\n{said}"


def _due(call: Call, found: Found) -> str:
    if found.due_at is None:
        return ""
    metric = say(call.lang, f"metric.{found.due_metric}")
    if found.due_at < call.now:
        span = spoken_span((call.now - found.due_at).total_seconds(), call.lang)
        return say(call.lang, "find.late", metric=metric, span=span)
    return say(
        call.lang, "find.due", metric=metric, at=spoken_time(found.due_at, call.now, call.office.zone, call.lang)
    )
