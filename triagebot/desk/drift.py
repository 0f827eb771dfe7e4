"""How well the brain fits what people write, week by week: a growing share of doubt or of corrections says that it no
longer does. Derived from the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from triagebot.store.tables import Event


@dataclass(frozen=True)
class Week:
    """``monday`` in the desk's zone. ``judged``: tickets opened on a verdict; of these the bot asked which one it was
    (``asked``), or did not understand (``unclear``). ``overridden``: tickets whose category an agent corrected that week."""

    monday: date
    judged: int = 0
    asked: int = 0
    unclear: int = 0
    overridden: int = 0


def weekly(session: Session, zone: ZoneInfo, now: datetime, weeks: int) -> list[Week]:
    """The last ``weeks`` weeks, the present one included, oldest first."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    since = datetime.combine(first, datetime.min.time(), zone)
    mondays = [first + timedelta(weeks=n) for n in range(weeks)]
    judged: dict[date, dict[str, int]] = {monday: {} for monday in mondays}
    overridden: dict[date, set[int]] = {monday: set() for monday in mondays}
    query = select(Event).where(col(Event.type).in_(("opened", "category_changed")), col(Event.at) >= since)
    for event in session.exec(query):
        day = event.at.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        if event.type == "category_changed":
            if event.actor.startswith("agent:"):
                overridden[monday].add(event.ticket_id)
        elif decision := event.data.get("decision"):
            judged[monday][decision] = judged[monday].get(decision, 0) + 1
    return [
        Week(monday, sum(judged[monday].values()), judged[monday].get("ask", 0), judged[monday].get("unclear", 0),
             len(overridden[monday]))
        for monday in mondays
    ]  # fmt: skip
