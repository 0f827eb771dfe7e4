"""A backtest in words, Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator

from triagebot.desk.incident.backtest import Backtest, Raised
from triagebot.desk.incident.telling import Telling, usual
from triagebot.locale import say
from triagebot.store.incident_tables import Incident
from triagebot.text import spoken_span


def text(found: Backtest, t: Telling) -> str:
    """Every surge and every incident that was missed, by time; the counts come last."""
    head = say(t.lang, "backtest.head", since=t.time(found.since), until=t.time(found.until), reports=f"{found.reports:,}",
               learned=spoken_span(found.learned_s, t.lang))  # fmt: skip
    lines = sorted([*_raised(found, t), *_missed(found, t)])
    counts = say(t.lang, "backtest.counts", found=len(found.found), missed=len(found.missed), only=found.only_here)
    return "\n".join([head, *(words for _, words in lines), counts])


def _raised(found: Backtest, t: Telling) -> Iterator[tuple[str, str]]:
    for each in found.raised:
        key = "backtest.raised" if each.incident is None else "backtest.raised_too"
        yield t.time(each.at), say(
            t.lang, key, at=t.time(each.at), since=t.time(each.since), about=_about(each, t), people=each.people,
            usual=usual(each.expected), until=t.time(each.until) if each.until else "—", number=each.incident,
        )  # fmt: skip


def _missed(found: Backtest, t: Telling) -> Iterator[tuple[str, str]]:
    for one in found.missed:
        at = t.time(one.opened_at)
        yield at, say(t.lang, "backtest.missed", at=at, number=one.id, title=one.title)


def _about(each: Raised, t: Telling) -> str:
    s = each.series
    return t.about(Incident(title="", category=s.category, platform=s.platform, signature=s.signature,
                            app_version=s.app_version))  # fmt: skip
