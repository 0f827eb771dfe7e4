"""Who works at the desk: seen by all; invited by supervisors and admins; roles, queues and leaving are for admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from triagebot.access import audit
from triagebot.access.addresses import Addresses
from triagebot.desk.afterwards import ratings
from triagebot.desk.afterwards.ratings import Ratings
from triagebot.desk.periods import Period
from triagebot.desk.team import agents, invitations, people, roster
from triagebot.desk.team.invitations import Grant
from triagebot.desk.team.people import EVERYTHING, By
from triagebot.desk.team.roster import Colleague
from triagebot.desk.verbs import VERBS
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent
from triagebot.web.desk.door import Visit

_CONFIRMED = "yes"
_NO_RATINGS = Ratings(0, None, ())


@dataclass(frozen=True)
class Invited:
    """An invitation that was just made; nobody can look at it again."""

    link: str
    words: str
    role: str


async def show(visit: Visit, told: str = "", invited: Invited | None = None) -> Response:
    oversees = agents.may(visit.agent, "supervisor")
    found, rated = await visit.site.store.read(_read, visit.now, oversees)
    return visit.page("desk/people.html", heading=say(visit.lang, "web.nav.people"), told=told, found=found, invited=invited,
                      low=rated.low, office=visit.site.office, roles=agents.ROLES,
                      may_invite=[role for role in agents.ROLES if invitations.may_invite(visit.agent, role)],
                      has_available="available" in VERBS)  # fmt: skip


def _read(session: Session, now: datetime, oversees: bool) -> tuple[list[Colleague], Ratings]:
    """What people were rated is for those who answer for them."""
    lately = Period(now - roster.LATELY, now)
    rated = ratings.of(session, period=lately) if oversees else _NO_RATINGS
    return roster.colleagues(session, now, with_ratings=oversees), rated


async def invite(visit: Visit) -> Response:
    """The link is shown on the page that comes back, and kept nowhere."""
    grant = Grant(visit.field("role") or "agent", ",".join(_queues(visit)), visit.field("name"))
    token = await visit.site.store.write(_invite, visit.agent, grant, visit.now)
    if token is None:
        raise DeniedError(say(visit.lang, "people.may_not_invite", role=say(visit.lang, f"role.{grant.role}")))
    addresses = Addresses(visit.site.url)
    invited = Invited(addresses.join(token), invitations.words(addresses, token, visit.lang), grant.role)
    return await show(visit, say(visit.lang, "web.people.invited"), invited)


def _invite(session: Session, agent: Agent, grant: Grant, now: datetime) -> str | None:
    """None when they may not, which is noted."""
    people.of_role(By.agent(agent), grant.role)
    if not invitations.may_invite(agent, grant.role):
        audit.note(session, now, f"agent:{agent.id}", "invite", outcome="denied", data={"role": grant.role})
        return None
    return invitations.invite(session, By.agent(agent), grant, now)


async def change(visit: Visit) -> Response:
    """One of the verbs about people, for the person whose number stands in the path."""
    name = await visit.site.store.read(_name, int(visit.request.path_params["number"]), visit.lang)
    verb = visit.request.path_params["verb"]
    words = {
        "role": f"{name} {visit.field('role')}",
        "queues": f"{name} {','.join(_queues(visit)) or EVERYTHING}",
        "remove": name,
    }.get(verb)
    if words is None:
        raise DeskError(say(visit.lang, "desk.unknown_verb", verb=verb))
    if verb == "remove" and visit.field("sure") != _CONFIRMED:
        raise DeskError(say(visit.lang, "web.people.not_sure"))
    return await show(visit, await visit.done(verb, words))


def _name(session: Session, number: int, lang: str) -> str:
    found = session.get(Agent, number)
    if found is None or not found.active:
        raise DeskError(say(lang, "web.people.gone"))
    return found.name


def _queues(visit: Visit) -> list[str]:
    """The boxes that are ticked; all of them is the same as none."""
    ticked = [queue for queue in visit.form.getlist("queue") if isinstance(queue, str)]
    known = list(visit.site.office.book.queues)
    return [] if set(known) <= set(ticked) else [queue for queue in known if queue in ticked]
