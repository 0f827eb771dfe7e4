"""What supervisors do about surges that are expected: /silence, /silences, /unsilence; one function a verb."""

from __future__ import annotations

from datetime import timedelta

from triagebot.desk import tickets, wake_times
from triagebot.desk.incident import silences
from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.rulebook.schema import RuleBook
from triagebot.store.incident_tables import Silence
from triagebot.store.tables import Agent
from triagebot.text import spoken_time

_LONGEST = timedelta(days=30)
_ANYWHERE = "unknown"
USAGE = "/silence CATEGORY|PLATFORM|CATEGORY@PLATFORM WHEN [REASON]"


def put(call: Call) -> str:
    """Nobody is called about it until then: /silence verification.face@wechat 2h."""
    words, _, rest = call.text.partition(" ")
    category, platform = _what(call, words)
    found = wake_times.parse(rest.strip(), call.now, call.office.zone)
    if found is None:
        raise DeskError(say(call.lang, "silence.needs_time", usage=USAGE))
    until, reason = found
    if not call.now < until <= call.now + _LONGEST:
        raise DeskError(say(call.lang, "silence.too_long", days=_LONGEST.days))
    silence = silences.put(call.session, category, platform, until, reason, call.actor, call.now)
    return say(call.lang, "silence.put", number=silence.id, what=what(call, silence), until=_at(call, silence))


def listed(call: Call) -> str:
    """Those that last."""
    found = silences.listed(call.session, call.now)
    if not found:
        return say(call.lang, "silence.none", usage=USAGE)
    return "\n".join([say(call.lang, "silence.head", count=len(found)), *(_line(call, silence) for silence in found)])


def end(call: Call) -> str:
    """Before its time: /unsilence N."""
    number = tickets.number_in(call.text)
    if number is None:
        raise DeskError(say(call.lang, "silence.needs_number"))
    silence = silences.end(call.session, number, call.now)
    return say(call.lang, "silence.ended", number=silence.id, what=what(call, silence))


def what(call: Call, silence: Silence) -> str:
    """What is silent, in words."""
    where = call.office.platform_title(silence.platform, call.lang)
    named = call.office.title(silence.category, call.lang)
    if not silence.category:
        return say(call.lang, "silence.platform", platform=where)
    return say(call.lang, "incident.title", platform=where, category=named) if silence.platform else named


def _line(call: Call, silence: Silence) -> str:
    by = call.session.get(Agent, int(silence.by.removeprefix("agent:"))) if silence.by.startswith("agent:") else None
    words = say(call.lang, "silence.line", number=silence.id, what=what(call, silence), until=_at(call, silence),
                agent=by.name if by is not None else silence.by)  # fmt: skip
    return say(call.lang, "silence.because", line=words, reason=silence.reason) if silence.reason else words


def _at(call: Call, silence: Silence) -> str:
    return spoken_time(silence.until, call.now, call.office.zone, call.lang)


def _what(call: Call, words: str) -> tuple[str, str]:
    """(category, platform), "" for any. Platforms may be named as they are titled."""
    book = call.office.book
    first, at, second = words.partition("@")
    if at:
        category, platform = (first if first in book.categories else ""), _platform(book, second)
        known = bool(category and platform)
    else:
        category = first if first in book.categories else ""
        platform = "" if category else _platform(book, first)
        known = bool(category or platform)
    if not known:
        platforms = ", ".join(name for name in book.platforms if name != _ANYWHERE)
        raise DeskError(say(call.lang, "silence.what", word=words, platforms=platforms))
    return category, platform


def _platform(book: RuleBook, word: str) -> str:
    """ "" for none that exists."""
    return next((name for name, each in book.platforms.items()
                 if name != _ANYWHERE and word.lower() in (name, each.title.zh, each.title.en.lower())), "")  # fmt: skip
