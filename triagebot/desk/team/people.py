"""People come to the desk, change what they do there, and go. Each change works at once and is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sqlmodel import Session, col, select

from triagebot.access import audit, links, sessions
from triagebot.desk.office import Office
from triagebot.desk.team import agents, given_back
from triagebot.errors import DeskError
from triagebot.locale import LANGUAGES, say
from triagebot.messages import PRIORITY_REPLY, Address, Outgoing
from triagebot.store import outbox
from triagebot.store.statements import table_of
from triagebot.store.tables import Agent, Outbox

EVERYTHING = "-"
"""Instead of queues: all of them."""


@dataclass(frozen=True)
class By:
    """Who makes a change. ``lang``: in which they read what came of it, "" for both; ``data``: what the audit log notes of
    them."""

    actor: str
    lang: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def agent(cls, agent: Agent) -> By:
        return cls(f"agent:{agent.id}", agent.lang)

    def say(self, key: str, **values: object) -> str:
        """Words for whoever makes the change."""
        return " / ".join(say(lang, key, **values) for lang in ([self.lang] if self.lang else LANGUAGES))

    def note(self, session: Session, now: datetime, action: str, agent: Agent, **data: Any) -> None:
        audit.note(session, now, self.actor, action, target=f"agent:{agent.id}", data={**self.data, **data})


SHELL = By("system", data={"shell": True})
"""The operator at the command line, who can open the database file anyway."""


def named(session: Session, by: By, name: str) -> Agent:
    """DeskError when nobody of that name works here."""
    found = session.exec(select(Agent).where(Agent.name == name, col(Agent.active))).first()
    if found is None:
        raise DeskError(by.say("people.unknown", agent=name))
    return found


def add(
    session: Session, by: By, name: str, now: datetime, *, role: str = "agent", channel: str = "", user: str = "",
    queues: Sequence[str] = (), lang: str = "zh",
) -> Agent:  # fmt: skip
    """As ``agents.add``, noted."""
    agent = agents.add(session, name, now, role=role, channel=channel, user=user, queues=queues, lang=lang)
    by.note(session, now, "agent added", agent, role=role, queues=list(queues))
    return agent


def change_role(session: Session, by: By, agent: Agent, role: str, now: datetime) -> None:
    """From their next command on. Links that they were given or gave out work no more. DeskError when nobody who may do
    everything would be left."""
    before = agent.role
    if of_role(by, role) != "admin":
        _leave_an_admin(session, by, agent, stays=True)
    agent.role = role
    session.add(agent)
    session.flush()
    if before != role:
        links.withdraw(session, agent.id or 0)
        by.note(session, now, "role changed", agent, role=role, was=before)


def change_queues(session: Session, by: By, office: Office, agent: Agent, words: str, now: datetime) -> None:
    """``words``: queues with commas between, or ``-`` for all of them."""
    before, queues = agent.queues, queues_in(by, office, words)
    agent.queues = ",".join(queues)
    session.add(agent)
    session.flush()
    if before != agent.queues:
        by.note(session, now, "queues changed", agent, queues=queues, was=before.split(",") if before else [])


def queues_in(by: By, office: Office, words: str) -> list[str]:
    """In the order of the rules; DeskError for one that is not known."""
    wanted = [word for word in words.replace("，", ",").replace(",", " ").split() if word != EVERYTHING]
    for queue in wanted:
        if queue not in office.book.queues:
            raise DeskError(by.say("desk.no_such_queue", queue=queue, known=", ".join(office.book.queues)))
    return [queue for queue in office.book.queues if queue in wanted]


def remove(session: Session, by: By, office: Office, agent: Agent, now: datetime) -> list[int]:
    """Their rights end at once, in chats and in browsers; what they did stays in the log. Returns the numbers of the tickets
    that went back to their queues. DeskError as in ``change_role``."""
    _leave_an_admin(session, by, agent, stays=False)
    agents.remove(session, agent.name)
    sessions.end_all(session, agent.id or 0)
    links.withdraw(session, agent.id or 0)
    numbers = given_back.all_of(session, office, agent, by.actor, now)
    _last_words(session, agent, now)
    by.note(session, now, "agent removed", agent, tickets=numbers)
    return numbers


def _last_words(session: Session, agent: Agent, now: datetime) -> None:
    """What still waits for them may quote people: it is not sent. That they are told is."""
    if not agent.user:
        return
    box = table_of(Outbox)
    theirs = (box.c.channel == agent.channel) & (box.c.bot == agents.STAFF) & (box.c.chat == agent.user)
    session.execute(box.update().where(theirs, box.c.state == "pending").values(state="dropped", payload={}))
    to = Address(agent.channel, agents.STAFF, agent.user)
    outbox.put(session, to, Outgoing(text=say(agent.lang, "people.farewell")), now=now, priority=PRIORITY_REPLY)


def _leave_an_admin(session: Session, by: By, agent: Agent, *, stays: bool) -> None:
    """While anybody works here, somebody must be able to add and remove people from where they work. Two admins who remove
    each other wait for each other."""
    if agent.role != "admin" or agent.name == agents.LOCAL:
        return
    all_ = select(Agent).where(col(Agent.active), Agent.name != agents.LOCAL).order_by(col(Agent.id)).with_for_update()
    others = [a for a in session.exec(all_.execution_options(populate_existing=True)) if a.id != agent.id]
    if (stays or others) and not any(a.role == "admin" for a in others):
        raise DeskError(by.say("people.last_admin", agent=agent.name))


def free_name(session: Session, wanted: str) -> str:
    """``wanted``, or with a number behind it when somebody is, or was, called so: the log must not mix up two people."""
    taken = set(session.exec(select(Agent.name)))
    return next(name for number in count(1) if (name := f"{wanted}{number if number > 1 else ''}") not in taken)


def of_role(by: By, role: str) -> str:
    """``role``, if there is such a one; else DeskError."""
    if role not in agents.ROLES:
        raise DeskError(by.say("people.no_such_role", role=role, known=", ".join(agents.ROLES)))
    return role
