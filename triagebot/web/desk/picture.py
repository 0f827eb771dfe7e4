"""A screenshot that belongs to a ticket, personal data painted over: while this process has it, for who may see the ticket."""

from __future__ import annotations

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk import sight, tickets
from triagebot.store.tables import Agent, Ticket
from triagebot.web.desk.door import Visit
from triagebot.web.desk.ticket import number_of
from triagebot.web.site import HEADERS


async def show(visit: Visit) -> Response:
    """404 for what is not of this ticket, was erased, or is gone from memory: nobody learns which."""
    name = str(visit.request.path_params["name"])
    data = visit.site.keepsakes.find(name)
    if not data or not await visit.site.store.read(_belongs, visit, number_of(visit), name):
        return Response(status_code=404, headers=dict(HEADERS))
    return Response(data, media_type="image/jpeg", headers=dict(HEADERS))


def _belongs(session: Session, visit: Visit, number: int, name: str) -> bool:
    """DeniedError when the ticket is none of this agent's."""
    ticket = session.get(Ticket, number)
    if ticket is None:
        return False
    sight.must_see(visit.site.office, session.get_one(Agent, visit.agent.id), ticket)
    return any(event.data.get("keepsake") == name for event in tickets.timeline(session, number))
