"""People who report that something fails, straight into the log: no words, no brain."""

from __future__ import annotations

from sqlmodel import Session

from tests.unit.house import FACE, House
from triagebot.desk import tickets
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
