"""Who opens an invitation in chat becomes a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.desk import verbs
from triagebot.desk.office import Office
from triagebot.desk.team import invitations
from triagebot.desk.team.agents import STAFF
from triagebot.desk.team.invitations import Newcomer
from triagebot.errors import DeniedError
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, Address, Incoming, Outgoing
from triagebot.store import inbox, later, outbox


def opens_invitation(heard: Sequence[Incoming]) -> bool:
    return heard[-1].kind == "join"


def let_in(
    session: Session, office: Office, heard: Sequence[Incoming], ids: Sequence[int], now: datetime, holder: str = ""
) -> None:
    """Make whoever opened an invitation a colleague, or say why it does not work, in one transaction with the inbox.
    ``holder`` as in inbox.done."""
    for incoming in heard:
        to, text = _answer(session, office, incoming, now)
        outbox.put(session, to, Outgoing(text=text), now=now, priority=PRIORITY_REPLY)
    inbox.done(session, ids, now, holder)


def _answer(session: Session, office: Office, incoming: Incoming, now: datetime) -> tuple[Address, str]:
    place = incoming.address
    who = Newcomer(incoming.user_name, incoming.lang_hint or "zh", place.channel, incoming.user)
    try:
        with later.savepoint(session):
            agent = invitations.accept(session, incoming.action, who, now)
    except DeniedError as denied:
        invitations.refused(session, who, denied, now)
        return place, say(who.lang, str(denied))
    welcome = say(agent.lang, "join.welcome", agent=agent.name, role=say(agent.lang, f"role.{agent.role}"))
    help_ = verbs.attempt(session, office, agent, "help", "", now).text
    return Address(place.channel, STAFF, place.chat), f"{welcome}\n\n{help_}"
