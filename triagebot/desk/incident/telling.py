"""The story of an incident in words, for colleagues: who did what, when, and the figures that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triagebot.desk.incident import new_words
from triagebot.desk.office import Office
from triagebot.detect.series import Series
from triagebot.locale import catalogue, say
from triagebot.store.incident_tables import Incident, IncidentEvent
from triagebot.text import one_line, spoken_time

_LONGEST = 160
_TENTHS_BELOW = 9.95


@dataclass(frozen=True)
class Telling:
    """What is needed to tell it to one reader. ``names``: what everybody is called, by actor (roster.names). ``dated``: with
    dates in full, for what is read later, too."""

    office: Office
    lang: str
    now: datetime
    names: Mapping[str, str]
    dated: bool = False

    def who(self, actor: str) -> str:
        known = catalogue(self.lang).get(f"actor.{actor.partition(':')[0]}", "–")
        return self.names.get(actor, known)

    def time(self, at: datetime) -> str:
        if self.dated:
            return f"{at.astimezone(self.office.zone):%Y-%m-%d %H:%M}"
        return spoken_time(at, self.now, self.office.zone, self.lang)

    def about(self, incident: Incident) -> str:
        """Whom it concerns: platform, category, wording and version as far as they are known, "" for nothing."""
        return " · ".join(self.details({name: getattr(incident, name) for name in _CONCERNS}))

    def details(self, data: Mapping[str, Any]) -> Iterator[str]:
        for name, words in _DETAILS:
            if data.get(name) and (told := words(data, self)):
                yield told


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str
    detail: str


def lines(events: Iterable[IncidentEvent], telling: Telling) -> list[Line]:
    """One for each event, in the same order."""
    return [_line(event, telling) for event in events]


def _line(event: IncidentEvent, telling: Telling) -> Line:
    what = catalogue(telling.lang).get(f"incident.story.{event.type}", event.type)
    return Line(event.at, telling.who(event.actor), what, " · ".join(telling.details(_facts(event))))


def _facts(event: IncidentEvent) -> Mapping[str, Any]:
    """Since when it is calm is not when it began."""
    if event.type == "calmed":
        return {"calm": event.data.get("since")}
    return event.data


def usual(mean: float) -> str:
    """A mean as people say it: 12, or 0.4 where a whole number would say nothing."""
    return f"{mean:.0f}" if mean >= _TENTHS_BELOW else f"{mean:.1f}".removesuffix(".0")


def since(begin: datetime, people: int, mean: float | None, telling: Telling) -> str:
    """自 14:05 起 38 人，平常约 3 人。``mean``: None where nobody knows what is usual."""
    key = "incident.since" if mean is None else "incident.since_usual"
    return say(telling.lang, key, at=telling.time(begin), people=people, usual=usual(mean or 0.0))


def _people(data: Mapping[str, Any], t: Telling) -> str:
    if "expected" not in data:
        return say(t.lang, "incident.detail.people", people=data["people"])
    return say(t.lang, "incident.detail.people_usual", people=data["people"], usual=usual(float(data["expected"])))


def _moment(data: Mapping[str, Any], name: str, t: Telling) -> str:
    at = datetime.fromisoformat(str(data[name]))
    return say(t.lang, f"incident.detail.{name}", at=t.time(at))


def _series(key: str, t: Telling) -> str:
    series = Series.of_key(key)
    return " · ".join(t.details({name: getattr(series, name) for name in _CONCERNS}))


def _signature(signature: str, t: Telling) -> str:
    """Of new wordings, which fit no category, the words alone."""
    if signature.startswith(new_words.WORDS):
        return say(t.lang, "incident.detail.words", words=signature.removeprefix(new_words.WORDS))
    return say(t.lang, "incident.detail.signature", signature=signature)


def _numbers(numbers: Iterable[int], t: Telling) -> str:
    return _LISTED[t.lang].join(f"#{number}" for number in numbers)


_LISTED = {"zh": "、", "en": ", "}
_CONCERNS = ("platform", "category", "signature", "app_version")
_DETAILS: tuple[tuple[str, Callable[[Mapping[str, Any], Telling], str]], ...] = (
    ("platform", lambda data, t: t.office.platform_title(str(data["platform"]), t.lang)),
    ("category", lambda data, t: t.office.title(str(data["category"]), t.lang)),
    ("signature", lambda data, t: _signature(str(data["signature"]), t)),
    ("app_version", lambda data, t: say(t.lang, "incident.detail.app_version", version=data["app_version"])),
    ("series", lambda data, t: _series(str(data["series"]), t)),
    ("since", lambda data, t: _moment(data, "since", t)),
    ("people", _people),
    ("calm", lambda data, t: _moment(data, "calm", t)),
    (
        "categories",
        lambda data, t: _LISTED[t.lang].join(t.office.title(str(name), t.lang) for name in data["categories"]),
    ),
    ("examples", lambda data, t: say(t.lang, "incident.detail.examples", tickets=_numbers(data["examples"], t))),
    ("tickets", lambda data, t: say(t.lang, "incident.detail.tickets", count=len(data["tickets"]))),
    ("by", lambda data, t: say(t.lang, "incident.detail.incident", number=data["by"])),
    ("text", lambda data, t: one_line(str(data["text"]), _LONGEST)),
)
"""What may stand in an event's data, in the order in which it is told."""
