"""A ticket's row from its events alone, and where the row in the database says something else. Pure: rows in, findings out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, cast

from triagebot.desk.tickets import OPEN_STATES, PROJECTIONS
from triagebot.store.tables import Ticket


@dataclass
class Standing:
    """The columns of a ticket's row that events change; kept up by the very functions that keep up the row."""

    status: str = "bot"
    category: str = "other.out_of_scope"
    platform: str = "unknown"
    priority: str = "P4"
    queue: str = ""
    assignee_id: int | None = None
    rating: int | None = None
    sla: dict[str, Any] = field(default_factory=dict)
    escalated_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    tags: str = ""
    snoozed_until: datetime | None = None
    incident_id: int | None = None


PROJECTED = (*(each.name for each in fields(Standing)), "created_at", "updated_at")
"""What a replay determines. ``lang`` and ``summary`` are no projections: they are set once, and erased with the words."""
_FIRST = "opened"
_NEEDS_OPEN = frozenset(
    {
        "taken", "reassigned", "agent_replied", "queue_changed", "priority_changed", "policy_changed", "merged",
        "snoozed", "woken", "incident_attached",
    }
)  # fmt: skip
"""Only done to a ticket that is not over, looked at under its row's lock. Others may come later: notes, a rating, words that
were under way."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; ``data`` may be left out (empty) where its type projects nothing."""

    id: int
    at: datetime
    type: str
    actor: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """``column``: where the row differs, and then ``value`` is what it should be; "" for events that cannot be so."""

    ticket: int
    words: str
    column: str = ""
    value: Any = None

    def __str__(self) -> str:
        return f"ticket {self.ticket}: {self.words}"


def faults(number: int, row: dict[str, Any], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Where ``row``, a ticket's columns as they are, and its events do not fit, and events that could not have happened.

    Ids go forward. Times need not: each process says ``now`` when it decides, which may be before another one's moment that
    was written first, and clocks are put right.
    """
    if not entries:
        yield Finding(number, "it has no events; restore a backup")
        return
    told = Standing()
    try:
        yield from _replay(number, entries, told)
    except ValueError as error:
        yield Finding(number, f"its events cannot be replayed ({error}); restore a backup")
        return
    expected = {**vars(told), "created_at": entries[0].at, "updated_at": entries[-1].at}
    for column in PROJECTED:
        if row[column] != expected[column]:
            yield Finding(number, f"{column} {_differ(row[column], expected[column])}", column, expected[column])


def _replay(number: int, entries: Sequence[Entry], row: Standing) -> Iterator[Finding]:
    """Bring ``row`` to what ``entries`` say. ValueError names the event that lacks what its projection needs."""
    if entries[0].type != _FIRST:
        yield Finding(number, f"its first event {entries[0].id} is {entries[0].type}, not {_FIRST}")
    for entry in entries:
        if entry.type == _FIRST and entry is not entries[0]:
            yield Finding(number, f"event {entry.id} opens it again")
        if entry.type in _NEEDS_OPEN and row.status not in OPEN_STATES:
            yield Finding(number, f"event {entry.id} is {entry.type}, but it was {row.status} then")
        project = PROJECTIONS.get(entry.type)
        if project is None:
            continue
        try:
            project(cast(Ticket, row), entry.data, entry.at)
        except (LookupError, TypeError, ValueError) as error:
            raise ValueError(f"event {entry.id}, {entry.type}, lacks {error}") from error


def _differ(found: Any, expected: Any) -> str:
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = [key for key in {**expected, **found} if found.get(key) != expected.get(key)]
        found, expected = ({key: part[key] for key in keys if key in part} for part in (found, expected))
    return f"is {_shown(found)}, its events say {_shown(expected)}"


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)
