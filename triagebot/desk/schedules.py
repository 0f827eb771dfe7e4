"""When reports go out: ``daily 09:00``, ``weekly mon 09:00``, ``monthly 1 09:00`` or the five fields of cron, in the office's
zone; and which period is due. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.errors import SettingsError

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PLAIN = re.compile(r"(daily|weekly|monthly)(?: (\w+))? (\d{1,2}):(\d{2})")
_MOST_DAYS = 4 * 366 + 1
"""Further back no line can lie that is carried out at all: the 29th of February comes every four years (but for 2100)."""
_EXAMPLE = "write for example: daily 09:00; weekly mon 09:00; monthly 1 09:00; or cron: 0 9 * * mon-fri"


@dataclass(frozen=True)
class Schedule:
    """``line`` as it was written names the audience. ``fields``: minutes, hours, days, months, weekdays (Sunday is 0); None
    where any day will do. ``queue``: only of this one. ``to``: agents' names; empty: all supervisors."""

    line: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    queue: str = ""
    to: tuple[str, ...] = ()

    def falls_on(self, day: date) -> bool:
        """As cron has it: when both days and weekdays are named, either will do."""
        on_day = self.days is not None and day.day in self.days
        on_weekday = self.weekdays is not None and day.isoweekday() % 7 in self.weekdays
        free = self.days is None and self.weekdays is None
        return day.month in self.months and (free or on_day or on_weekday)


def parse(text: str, queues: Collection[str]) -> tuple[Schedule, ...]:
    """Lines, separated by ``;`` or line ends. SettingsError names the line that makes no sense."""
    lines = [" ".join(part.split()) for part in re.split(r"[;\n]", text)]
    return tuple(_schedule(line, queues) for line in lines if line)


def _schedule(line: str, queues: Collection[str]) -> Schedule:
    words = [word for word in line.split() if "=" not in word]
    options = dict(word.split("=", 1) for word in line.split() if "=" in word)
    if unknown := options.keys() - {"queue", "to"}:
        raise _wrong(line, f"{sorted(unknown)[0]}= is not known; there are queue= and to=")
    if (queue := options.get("queue", "")) and queue not in queues:
        raise _wrong(line, f"there is no queue {queue!r}; known: {', '.join(queues)}")
    fields = _fields(line, " ".join(words).lower())
    minutes, hours, days, months, weekdays = (
        frozenset(_numbers(line, field, n)) for n, field in enumerate(fields)
    )  # fmt: skip
    found = Schedule(
        line=line, minutes=minutes, hours=hours, days=None if fields[2] == "*" else days, months=months,
        weekdays=None if fields[4] == "*" else frozenset(day % 7 for day in weekdays),
        queue=queue, to=tuple(name for name in options.get("to", "").split(",") if name),
    )  # fmt: skip
    if not any(found.falls_on(date(2024, 1, 1) + timedelta(days=n)) for n in range(_MOST_DAYS)):
        raise _wrong(line, "there is no such day")
    return found


def _fields(line: str, words: str) -> list[str]:
    plain = _PLAIN.fullmatch(words)
    if plain is None:
        fields = words.split()
        if len(fields) != len(_RANGES):
            raise _wrong(line, _EXAMPLE)
        return fields
    how, day, hour, minute = plain.groups()
    if (how == "daily") != (day is None):
        raise _wrong(line, _EXAMPLE)
    of_month, of_week = (day if how == "monthly" else "*"), (day if how == "weekly" else "*")
    return [str(int(minute)), str(int(hour)), of_month, "*", of_week]


def _numbers(line: str, field: str, n: int) -> Iterator[int]:
    """``*``, ``5``, ``1-5``, ``*/15``, ``mon-fri``, and lists of these."""
    least, most = _RANGES[n]
    for part in field.split(","):
        body, _, every = part.partition("/")
        first, _, last = body.partition("-")
        ends = (least, most) if body == "*" else (_number(line, first, n), _number(line, last or first, n))
        step = int(every) if every.isdecimal() and int(every) else 0 if every else 1
        if not step or not least <= ends[0] <= ends[1] <= most:
            raise _wrong(line, f"{part!r} is out of range; {_EXAMPLE}")
        yield from range(ends[0], ends[1] + 1, step)


def _number(line: str, word: str, n: int) -> int:
    if n == len(_RANGES) - 1 and word[:3] in _DAYS:
        return _DAYS.index(word[:3])
    if not word.isdecimal() or len(word) > 2:
        raise _wrong(line, f"{word!r} is no number; {_EXAMPLE}")
    return int(word)


def _wrong(line: str, why: str) -> SettingsError:
    return SettingsError(f"TRIAGEBOT_REPORTS: {line!r}: {why}")


def due(schedule: Schedule, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period of the newest moment that is not ahead of ``now``: the whole days since the moment before it, or, for
    moments of the same day, the time between the two. Missed ones before it are past and gone."""
    newest = _before(schedule, now + timedelta(microseconds=1), zone)
    earlier = _before(schedule, newest, zone) if newest is not None else None
    if newest is None or earlier is None:
        return None
    first, last = (at.astimezone(zone).date() for at in (earlier, newest))
    if first == last:
        return Period(earlier, newest)
    return Period(*(datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, last)))


def _before(schedule: Schedule, limit: datetime, zone: ZoneInfo) -> datetime | None:
    """The newest moment of ``schedule`` that lies before ``limit``."""
    day = limit.astimezone(zone).date()
    for _ in range(_MOST_DAYS):
        if schedule.falls_on(day):
            for hour in sorted(schedule.hours, reverse=True):
                for minute in sorted(schedule.minutes, reverse=True):
                    at = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                    if at < limit:
                        return at
        day -= timedelta(days=1)
    return None
