"""From surges to incidents: opened, gone on with, opened again or covered, once each, however often this runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.desk.incident import alerts, grouping, incidents, silences, story, surging
from triagebot.desk.incident.surging import Surging
from triagebot.desk.office import Office
from triagebot.detect.series import Calm, Series, Surge
from triagebot.locale import say
from triagebot.store.incident_tables import GOING, Incident, Silence
from triagebot.text import span

ACTOR = "system"
_LANG = "zh"
"""Titles are written once, in the language of the house."""


@dataclass
class _Board:
    """What is known while surges are turned into incidents. ``going`` are under lock."""

    session: Session
    office: Office
    now: datetime
    surging: Surging
    lasting: Sequence[Silence]
    going: list[Incident] = field(default_factory=list)

    @property
    def heard(self) -> list[Surge]:
        """Surges that no incident knows of, and that no silence covers."""
        return [surge for surge in self.surging.untold if not silences.covers(self.lasting, surge.series)]

    def home(self, series: Series) -> Incident | None:
        return grouping.home(self.going, series, self.office.book.incidents)

    def over(self, incident: Incident | None) -> list[Incident]:
        """It, and the wider one that covers it."""
        if incident is None:
            return []
        return [each for each in self.going if each.id in (incident.id, incident.covered_by)]


def settle(
    session: Session, office: Office, found: Sequence[Surge | Calm], event: int, learned: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> Surging:  # fmt: skip
    """Bring incidents up to date with what the detector ``found``, and keep what it ``learned`` up to ``event``; returns what
    lasts now. What nobody was told of because a silence covers it is to be settled again when that may be over."""
    state = surging.load(session)
    board = _Board(session, office, now, state, silences.listed(session, now), _going(session))
    calm = [_note(state, each) for each in found]
    _cover(board)
    for surge in board.heard:
        _raise(board, surge)
    for each in calm:
        if each is not None and each.series not in state.lasting:
            _calm_down(board, each)
    state.event = max(state.event, event)
    surging.save(session, state, learned, now)
    return state


def ended(session: Session, office: Office, state: Surging) -> list[Series]:
    """Series of which somebody was told, and whose incident was ended by somebody while they surge."""
    told = [series for series, each in state.lasting.items() if each.told]
    if not told:
        return []
    going = session.exec(select(Incident).where(col(Incident.state).in_(GOING))).all()
    return [series for series in told if grouping.home(going, series, office.book.incidents) is None]


def _going(session: Session) -> list[Incident]:
    """Under lock: a supervisor may be at one of them."""
    query = select(Incident).where(col(Incident.state).in_(GOING)).order_by(col(Incident.id)).with_for_update()
    return list(session.exec(query.execution_options(populate_existing=True)))


def _note(state: Surging, found: Surge | Calm) -> Calm | None:
    if isinstance(found, Surge):
        state.begins(found)
        return None
    return found if state.lasting.pop(found.series, None) is not None else None


def _cover(board: _Board) -> None:
    """Where so many categories of a platform surge that it is out as a whole, one incident stands for them all."""
    rules = board.office.book.incidents
    heard = {surge.series: surge for surge in board.heard}
    known = {series for series, each in board.surging.lasting.items() if each.told}
    for platform, categories in grouping.out_as_a_whole({*known, *heard}, rules).items():
        series = Series(platform=platform)
        if any(grouping.series_of(incident) == series for incident in board.going):
            continue
        parts = [each.surge for s, each in board.surging.lasting.items() if s.platform == platform and s in {*known, *heard}
                 and grouping.is_outage(rules, s)]  # fmt: skip
        if not any(surge.series in heard for surge in parts):
            continue  # somebody ended it, and nothing new has come since
        whole = Surge(series, board.now.timestamp(), min(s.since for s in parts), max(s.people for s in parts),
                      sum(s.expected for s in parts))  # fmt: skip
        wide = _raise_anew(board, whole, {"categories": categories})
        for incident in board.going:
            if incident.platform == platform and incident.category in categories and incident is not wide:
                incident.covered_by, incident.alert_at = wide.id, None
                board.session.add(incident)
                story.record(board.session, incident, "covered", ACTOR, board.now, {"by": wide.id})


def _raise(board: _Board, surge: Surge) -> None:
    incident = board.home(surge.series)
    if incident is None:
        _raise_anew(board, surge)
    else:
        _go_on(board, incident, surge)
    board.surging.is_told(surge.series)


def _raise_anew(board: _Board, surge: Surge, more: Mapping[str, Any] | None = None) -> Incident:
    """A new incident, or one that was resolved too soon."""
    incident = _ended_lately(board, surge.series)
    facts = {**_facts(surge), **(more or {})}
    if incident is None:
        incident = incidents.open(board.session, title(board.office, surge.series), ACTOR, board.now, facts=facts,
                                  since=_moment(surge.since), **surge.series._asdict())  # fmt: skip
        kind = "opened"
    else:
        incidents.reopen(board.session, incident, ACTOR, board.now, facts)
        kind = "reopened"
    board.going.append(incident)
    alerts.begin(board.session, board.office, incident, kind, _moment(surge.since), surge.expected, board.now)
    return incident


def _ended_lately(board: _Board, series: Series) -> Incident | None:
    since = board.now - span(board.office.book.incidents.reopen_within)
    the_same = [Incident.category == series.category, Incident.platform == series.platform]
    if not (series.category or series.platform):
        the_same.append(Incident.signature == series.signature)
    query = (
        select(Incident)
        .where(
            Incident.state == "resolved", col(Incident.resolved_at) > since, col(Incident.since).is_not(None), *the_same
        )
        .order_by(col(Incident.resolved_at).desc(), col(Incident.id).desc())
        .with_for_update()
    )
    return board.session.exec(query.execution_options(populate_existing=True)).first()


def _go_on(board: _Board, incident: Incident, surge: Surge) -> None:
    """More of what is known: a line in its story, and for a narrower incident a wider view."""
    own, since = grouping.series_of(incident), _moment(surge.since)
    if own != surge.series and (own.category, own.platform) == (surge.series.category, surge.series.platform):
        incident.signature = incident.app_version = ""
        incident.title = title(board.office, grouping.series_of(incident))
    incident.since = min(incident.since or since, since)
    for each in board.over(incident):
        each.calm_at = None
        board.session.add(each)
    story.record(board.session, incident, "surged", ACTOR, board.now, _facts(surge))


def _calm_down(board: _Board, calm: Calm) -> None:
    """An incident is calm when nothing of it surges any more."""
    own = board.home(calm.series)
    loud = {each.id for series, lasting in board.surging.lasting.items() if lasting.told
            for each in board.over(board.home(series))}  # fmt: skip
    for incident in board.over(own):
        if incident.id in loud or incident.calm_at is not None:
            continue
        incident.calm_at = _moment(calm.since)
        board.session.add(incident)
        story.record(board.session, incident, "calmed", ACTOR, board.now, {"since": incident.calm_at.isoformat()})
        if incident.covered_by is None:
            alerts.calm(board.session, board.office, incident, board.now)


def title(office: Office, series: Series) -> str:
    """What colleagues read: where, and what."""
    where = office.platform_title(series.platform, _LANG)
    what = office.title(series.category, _LANG)
    if not series.category:
        return say(_LANG, "incident.title_wide", platform=where)
    words = say(_LANG, "incident.title", platform=where, category=what) if series.platform else what
    part = series.signature.partition(":")[2] or series.app_version
    return say(_LANG, "incident.title_part", title=words, part=part) if part else words


def _facts(surge: Surge) -> dict[str, Any]:
    return {"series": surge.series.key, "since": _moment(surge.since).isoformat(), "people": surge.people,
            "expected": round(surge.expected, 2)}  # fmt: skip


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
