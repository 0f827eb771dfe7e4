"""When a person may be written to unasked: not at night, and not in the desk's quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from triagebot.desk.office import Office

_OPENS, _CLOSES = 9, 21
"""Local hours between which nobody minds a message that they did not ask for; our own figures."""


def next_moment(office: Office, at: datetime) -> datetime:
    """``at`` itself by day, else the next morning, in the office's zone."""
    local = at.astimezone(office.zone)
    if local.hour < _OPENS or local.hour >= _CLOSES:
        morning = local.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        local = morning if local.hour < _OPENS else morning + timedelta(days=1)
    quiet = office.quiet_until(local)
    return quiet if quiet is not None else local
