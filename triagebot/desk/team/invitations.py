"""Invitations to work at the desk: a link that works once. Who opens it becomes a colleague, with the role it grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.access import audit, links
from triagebot.access.addresses import Addresses
from triagebot.desk.team import agents
from triagebot.desk.team.people import By, free_name
from triagebot.errors import DeniedError
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, OneTimeLink
from triagebot.text import clip, one_line

_LONGEST_NAME = 20


@dataclass(frozen=True)
class Grant:
    """What an invitation gives. ``queues``: with commas between, "" for all; ``name``: "" for what the person is called."""

    role: str = "agent"
    queues: str = ""
    name: str = ""


@dataclass(frozen=True)
class Newcomer:
    """Who opens an invitation; ``channel`` and ``user`` are "" in a browser."""

    name: str
    lang: str = "zh"
    channel: str = ""
    user: str = ""

    @property
    def actor(self) -> str:
        return f"user:{self.channel}:{self.user}" if self.user else "user:web"


def invite(session: Session, by: By, grant: Grant, now: datetime) -> str:
    """The token of a new invitation."""
    token = links.issue(session, "invitation", now, by=by.actor, data=asdict(grant))
    audit.note(session, now, by.actor, "invited", data={**by.data, "role": grant.role, "queues": grant.queues})
    return token


def may_invite(agent: Agent, role: str) -> bool:
    """Admins whomever they want; supervisors agents."""
    return agents.may(agent, "admin") or (agents.may(agent, "supervisor") and role == "agent")


def carry_out(session: Session, addresses: Addresses, agent: Agent, grants: Mapping[str, str], now: datetime) -> str:
    """An invitation that ``agent`` asked for in chat, in words to be sent on to the new colleague."""
    grant = Grant(**grants)
    if not may_invite(agent, grant.role):
        return say(agent.lang, "link.not_any_more")
    token = invite(session, By.agent(agent), grant, now)
    return words(addresses, token, agent.lang)


def words(addresses: Addresses, token: str, lang: str) -> str:
    """How to use the invitation, in the chat or in a browser."""
    chat = addresses.join_in_chat(token)
    in_chat = (
        say(lang, "join.by_link", url=chat) if chat else say(lang, "join.by_words", words=addresses.join_words(token))
    )
    return say(lang, "join.invitation", in_chat=in_chat, web=addresses.join(token))


def accept(session: Session, token_hash: str, who: Newcomer, now: datetime) -> Agent:
    """Make ``who`` a colleague and use the invitation up. DeniedError with a key of the catalogue (``link.…``) when it cannot
    be used, ``join.already`` for who works here: theirs is not used up."""
    if who.user and agents.by_user(session, who.channel, who.user) is not None:
        raise DeniedError("join.already")
    link = links.redeem_hashed(session, "invitation", token_hash, now)
    grant = Grant(**{key: str(value) for key, value in link.data.items()})
    agent = agents.add(
        session, _name(session, grant, who), now, role=grant.role, channel=who.channel, user=who.user,
        queues=[queue for queue in grant.queues.split(",") if queue], lang=who.lang or "zh",
    )  # fmt: skip
    link.agent_id = agent.id
    session.add(link)
    audit.note(session, now, f"agent:{agent.id}", "joined", target=f"agent:{agent.id}", data=_granted(link, grant))
    _tell_inviter(session, link, agent, now)
    return agent


def refused(session: Session, who: Newcomer, denied: DeniedError, now: datetime) -> None:
    """Note a try that came to nothing."""
    audit.note(session, now, who.actor, "join", outcome="denied", data={"reason": str(denied)})


def _name(session: Session, grant: Grant, who: Newcomer) -> str:
    """Who comes back is who they were."""
    if who.user:
        before = (
            select(Agent).where(Agent.channel == who.channel, Agent.user == who.user).order_by(col(Agent.id).desc())
        )
        if (known := session.exec(before).first()) is not None:
            return known.name
    wanted = clip(one_line(grant.name or who.name, _LONGEST_NAME), _LONGEST_NAME).strip()
    return free_name(session, wanted or say(who.lang, "join.nameless"))


def _granted(link: OneTimeLink, grant: Grant) -> dict[str, Any]:
    return {"role": grant.role, "queues": grant.queues, "invited_by": link.created_by}


def _tell_inviter(session: Session, link: OneTimeLink, agent: Agent, now: datetime) -> None:
    kind, _, number = link.created_by.partition(":")
    inviter = session.get(Agent, int(number)) if kind == "agent" and number.isdecimal() else None
    to = agents.address(inviter) if inviter is not None else None
    if inviter is not None and to is not None:
        text = say(inviter.lang, "join.joined", agent=agent.name, role=say(inviter.lang, f"role.{agent.role}"))
        outbox.put(session, to, Outgoing(text=text), now=now, priority=PRIORITY_NOTICE)
