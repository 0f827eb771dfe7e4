"""An open ticket page says every few seconds that its agent is there, and keeps what they have written so far."""

from __future__ import annotations

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk import drafts, sight, tickets
from triagebot.desk.team import presence
from triagebot.desk.team.presence import Other
from triagebot.store.tables import Agent
from triagebot.text import clip
from triagebot.web.desk.door import Visit
from triagebot.web.desk.ticket import LONGEST, number_of


async def beat(visit: Visit) -> Response:
    """POST /desk/tickets/N/presence; the answer: who else is there."""
    others = await visit.site.store.write(_seen, visit, number_of(visit), clip(visit.field("text"), LONGEST))
    return visit.page("desk/ticket/others.html", others=others)


def _seen(session: Session, visit: Visit, number: int, draft: str) -> list[Other]:
    agent, ticket = session.get_one(Agent, visit.agent.id), tickets.get(session, number)
    sight.must_see(visit.site.office, agent, ticket)
    drafts.keep(session, ticket, agent, draft, visit.now)
    return presence.others(session, ticket, agent, visit.now)
