"""Links that agents ask for in chat. Here they are only ordered; the sender makes them at the moment at which they go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit, links
from triagebot.access.addresses import Addresses
from triagebot.access.links import Purpose
from triagebot.desk.team import agents, invitations
from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, LinkOrder, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent


def order(call: Call, purpose: Purpose, grants: Mapping[str, str] | None = None) -> str:
    """Into the agent's own chat and no other; the answer is the link itself. DeskError when they have no chat."""
    to = agents.address(call.agent)
    if to is None:
        raise DeskError(say(call.lang, "link.no_chat"))
    wanted = LinkOrder(purpose, call.agent.id or 0, call.now.isoformat(), tuple(sorted((grants or {}).items())))
    outbox.put(call.session, to, Outgoing(text="", order=wanted), now=call.now, priority=PRIORITY_REPLY)
    return ""


def desk(call: Call) -> str:
    """/desk: a link to the web desk."""
    return order(call, "sign_in")


def carry_out(session: Session, addresses: Addresses, wanted: LinkOrder, now: datetime) -> str:
    """Make the link; returns the message. Who may not have it any more reads that instead."""
    agent = session.get_one(Agent, wanted.agent)
    if not agent.active:
        return say(agent.lang, "link.not_any_more")
    if wanted.purpose == "sign_in":
        token = links.issue(session, "sign_in", now, by=f"agent:{agent.id}", agent_id=agent.id)
        audit.note(session, now, f"agent:{agent.id}", "sign-in link", target=f"agent:{agent.id}")
        return say(agent.lang, "link.sign_in", url=addresses.sign_in(token))
    return invitations.carry_out(session, addresses, agent, dict(wanted.grants), now)
