"""Why a ticket's clocks stand where they stand: each promise with the stretches that counted or did not, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import ticket_clocks
from triagebot.locale import say
from triagebot.sla.clocks import Clock, Segment
from triagebot.text import spoken_span


def explain(session: Session, office: Office, number: int, lang: str, now: datetime) -> str:
    """In words, times to the second in the office's zone. DeskError when there is no such ticket."""
    ticket = tickets.get(session, number)
    found = ticket_clocks(session, office, ticket, now)
    if not found:
        return say(lang, "explain.nothing", number=number)
    promise = ticket.sla or {}
    head = say(lang, "explain.head", number=number, priority=ticket.priority,
               queue=office.queue_title(ticket.queue, lang), calendar=promise.get("calendar", "24x7"),
               version=promise.get("version", "-"))  # fmt: skip
    return "\n".join([head, *("\n".join(lines(office, clock, lang)) for clock in found)])


def explained(session: Session, office: Office, number: int, now: datetime) -> dict[str, Any]:
    """The same as data: the promise in force, and each clock as ``sla simulate`` prints it."""
    ticket = tickets.get(session, number)
    clocks = [clock.to_json() for clock in ticket_clocks(session, office, ticket, now)]
    return {"ticket": number, "promise": ticket.sla, "now": now.isoformat(), "clocks": clocks}


def lines(office: Office, clock: Clock, lang: str) -> list[str]:
    """One clock: its head, then each stretch of time and how it ended."""
    target = clock.elapsed_s + clock.remaining_s
    found = [
        say(lang, "explain.clock", metric=say(lang, f"metric.{clock.metric}"), state=say(lang, f"clock.{clock.state}"),
            target=spoken_span(target, lang), elapsed=_exact(clock.elapsed_s), due=_at(office, clock.due_at, lang))
    ]  # fmt: skip
    found += ["  " + _segment(office, segment, lang) for segment in clock.segments]
    if clock.ended_by:
        end = clock.segments[-1].end if clock.segments else clock.started_at
        key = "explain.done" if clock.met_at is not None else "explain.cancelled"
        found.append("  " + say(lang, key, at=_at(office, end, lang), why=say(lang, f"event.{clock.ended_by}")))
    if clock.breached_at is not None:
        found.append("  " + say(lang, "explain.breached", at=_at(office, clock.breached_at, lang)))
    if clock.warning:
        found.append("  ! " + clock.warning)
    return found


def _segment(office: Office, segment: Segment, lang: str) -> str:
    key = "explain.counted" if segment.counted else "explain.paused"
    end = _at(office, segment.end, lang) if segment.end is not None else say(lang, "explain.now")
    return say(lang, key, start=_at(office, segment.start, lang), end=end, elapsed=_exact(segment.elapsed_s),
               why=say(lang, f"event.{segment.why}"))  # fmt: skip


def _at(office: Office, at: datetime | None, lang: str) -> str:
    return f"{at.astimezone(office.zone):%Y-%m-%d %H:%M:%S}" if at is not None else say(lang, "explain.unknown")


def _exact(seconds: int) -> str:
    """Hours, minutes and seconds: here every second is meant."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
