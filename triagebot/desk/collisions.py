"""Two agents answer one person: whoever comes second is told before anything is sent, and decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from triagebot.desk.buttons import Answer, button
from triagebot.desk.team import presence
from triagebot.desk.work import Call
from triagebot.locale import say
from triagebot.store.tables import Agent, Event, Ticket
from triagebot.text import one_line, spoken_time

RECENT = timedelta(minutes=2)
"""An answer of a colleague that is older than this is no surprise."""
KEPT = timedelta(minutes=5)
"""How long what was held back may be sent by saying so."""
HELD = "reply_held"
_SHOWN = 60
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Clash:
    """``sent``: the colleague's words have gone to the user; else they are still writing them."""

    name: str
    at: datetime
    words: str
    sent: bool


def clash(session: Session, ticket: Ticket, agent: Agent, now: datetime) -> Clash | None:
    """What ``agent`` may not know when answering ``ticket`` now: a colleague's answer since they last looked, or one in the
    making."""
    looked = presence.last_look(session, ticket, agent) or _NEVER
    answers = select(Event).where(
        Event.ticket_id == ticket.id, Event.type == "agent_replied", Event.actor != f"agent:{agent.id}",
        col(Event.at) > looked, col(Event.at) >= now - RECENT,
    )  # fmt: skip
    last = session.exec(answers.order_by(col(Event.id).desc()).limit(1)).first()
    if last is not None:
        return Clash(last.data.get("agent_name", "?"), last.at, last.data.get("text", ""), sent=True)
    writing = [other for other in presence.others(session, ticket, agent, now) if other.writing]
    return Clash(writing[0].name, writing[0].draft_at or now, writing[0].draft, sent=False) if writing else None


def answered_since(session: Session, ticket: Ticket, agent: Agent, last_seen: int) -> Event | None:
    """The newest answer of anybody else that is not among the events up to ``last_seen``: a page knows what it showed."""
    query = select(Event).where(
        Event.ticket_id == ticket.id, col(Event.id) > last_seen, Event.type == "agent_replied",
        Event.actor != f"agent:{agent.id}",
    )  # fmt: skip
    return session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()


def hold(call: Call, text: str, found: Clash, **data: Any) -> Answer:
    """Keep ``text``, and say why it was not sent. ``data``: as it would stand in the event of the answer."""
    call.record(HELD, text=text, **data)
    presence.seen(call.session, call.the_ticket, call.agent, text, call.now)
    at = spoken_time(found.at, call.now, call.office.zone, call.lang)
    words = say(call.lang, "desk.held_after" if found.sent else "desk.held_beside", number=call.the_ticket.id,
                agent=found.name, at=at, text=one_line(found.words, _SHOWN))  # fmt: skip
    return Answer(words, ((button("send", call.the_ticket.id, call.lang), button("show", call.the_ticket.id, call.lang)),),
                  done=False)  # fmt: skip


def held(session: Session, ticket: Ticket, agent: Agent, now: datetime) -> Event | None:
    """What ``agent`` wrote last on ``ticket`` and was held back, unless they have answered since, or it is too long ago."""
    mine = select(Event).where(
        Event.ticket_id == ticket.id, Event.actor == f"agent:{agent.id}",
        col(Event.type).in_((HELD, "agent_replied")), col(Event.at) >= now - KEPT,
    )  # fmt: skip
    last = session.exec(mine.order_by(col(Event.id).desc()).limit(1)).first()
    return last if last is not None and last.type == HELD and "text" in last.data else None
