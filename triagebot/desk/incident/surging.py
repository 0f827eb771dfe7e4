"""How far the log was read, and which surges last: the row "" of series_state, written in one transaction with incidents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from triagebot.detect.series import Series, Surge
from triagebot.store.incident_tables import SeriesState
from triagebot.store.statements import PerDialect, run, table_of

_CURSOR = ""
_STATE = table_of(SeriesState)
_KEEP = PerDialect(
    lambda insert: (
        lambda new: new.on_conflict_do_update(
            index_elements=["key"], set_={"at": new.excluded.at, "data": new.excluded.data}
        )
    )(insert(_STATE))
)


@dataclass(frozen=True)
class Lasting:
    """A surge that is not over. ``told``: an incident knows of it; not while a silence covers it."""

    surge: Surge
    told: bool = False


@dataclass
class Surging:
    """``event``: up to which event the log was read."""

    event: int = 0
    lasting: dict[Series, Lasting] = field(default_factory=dict)

    def begins(self, surge: Surge) -> None:
        """Nothing new where it is known."""
        self.lasting.setdefault(surge.series, Lasting(surge))

    def is_told(self, series: Series) -> None:
        self.lasting[series] = replace(self.lasting[series], told=True)

    @property
    def untold(self) -> list[Surge]:
        """Of all who have the same trouble in the same place first, then of parts of them; the oldest of these first."""
        found = [lasting.surge for lasting in self.lasting.values() if not lasting.told]
        return sorted(
            found, key=lambda s: (bool(s.series.signature or s.series.app_version), not s.series.platform, s.since)
        )


def load(session: Session) -> Surging:
    row = session.get(SeriesState, _CURSOR, populate_existing=True)
    if row is None:
        return Surging()
    surges = [Lasting(_surge(key, values), values["told"]) for key, values in row.data["lasting"].items()]
    return Surging(row.data["event"], {lasting.surge.series: lasting for lasting in surges})


def save(session: Session, found: Surging, learned: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """With what the detector has learned about each series, by its key."""
    rows = [{"key": key, "at": now, "data": dict(values)} for key, values in learned.items()]
    lasting = {series.key: {**_values(each.surge), "told": each.told} for series, each in found.lasting.items()}
    rows.append({"key": _CURSOR, "at": now, "data": {"event": found.event, "lasting": lasting}})
    run(session, _KEEP.on(session), rows)


def learned(session: Session) -> dict[str, dict[str, Any]]:
    """What the detector had learned about each series, by its key."""
    return {row.key: row.data for row in session.exec(select(SeriesState).where(SeriesState.key != _CURSOR))}


def forget(session: Session, keys: Collection[str], now: datetime) -> None:
    """Of series about which nothing can be remembered any more: whether they surge is found anew."""
    if not keys:
        return
    session.execute(delete(SeriesState).where(col(SeriesState.key).in_(list(keys))))
    state = load(session)
    state.lasting = {series: each for series, each in state.lasting.items() if series.key not in keys}
    save(session, state, {}, now)


def _values(surge: Surge) -> dict[str, float]:
    return {"at": surge.at, "since": surge.since, "people": surge.people, "expected": surge.expected}


def _surge(key: str, values: Mapping[str, Any]) -> Surge:
    return Surge(Series.of_key(key), values["at"], values["since"], values["people"], values["expected"])
