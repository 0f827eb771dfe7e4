"""People who report that something fails, straight into the log: no words, no brain; and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from tests.unit.house import FACE, House, office
from triagebot.desk import tickets
from triagebot.desk.incident import story
from triagebot.desk.office import Office
from triagebot.flow.surges import Surges
from triagebot.flow.tick import Tick
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Conversation


def opened(house: House, person: int | str, category: str = FACE, platform: str = "wechat", **more: object) -> int:
    """A ticket of the person in the chat of that number, opened now; returns its number. ``more``: further facts."""

    def put(session: Session) -> int:
        number, now = int(person), house.clock()
        who = session.get(Conversation, number)
        if who is None:
            who = Conversation(id=number, channel="telegram", bot="1", chat=str(number), user=str(number),
                               created_at=now, updated_at=now)  # fmt: skip
            session.add(who)
            session.flush()
        facts = {"category": category, "platform": platform, "priority": "P3", **more}
        (ticket,) = tickets.open_all(session, house.office, [tickets.Opening(who, "zh", facts, "")], now)
        return ticket.id or 0

    return house.store.write_now(put)


def ruled(**rules: Any) -> Office:
    """The small house under other keys of rules/incidents.yaml."""
    changed = IncidentRules.model_validate(rules)
    return replace(office(), book=office().book.model_copy(update={"incidents": changed}))


def ticking(house: House, name: str = "one") -> Tick:
    surges = Surges(house.store, house.office)
    return Tick(house.store, house.office, name, house.clock, 5.0, timedelta(days=180), surges=surges)


def tick(loop: Tick, times: int = 1) -> None:
    for _ in range(times):
        asyncio.run(loop.once())


def crowd(house: House, people: Sequence[int], category: str = FACE, platform: str = "wechat", **more: Any) -> None:
    for person in people:
        opened(house, person, category, platform, **more)


def found(house: House) -> list[Incident]:
    return house.rows(Incident)


def told(house: House, who: str = "boss") -> list[str]:
    """What was said to ``who`` about incidents."""
    return [text for text in house.told(who) if "事件" in text]


def tale(house: House, number: int = 1) -> list[str]:
    return [event.type for event in house.store.read_now(story.timeline, number) if event.type != "taken_in"]
