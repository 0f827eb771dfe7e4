"""What is said about subscriptions and is only known once the turn is written: days in the office's zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.watching import dates
from triagebot.locale import say
from triagebot.text import spoken_day


def _reminder_on(session: Session, office: Office, now: datetime, lang: str, months: int, at: datetime | None) -> str:
    """``at``: None for one that begins now."""
    next_at = at or dates.first(now, months, office.zone)
    return say(lang, "watch.reminder_on", every=say(lang, f"watch.every_m{months}"),
               day=spoken_day(next_at, office.zone, lang))  # fmt: skip


def _line_reminder(session: Session, office: Office, now: datetime, lang: str, months: int, at: datetime) -> str:
    return say(lang, "watch.line_reminder", every=say(lang, f"watch.every_m{months}"),
               day=spoken_day(at, office.zone, lang))  # fmt: skip


Saying = Callable[..., str]
SAID: Mapping[str, Saying] = {
    "watch.reminder_on": _reminder_on,
    "watch.line_reminder": _line_reminder,
}
"""By catalogue key; each takes (session, office, now, lang) and the values of the piece."""
