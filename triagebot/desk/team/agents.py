"""People who work at the desk: who they are, what they may do, where they can be reached."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from triagebot.access import audit
from triagebot.errors import DeskError, UsageError
from triagebot.messages import Address
from triagebot.store import later
from triagebot.store.tables import Agent

ROLES = ("agent", "supervisor", "admin")
"""In order of what they may do: each role may do all that the ones before it may."""

STAFF = ""
"""The ``bot`` of addresses of staff: whichever bot of that channel is running speaks to them."""

LOCAL = "local"
"""The operator at the command line: who can open the database file can do everything anyway; the log says it was them."""


_LISTED = select(Agent).where(col(Agent.active)).order_by(col(Agent.id)).execution_options(**later.UNCONCERNED)
_PERSON = tuple_(col(Agent.channel), col(Agent.user))
_BY_USERS = (
    select(Agent)
    .where(_PERSON.in_(bindparam("people", expanding=True)), col(Agent.active))
    .execution_options(**later.UNCONCERNED)
)


def add(
    session: Session, name: str, now: datetime, *, role: str = "agent", channel: str = "", user: str = "",
    queues: Iterable[str] = (), lang: str = "zh",
) -> Agent:  # fmt: skip
    """Add a person, or bring back one who was removed. UsageError on an unknown role or a taken name."""
    if role not in ROLES:
        raise UsageError(f"role {role!r} does not exist; use one of: {', '.join(ROLES)}")
    if not name.strip():
        raise UsageError("an agent needs a name")
    agent = session.exec(select(Agent).where(Agent.name == name)).first()
    if agent is not None and agent.active:
        raise UsageError(f"there is already an agent named {name!r}; see: triagebot agents list")
    if user and (other := by_user(session, channel, user)) is not None:
        raise UsageError(f"{channel} user {user} is already the agent {other.name!r}")
    agent = agent or Agent(name=name, created_at=now)
    agent.role, agent.channel, agent.user, agent.lang, agent.active = role, channel, user, lang, True
    agent.available = False
    agent.queues = ",".join(queues)
    session.add(agent)
    session.flush()
    return agent


def remove(session: Session, name: str) -> Agent:
    """Take the person's rights away at once; what they did stays in the log."""
    agent = session.exec(select(Agent).where(Agent.name == name, col(Agent.active))).first()
    if agent is None:
        raise UsageError(f"there is no agent named {name!r}; see: triagebot agents list")
    agent.active = agent.available = False
    session.add(agent)
    session.flush()
    return agent


def listed(session: Session) -> list[Agent]:
    return list(session.execute(_LISTED).scalars())


def by_user(session: Session, channel: str, user: str) -> Agent | None:
    """The agent behind a channel's user id: the check made on every single command."""
    return by_users(session, [(channel, user)]).get((channel, user))


def by_users(session: Session, people: Collection[tuple[str, str]]) -> dict[tuple[str, str], Agent]:
    """Those of ``people`` (channel, user id) who are agents."""
    named = [person for person in people if person[1]]
    found = session.execute(_BY_USERS, {"people": named}).scalars() if named else ()
    return {(agent.channel, agent.user): agent for agent in found}


def by_name(session: Session, name: str, now: datetime, *, to_act: bool = True) -> Agent:
    """The agent that the command line speaks for; ``local`` is made on first use. DeskError when unknown.

    ``to_act`` False: who only looks need not be there, as a replica cannot be written to."""
    agent = session.exec(select(Agent).where(Agent.name == name, col(Agent.active))).first()
    if agent is None and name == LOCAL:
        return add(session, LOCAL, now, role="admin") if to_act else Agent(name=LOCAL, role="admin")
    if agent is None:
        raise DeskError(
            f"没有名为 {name} 的坐席，请先 triagebot agents add {name}。 / No agent is named {name}; add them first."
        )
    return agent


def ensure_admins(session: Session, channel: str, users: Iterable[str], now: datetime) -> None:
    """People named in the ADMINS setting are admins from the first start, without being added by hand.

    Several processes may start at once: whoever is second finds them there."""
    for user in users:
        if by_user(session, channel, user) is not None:
            continue
        with contextlib.suppress(IntegrityError), later.savepoint(session):
            added = add(session, f"admin-{user}", now, role="admin", channel=channel, user=user)
            audit.note(session, now, "system", "agent added", target=f"agent:{added.id}",
                       data={"role": "admin", "setting": "ADMINS"})  # fmt: skip


def may(agent: Agent, role: str) -> bool:
    """Whether ``agent`` has at least ``role``."""
    return ROLES.index(agent.role) >= ROLES.index(role)


def works_on(agent: Agent, queue: str) -> bool:
    """An agent without named queues works on all of them."""
    return not agent.queues or queue in agent.queues.split(",")


def supervisors(session: Session) -> list[Agent]:
    """Reachable people who answer for broken promises."""
    return [a for a in listed(session) if a.user and may(a, "supervisor")]


def address(agent: Agent) -> Address | None:
    """None for who has no chat, or works here no more: nothing about people is said there."""
    return Address(agent.channel, STAFF, agent.user) if agent.user and agent.active else None
