"""A ticket's story for its clocks: what was just recorded and still waits to be written is part of it."""

from __future__ import annotations

from datetime import timedelta, timezone

from sqlmodel import Session

from tests.unit.house import NOW, House, office
from triagebot.desk import tickets
from triagebot.desk.escalation import escalate
from triagebot.desk.ticket_clocks import Story, stories
from triagebot.store import later

SHANGHAI = timezone(timedelta(hours=8))


def test_a_story_is_the_same_before_and_after_its_events_are_written(house: House) -> None:
    house.hear("刷脸不过")

    def told(session: Session) -> tuple[Story, Story]:
        ticket = tickets.get(session, 1)
        at = NOW.astimezone(SHANGHAI)
        escalate(session, office(), ticket, "bot", at, queue="customer_service", priority="P3", reason="asked")
        tickets.record(session, office(), ticket, "note", "agent:1", at, {"text": "x"})
        tickets.record(session, office(), ticket, "pending_user", "agent:1", at + timedelta(minutes=5))
        before = stories(session, [ticket])[1]
        later.settle(session)
        return before, stories(session, [ticket])[1]

    before, after = house.store.write_now(told)
    assert before == after
    assert [line.type for line in before] == ["user_replied", "escalated", "pending_user"]
    assert [line.at.isoformat() for line in before] == [line.at.isoformat() for line in after]
    assert [bool(line.data) for line in before] == [False, True, False]
