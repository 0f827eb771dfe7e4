"""What people who do not work here may not do at the desk, and how they begin to: by an invitation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import invitations, verbs
from triagebot.desk.agents import STAFF
from triagebot.desk.invitations import Newcomer
from triagebot.desk.office import Office
from triagebot.dialogue.signals import COMMANDS
from triagebot.errors import DeniedError
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, Address, Incoming, Outgoing
from triagebot.store import inbox, later, outbox

_FOR_AGENTS = verbs.VERBS.keys() - COMMANDS


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
    help_ = verbs.perform(session, office, agent, "help", "", now)
    return Address(place.channel, STAFF, place.chat), f"{welcome}\n\n{help_}"


def note_denied(session: Session, heard: Iterable[Incoming], now: datetime) -> None:
    """An agent's command, or a button of a card, from somebody who is no agent, or is none any more, goes into the audit log;
    they are answered as anybody is."""
    for incoming in heard:
        name = _attempted(incoming)
        if name:
            actor = f"user:{incoming.address.channel}:{incoming.user}"
            audit.note(session, now, actor, name, outcome="denied")


def _attempted(incoming: Incoming) -> str:
    if incoming.kind == "press":
        word = incoming.action.partition(":")[0]
    elif incoming.kind == "text" and incoming.text.startswith("/"):
        word = incoming.text[1:].split(maxsplit=1)[0].partition("@")[0].lower() if incoming.text[1:].strip() else ""
    else:
        return ""
    return word if word in _FOR_AGENTS else ""
