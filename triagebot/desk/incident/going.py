"""Incidents that go on, as far as people are told of them, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from triagebot.desk.office import Office
from triagebot.errors import ConflictError
from triagebot.locale import say
from triagebot.rulebook.schema import RuleBook
from triagebot.store import later
from triagebot.store.incident_tables import GOING, Incident
from triagebot.text import spoken_time

_GOES_ON = col(Incident.state).in_(GOING)
# Also those that are over, but are a part of a wider one that is not: that one tells their people.
_ALL = select(Incident).where(
    or_(_GOES_ON, col(Incident.covered_by).in_(select(col(Incident.id)).where(_GOES_ON)))
).order_by(col(Incident.id))  # fmt: skip


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
    """One small query, for however many people."""
    rows = {row.id or 0: row for row in session.execute(_ALL, execution_options=later.UNCONCERNED).scalars()}
    seen = {number: _going(row) for number, row in rows.items() if _is_told(office, row)}
    of = {number: seen[leader] for number in rows if (leader := _leader(number, rows)) in seen}
    return AllGoing(tuple(seen.values()), of)


def _is_told(office: Office, row: Incident) -> bool:
    if row.state not in GOING or row.covered_by is not None:
        return False
    return bool(row.platform) if not row.category else office.book.incidents.of(row.category, row.platform).tell


def _leader(number: int, rows: Mapping[int, Incident]) -> int:
    """The widest that goes on."""
    seen = {number}
    while (wider := rows[number].covered_by) in rows and wider not in seen:
        number = wider or 0
        seen.add(number)
    return number


def _going(row: Incident) -> Going:
    return Going(row.id or 0, row.category, row.platform, row.since or row.opened_at, row.signature, row.app_version,
                 row.status_text)  # fmt: skip


def joined(session: Session, number: int) -> Incident:
    """The incident, to attach a ticket to: on PostgreSQL nobody ends it before the transaction ends. ConflictError when it is
    over: whoever was told that it goes on must be told something else."""
    found = session.get(Incident, number, with_for_update={"read": True}, populate_existing=True)
    if found is None or found.state not in GOING:
        raise ConflictError("the incident ended in the meantime")
    return found


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
