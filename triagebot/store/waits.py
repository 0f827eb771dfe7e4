"""What was put off until a moment: whether its time has come, also when a wrong clock named the moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_

from triagebot.store.columns import UtcDateTime

LONGEST = timedelta(hours=12)
"""Nothing is put off for longer. A moment further ahead was named by a clock that has been put back since."""

_NOW, _FAR = bindparam("now", type_=UtcDateTime), bindparam("far", type_=UtcDateTime)


def are_over(not_before: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition on a column; its values come from ``at``."""
    return or_(not_before.is_(None), not_before <= _NOW, not_before > _FAR)


def at(now: datetime) -> dict[str, datetime]:
    return {"now": now, "far": now + LONGEST}


def is_over(not_before: datetime | None, now: datetime) -> bool:
    return not_before is None or not now < not_before <= now + LONGEST
