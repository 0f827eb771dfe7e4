"""The page of one person, reached from their tickets: what they came with, how it ended, and their data out or gone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from triagebot.access import audit
from triagebot.desk import erase, person
from triagebot.desk.afterwards import ratings
from triagebot.desk.office import Office
from triagebot.desk.person import Person
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Conversation
from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS

CONFIRMED = "yes"


async def show(visit: Visit, told: str = "") -> Response:
    found, why = await visit.site.store.read(_read, _number(visit), visit.lang)
    name = found.conversation.user_name or say(visit.lang, "web.users.nameless")
    stars = [ticket.rating for ticket in found.tickets if ticket.rating is not None]
    return visit.page("desk/user.html", heading=name, person=found, why=why, told=told, office=visit.site.office,
                      mean=f"{sum(stars) / len(stars):.1f}" if stars else "", rated=len(stars))  # fmt: skip


def _read(session: Session, number: int, lang: str) -> tuple[Person, dict[int, tuple[str, ...]]]:
    found = person.person(session, number, lang)
    return found, ratings.reasons(session, [t.id or 0 for t in found.tickets if t.rating is not None])


async def export(visit: Visit) -> Response:
    """A file; that it was taken is in the audit log."""
    found = await visit.site.store.write(_export, visit.agent, _number(visit), visit.now)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="triagebot_user_{_number(visit)}.json"'}
    return Response(json.dumps(found, ensure_ascii=False, indent=2), media_type="application/json", headers=headers)


def _export(session: Session, agent: Agent, number: int, now: datetime) -> list[dict[str, Any]]:
    conversation = person.person(session, number, agent.lang).conversation
    audit.note(session, now, f"agent:{agent.id}", "privacy export", target=f"conversation:{number}")
    return person.export(session, [conversation])


async def erase_(visit: Visit) -> Response:
    """Only with the box ticked: it cannot be taken back."""
    if visit.field("sure") != CONFIRMED:
        raise DeskError(say(visit.lang, "web.users.not_sure"))
    await visit.site.store.write(_erase, visit.site.office, visit.agent, _number(visit), visit.now)
    return await show(visit, say(visit.lang, "web.users.erased"))


def _erase(session: Session, office: Office, agent: Agent, number: int, now: datetime) -> None:
    conversation = session.get(Conversation, number, with_for_update=True, populate_existing=True)
    if conversation is None:
        raise DeskError(say(agent.lang, "desk.no_such_person"))
    erase.erase_whole(session, office, conversation, now)
    audit.note(session, now, f"agent:{agent.id}", "privacy erase", target=f"conversation:{number}")


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])
