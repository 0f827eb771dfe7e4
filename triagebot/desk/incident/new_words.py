"""Many people say something alike that fits no category, or none surely: an incident for supervisors alone.

Nobody knows yet what it is, so people keep their own way and no ticket is attached. No words of one person are kept in it: its
name is what most of them say, and its examples are numbers of tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Row, bindparam, literal_column
from sqlmodel import Session, col, func, select

from triagebot.desk.incident import incidents, silences, story
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.detect.sayings import Rising, Saying
from triagebot.detect.series import Series
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, Button, Outgoing
from triagebot.rulebook.schema import RuleBook
from triagebot.store import outbox
from triagebot.store.columns import UtcDateTime
from triagebot.store.incident_tables import GOING, Incident
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Event, Ticket
from triagebot.text import one_line, spoken_time
from triagebot.triage.normalise import normalise

if TYPE_CHECKING:
    from triagebot.detect.clusters import Groups

ACTOR = "system"
WORDS = "words:"
"""Begins the signature of such an incident."""
_AGAIN = timedelta(days=1)
"""So long after its end it is the same one, of which somebody has decided: by then its words are usual."""
_SURE = 0.8
"""Of what the brain was less sure, the words may be new: of new words it seldom knows that it does not know them."""
_KNOWN = 5
"""Every fifth example says as well what is usual in them."""
_SMALL_TALK = "other.out_of_scope"
_LANG = "zh"
"""Titles are written once, in the language of the house."""
_EVENT, _TICKET = table_of(Event), table_of(Ticket)
_UNCLEAR = (
    sa.select(_EVENT.c.id, _EVENT.c.at, _EVENT.c.data, _EVENT.c.ticket_id, _TICKET.c.conversation_id)
    .join_from(_EVENT, _TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .where(
        _EVENT.c.type == literal_column("'opened'"),
        sa.or_(
            _EVENT.c.data["decision"].as_string() == literal_column("'unclear'"),
            _EVENT.c.data[("verdict", "confidence")].as_float() < bindparam("sure", _SURE),
        ),
        _EVENT.c.id > bindparam("after"),
        _EVENT.c.at >= bindparam("begin", type_=UtcDateTime),
    )
    .limit(bindparam("most"))
)
_NEXT, _LAST = _UNCLEAR.order_by(_EVENT.c.id), _UNCLEAR.order_by(_EVENT.c.id.desc())


def groups_of(book: RuleBook) -> Groups:
    """With nothing heard yet."""
    from triagebot.detect.clusters import Groups  # numpy and scipy: not for each command that tells of incidents

    examples = {c.id: [normalise(text) for text in (*c.examples.zh, *c.examples.en)] for c in book.categories.values()}
    known = [text for texts in examples.values() for text in texts[::_KNOWN]]
    return Groups(
        known, examples.get(_SMALL_TALK, ()),
        least_people=book.incidents.least_people, false_alarms=book.incidents.false_alarms,
    )  # fmt: skip


def heard(session: Session, after: int, begin: datetime, limit: int) -> list[tuple[int, Saying]]:
    """What opened a ticket and fitted nothing, of events after ``after``, from ``begin`` on, the first ``limit``: (event's id,
    what was said), "" for what says nothing or was erased."""
    return _sayings(run(session, _NEXT, {"after": after, "begin": begin, "most": limit}).all())


def heard_lately(session: Session, begin: datetime, limit: int) -> list[tuple[int, Saying]]:
    """As ``heard``, the last ``limit`` since ``begin``; oldest first."""
    return _sayings(run(session, _LAST, {"after": 0, "begin": begin, "most": limit}).all()[::-1])


def _sayings(rows: Iterable[Row[Any]]) -> list[tuple[int, Saying]]:
    found = []
    for row in rows:
        verdict = row.data.get("verdict") or {}
        said = "" if verdict.get("filler") else normalise(verdict.get("text", ""))
        found.append((row.id, Saying(row.at.timestamp(), row.conversation_id, row.ticket_id, said)))
    return found


def settle(session: Session, office: Office, risen: Sequence[Rising], now: datetime) -> None:
    """Bring incidents up to date; the same again changes nothing."""
    lasting = silences.listed(session, now)
    for rising in risen:
        series = Series(signature=f"{WORDS}{rising.words}")
        home = _home(session, rising, now)
        if home is not None:
            _go_on(session, home, rising, now)
        elif not silences.covers(lasting, series) and not _known_trouble(session, rising):
            _open(session, office, rising, series, now)


def _home(session: Session, rising: Rising, now: datetime) -> Incident | None:
    """The incident in which some of them, or their words, are known already."""
    query = select(Incident).where(
        col(Incident.signature).startswith(WORDS),
        col(Incident.state).in_(GOING) | (col(Incident.resolved_at) > now - _AGAIN),
    )
    for incident in session.exec(query.order_by(col(Incident.id).desc()).with_for_update()):
        words = incident.signature.removeprefix(WORDS)
        if words in rising.words or rising.words in words or _known(session, incident) & {*rising.tickets}:
            return incident
    return None


def _known(session: Session, incident: Incident) -> set[int]:
    told = story.timeline(session, incident.id or 0)
    return {number for event in told for number in event.data.get("tickets", ()) if event.type in ("opened", "surged")}


def _known_trouble(session: Session, rising: Rising) -> bool:
    """Most of them have what is an incident already, in words that are new."""
    attached = select(func.count()).where(col(Ticket.id).in_(rising.tickets), col(Ticket.incident_id).is_not(None))
    return 2 * session.exec(attached).one() >= len({*rising.tickets})


def _go_on(session: Session, incident: Incident, rising: Rising, now: datetime) -> None:
    """A line in its story whenever they have become twice as many."""
    if incident.state not in GOING:
        return
    told = [event.data["people"] for event in story.timeline(session, incident.id or 0) if "people" in event.data]
    if rising.people >= 2 * max(told, default=0):
        story.record(session, incident, "surged", ACTOR, now, _facts(rising))


def _open(session: Session, office: Office, rising: Rising, series: Series, now: datetime) -> None:
    incident = incidents.open(session, say(_LANG, "incident.title_words", words=rising.words), ACTOR, now,
                              signature=series.signature, since=_moment(rising.since), facts=_facts(rising))  # fmt: skip
    for person in agents.supervisors(session):
        to = agents.address(person)
        if to is None:
            continue
        examples = "\n".join(say(person.lang, "notice.new_words_example", number=saying.ticket,
                                 text=one_line(saying.text, 60)) for saying in rising.examples)  # fmt: skip
        words = say(person.lang, "notice.new_words", number=incident.id, words=rising.words, people=rising.people,
                    since=spoken_time(_moment(rising.since), now, office.zone, person.lang), examples=examples)  # fmt: skip
        row = tuple(
            Button(say(person.lang, f"verb.{verb}.button"), f"{verb}:{incident.id}")
            for verb in ("incident_ack", "incident")
        )
        outbox.put(session, to, Outgoing(words, (row,)), now=now, priority=PRIORITY_NOTICE,
                   key=f"incident:{incident.id}:words:{person.id}")  # fmt: skip


def _facts(rising: Rising) -> dict[str, Any]:
    return {"since": _moment(rising.since).isoformat(), "people": rising.people, "expected": round(rising.expected, 2),
            "examples": [saying.ticket for saying in rising.examples], "tickets": list(rising.tickets)}  # fmt: skip


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
