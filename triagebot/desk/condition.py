"""How the service is, in words: what waits, who does what, what runs out. The facts of ``/readyz``, ``/metrics``, doctor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, text
from sqlmodel import Session

from triagebot import rulebook
from triagebot.desk import vitals
from triagebot.desk.office import Office
from triagebot.desk.vitals import Depth, Vitals
from triagebot.locale import say
from triagebot.rulebook.calendar_ends import calendar_ends
from triagebot.store import migrate
from triagebot.store.clock import database_now
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Lease
from triagebot.text import spoken_span

State = Literal["ok", "warning", "error"]
TICK = "tick"
"""The lease of the process that looks at clocks (flow.tick)."""
_SLOW_S, _STUCK_S = 60.0, 600.0
"""Wall seconds that a message may wait before it is worth a look, and before something must be wrong."""
_LATE_S = 60.0
"""The same for the sweep of promises, which comes every few seconds."""
_MOST_OVERDUE = 5
_LEASE = table_of(Lease)
_LEASES = select(_LEASE.c.name, _LEASE.c.holder, _LEASE.c.expires_at).order_by(_LEASE.c.name)
_VERSION = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True)
class Held:
    """A thing that one process does at a time. ``left_s``: for how long it is still held (wall seconds), 0 when it is not."""

    name: str
    holder: str
    left_s: float


@dataclass(frozen=True)
class Condition:
    """``kind``: of database; ``version``: of its tables."""

    kind: str
    version: str
    vitals: Vitals
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Finding:
    """``what``: a key of the catalogue's ``health.…``; ``words``: how it stands, and what to do if it is not well."""

    what: str
    state: State
    words: str


def read(session: Session, now: datetime) -> Condition:
    """One short read, however much there is (see vitals)."""
    at = database_now(session, now)
    held = [
        Held(row.name, row.holder, max(0.0, (row.expires_at - at).total_seconds())) for row in run(session, _LEASES)
    ]
    version = str(run(session, _VERSION).scalar_one_or_none())
    return Condition(session.get_bind().dialect.name, version, vitals.read(session, now, TICK, ""), tuple(held))


def findings(
    found: Condition, office: Office, figures: Mapping[str, float], now: datetime, lang: str
) -> Iterator[Finding]:
    """``figures``: of the model in use, empty where this process has none."""
    yield _database(found, lang)
    yield from _boxes(found.vitals, lang)
    yield _dead(found.vitals, lang)
    yield _tick(found, lang)
    yield _sweep(found.vitals, lang)
    yield from _rules(office, now, lang)
    yield _model(office, figures, lang)
    yield from _calendars(office, now, lang)


def _database(found: Condition, lang: str) -> Finding:
    head = migrate.head()
    right = found.version == head
    key = "health.database_ok" if right else "health.database_behind"
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(found.kind, found.kind)
    return Finding("database", "ok" if right else "error", say(lang, key, kind=kind, version=found.version, head=head))


def _boxes(found: Vitals, lang: str) -> Iterator[Finding]:
    for name, depths in (("inbox", found.inbox), ("outbox", found.outbox)):
        waiting = {channel: depth for channel, depth in depths.items() if depth.count}
        longest = max((depth.oldest_s for depth in waiting.values()), default=0.0)
        state: State = "error" if longest > _STUCK_S else "warning" if longest > _SLOW_S else "ok"
        words = [_waiting(channel, depth, lang) for channel, depth in sorted(waiting.items())]
        yield Finding(name, state, "; ".join(words) if words else say(lang, "health.nothing_waits"))


def _waiting(channel: str, depth: Depth, lang: str) -> str:
    return say(lang, "health.waits", channel=channel, count=depth.count, span=spoken_span(depth.oldest_s, lang))


def _dead(found: Vitals, lang: str) -> Finding:
    count = sum(found.dead.values())
    words = say(lang, "health.dead_some", count=count) if count else say(lang, "health.no_dead")
    return Finding("dead", "warning" if count else "ok", words)


def _tick(found: Condition, lang: str) -> Finding:
    holder = next((held for held in found.held if held.name == TICK and held.left_s > 0), None)
    if holder is None:
        return Finding("tick", "error", say(lang, "health.no_tick"))
    return Finding("tick", "ok", say(lang, "health.ticks", process=process(holder.holder)))


def _sweep(found: Vitals, lang: str) -> Finding:
    late = found.overdue_s > _LATE_S
    key = "health.sweep_late" if late else "health.sweep_ok"
    words = say(lang, key, span=spoken_span(found.overdue_s, lang), now=found.due_now, soon=found.due_soon)
    return Finding("sweep", "warning" if late else "ok", words)


def _rules(office: Office, now: datetime, lang: str) -> Iterator[Finding]:
    book = office.book
    yield Finding("rules", "ok", say(lang, "health.rules_held", count=len(book.categories), digest=book.digest[:12]))
    late = rulebook.overdue(book, now.astimezone(office.zone).date())
    for item in late[:_MOST_OVERDUE]:
        yield Finding("rules", "warning", say(lang, "health.review_due", item=item.partition(": review")[0]))
    if len(late) > _MOST_OVERDUE:
        yield Finding("rules", "warning", say(lang, "health.reviews_due", count=len(late) - _MOST_OVERDUE))


def _model(office: Office, figures: Mapping[str, float], lang: str) -> Finding:
    if "accuracy" not in figures:
        return Finding("model", "ok", say(lang, "health.model_elsewhere"))
    words = say(lang, "health.model_of", accuracy=f"{figures['accuracy']:.1%}", digest=office.book.digest[:12])
    return Finding("model", "ok", words)


def _calendars(office: Office, now: datetime, lang: str) -> Iterator[Finding]:
    for end in calendar_ends(office.book, now.astimezone(office.zone).date()):
        key = "health.calendar_unsaid" if end.until is None else f"health.calendar_{end.state}"
        yield Finding("calendar", end.state, say(lang, key, name=end.name, until=end.until or ""))


def process(holder: str) -> str:
    """A process as people tell them apart: ``host:pid`` of ``host:pid:place:random``."""
    return ":".join(holder.split(":")[:2])
