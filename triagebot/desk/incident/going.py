"""Incidents that go on, as far as people are told of them, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.errors import ConflictError
from triagebot.locale import say
from triagebot.rulebook.schema import RuleBook
from triagebot.store.incident_tables import GOING, Incident
from triagebot.store.statements import run, table_of
from triagebot.text import spoken_time

_INCIDENT = table_of(Incident)
_GOES_ON = _INCIDENT.c.state.in_(GOING)
_WIDER = _INCIDENT.alias("wider")
# Also those that are over, but are a part of a wider one that is not: that one tells their people.
_COVERED = _INCIDENT.c.covered_by.in_(select(_WIDER.c.id).where(_WIDER.c.state.in_(GOING)))
_ALL = select(_INCIDENT).where(or_(_GOES_ON, _COVERED)).order_by(_INCIDENT.c.id)
NUMBERS = select(_INCIDENT.c.id).where(or_(_GOES_ON, _COVERED))
"""Of all whose people wait for an end, as a part of other statements."""


@dataclass(frozen=True)
class Going:
    """One incident. ``category``, ``platform``, ``signature``, ``app_version``: whom it concerns, "" for any. ``since``: when
    it began. ``text``: what a supervisor says about it to the people concerned."""

    number: int
    category: str
    platform: str
    since: datetime
    signature: str = ""
    app_version: str = ""
    text: str = ""

    def concerns(self, book: RuleBook, category: str, platform: str, evidence: tuple[str, ...] = ()) -> bool:
        """Whether somebody with this problem is one of its people. ``evidence``: ids of the wordings that were recognised.

        One of a certain wording is of those who show it; one of a certain version is for people to judge."""
        if self.app_version or (self.signature and self.signature not in evidence):
            return False
        if self.platform and self.platform != platform:
            return False
        rules, known = book.incidents.of(category, platform), book.categories.get(category)
        if known is None or known.priority == "P1" or not rules.tell:
            return False
        return self.category == category or (not self.category and bool(self.platform) and rules.level != "off")


@dataclass(frozen=True)
class AllGoing:
    """``told``: of which people are told. ``of``: number of an incident -> the one that its people hear of: itself, or the
    wider one that covers it."""

    told: tuple[Going, ...] = ()
    of: Mapping[int, Going] = field(default_factory=dict)


def load(session: Session, office: Office) -> AllGoing:
    """One small query, for however many people; past the ORM: what was changed must have been flushed."""
    rows = {row.id: row for row in run(session, _ALL)}
    seen = {number: _going(row) for number, row in rows.items() if _is_told(office, row)}
    of = {number: seen[leader] for number in rows if (leader := _leader(number, rows)) in seen}
    return AllGoing(tuple(seen.values()), of)


def _is_told(office: Office, row: Row[Any]) -> bool:
    if row.state not in GOING or row.covered_by is not None:
        return False
    return bool(row.platform) if not row.category else office.book.incidents.of(row.category, row.platform).tell


def _leader(number: int, rows: Mapping[int, Row[Any]]) -> int:
    """The widest that goes on."""
    seen = {number}
    while (wider := rows[number].covered_by) in rows and wider not in seen:
        number = wider or 0
        seen.add(number)
    return number


def _going(row: Row[Any]) -> Going:
    return Going(row.id, row.category, row.platform, row.since or row.opened_at, row.signature, row.app_version,
                 row.status_text)  # fmt: skip


def joined(session: Session, number: int) -> Incident:
    """The incident, to attach a ticket to. ConflictError when it is over: whoever was told that it goes on must be told
    something else."""
    found = held_open(session, number)
    if found is None:
        raise ConflictError("the incident ended in the meantime")
    return found


def held_open(session: Session, number: int) -> Incident | None:
    """None when it is over; else it goes on at least until the transaction ends: a ticket that joins it is not forgotten at its
    end. Others may hold it so too."""
    session.flush()
    found = session.get(Incident, number, with_for_update={"read": True}, populate_existing=True)
    return found if found is not None and found.state in GOING else None


def same(office: Office, incident: Going, now: datetime, lang: str) -> str:
    """It is not only you; no fix helps now; you will hear."""
    return "\n".join([
        say(lang, "outage.same", **_facts(office, incident, now, lang)), say(lang, "outage.no_use"), *_told(incident, lang)
    ])  # fmt: skip


def still(office: Office, incident: Going, now: datetime, lang: str) -> str:
    """It is not over yet."""
    return "\n".join([say(lang, "outage.still", **_facts(office, incident, now, lang)), *_told(incident, lang)])


def line(office: Office, incident: Going, now: datetime, lang: str) -> str:
    """One line for a list."""
    words = say(lang, "outage.line", **_facts(office, incident, now, lang))
    return f"{words} {incident.text}".strip()


def _facts(office: Office, incident: Going, now: datetime, lang: str) -> dict[str, str]:
    return {"what": subject(office, incident.category, incident.platform, lang),
            "since": spoken_time(incident.since, now, office.zone, lang)}  # fmt: skip


def subject(office: Office, category: str, platform: str, lang: str) -> str:
    """What it is about, in words for people: never the title that colleagues gave it."""
    where = office.platform_title(platform, lang)
    if not category:
        return say(lang, "outage.of_platform", platform=where)
    key = "outage.of_category_on" if platform else "outage.of_category"
    return say(lang, key, platform=where, category=office.title(category, lang))


def _told(incident: Going, lang: str) -> list[str]:
    return [say(lang, "user.incident_says", text=incident.text)] if incident.text else []
