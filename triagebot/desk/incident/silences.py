"""Silences: surges that are expected for a while (works on a platform, say), and so are no incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.detect.series import Series
from triagebot.errors import DeskError
from triagebot.privacy import redact
from triagebot.store.incident_tables import Silence
from triagebot.text import one_line

_LONGEST_REASON = 200


def put(
    session: Session, category: str, platform: str, until: datetime, reason: str, by: str, now: datetime
) -> Silence:
    """A new one for ``category`` on ``platform``, "" for any, from now on."""
    silence = Silence(category=category, platform=platform, reason=one_line(redact(reason).text, _LONGEST_REASON), by=by,
                      at=now, until=until)  # fmt: skip
    session.add(silence)
    session.flush()
    return silence


def end(session: Session, number: int, now: datetime) -> Silence:
    """Before its time. DeskError when none of this number lasts."""
    found = session.get(Silence, number, with_for_update=True, populate_existing=True)
    if found is None or found.ended_at is not None or found.until <= now:
        raise DeskError(
            f"没有正在生效的静音 {number}。用 /silences 看现有的。 / No silence {number} lasts; /silences lists them."
        )
    found.ended_at = now
    session.add(found)
    return found


def listed(session: Session, now: datetime) -> list[Silence]:
    """Those that last, the one that ends first at the beginning."""
    lasting = select(Silence).where(col(Silence.until) > now, col(Silence.ended_at).is_(None))
    return list(session.exec(lasting.order_by(col(Silence.until), col(Silence.id))))


def covers(lasting: Iterable[Silence], series: Series) -> bool:
    """Whether nobody is to be called about ``series``. Of a platform only those are silent who named it."""
    return any(
        silence.category in ("", series.category) and silence.platform in ("", series.platform) for silence in lasting
    )
