"""A post-mortem in words, Chinese or English: facts and what happened, in order; nobody is judged."""

from __future__ import annotations

from collections.abc import Iterator

from triagebot.desk.incident.retrospect import PostMortem
from triagebot.desk.incident.telling import Telling, lines, since, usual
from triagebot.locale import say
from triagebot.text import spoken_span

Row = tuple[str, str]
"""What it is, and how it was."""


def rows(found: PostMortem, telling: Telling) -> list[Row]:
    """Only what is known."""
    return [(say(telling.lang, f"postmortem.{name}"), words) for name, words in _facts(found, telling) if words]


def _facts(found: PostMortem, t: Telling) -> Iterator[tuple[str, str]]:
    incident, c, lang = found.incident, found.curve, t.lang
    yield "state", say(lang, f"incident.{incident.state}" if incident.resolved_at else "postmortem.draft")
    yield "about", t.about(incident)
    yield "began", t.time(incident.since) if incident.since else ""
    yield "opened", _with_span(t.time(incident.opened_at), found.detected_after_s, t)
    if incident.acknowledged_at:
        yield "acknowledged", _with_span(t.time(incident.acknowledged_at), found.acknowledged_after_s, t)
    yield "calm", t.time(incident.calm_at) if incident.calm_at else ""
    if incident.resolved_at:
        yield "resolved", _with_span(t.time(incident.resolved_at), found.resolved_after_s, t)
    yield (
        "affected",
        say(lang, "postmortem.affected_by", people=found.people, tickets=found.tickets, messages=found.messages),
    )
    yield "reported", since(c.since, c.so_far, c.usual_so_far, t)
    yield "peak", _peak(found, t)
    if incident.resolved_at:
        yield "told", say(lang, "postmortem.told_and_not_over", told=found.told, not_over=found.not_over)
    yield "said", incident.status_text


def _with_span(at: str, seconds: float | None, t: Telling) -> str:
    return at if seconds is None else say(t.lang, "postmortem.after", at=at, span=spoken_span(seconds, t.lang))


def _peak(found: PostMortem, t: Telling) -> str:
    c = found.curve
    if not c.people[c.peak]:
        return ""
    key = "postmortem.peak_usual" if c.usual else "postmortem.peak_of"
    return say(t.lang, key, at=t.time(c.start(c.peak)), span=spoken_span(c.width.total_seconds(), t.lang),
               people=c.people[c.peak], usual=usual(c.usual[c.peak]) if c.usual else "")  # fmt: skip


def text(found: PostMortem, telling: Telling) -> str:
    """For a chat or a terminal."""
    head = say(telling.lang, "postmortem.head", number=found.incident.id, title=found.incident.title)
    facts = [say(telling.lang, "postmortem.row", name=name, value=value) for name, value in rows(found, telling)]
    return "\n".join([head, *facts, "", say(telling.lang, "postmortem.timeline"), *_timeline(found, telling)])


def markdown(found: PostMortem, telling: Telling) -> str:
    """To be put where a team keeps such things."""
    head = say(telling.lang, "postmortem.head", number=found.incident.id, title=found.incident.title)
    facts = [f"- **{name}**{_COLON[telling.lang]}{_on_one_line(value)}" for name, value in rows(found, telling)]
    timeline = [f"- {line}" for line in _timeline(found, telling)]
    return "\n".join([f"# {head}", "", *facts, "", f"## {say(telling.lang, 'postmortem.timeline')}", "", *timeline, ""])


_COLON = {"zh": "：", "en": ": "}


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


def _timeline(found: PostMortem, telling: Telling) -> Iterator[str]:
    for line in lines(found.story, telling):
        what = f"{line.who} {line.what}"
        yield f"{telling.time(line.at)} {what}{_COLON[telling.lang] + line.detail if line.detail else ''}"
