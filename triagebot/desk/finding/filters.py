"""The filters of a search, such as ``status:open`` and ``due:<1h``: how each is written, and what it means in SQL."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from triagebot.desk.office import Office
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES, PRIORITIES, number_in
from triagebot.locale import LANGUAGES
from triagebot.rulebook.words import Words
from triagebot.store.statements import table_of
from triagebot.store.tables import Agent, Conversation, Ticket

ME, NONE, LATE = "me", "none", "late"
_STATES = (*sorted(OPEN_STATES), "resolved", "closed", "merged")
_GROUPS = {"open": OPEN_STATES, "waiting": HUMAN_STATES}
_STARS = 5
_MOST_SPAN = 5000
"""No span is longer in its unit: with days, a dozen years."""
_SPAN = re.compile(r"([<>]?)=?(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RATED = re.compile(r"([<>]?=?)([1-5])")
_COMPARE = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq, "": operator.eq}

_TICKET, _AGENT, _CONVERSATION = table_of(Ticket), table_of(Agent), table_of(Conversation)
Where = ColumnElement[bool]


@dataclass(frozen=True)
class Span:
    """``longer``: more than ``length`` (wall time), else up to it."""

    longer: bool
    length: timedelta


@dataclass(frozen=True)
class Stars:
    """``how``: one of < > <= >= =."""

    how: str
    stars: int


@dataclass(frozen=True)
class Asking:
    """Who asks, and when: what ``me`` and ``<1h`` are about."""

    agent_id: int | None
    now: datetime


@dataclass(frozen=True)
class Kind:
    """One filter. ``zh``: its Chinese name. ``read``: what was written after the colon -> the value; ValueError when it means
    nothing. ``where``: tickets that it lets through. ``examples``: for who wrote something else."""

    name: str
    zh: str
    read: Callable[[str, Office], Any]
    where: Callable[[Any, Asking], Where]
    examples: Callable[[Office], Iterable[str]]


def _status(word: str, office: Office) -> frozenset[str]:
    found: set[str] = set()
    for part in _parts(word):
        found |= _GROUPS[part] if part in _GROUPS else {_one_of(part, _STATES)}
    return frozenset(found)


def _priority(word: str, office: Office) -> frozenset[str]:
    return frozenset(_one_of(part.upper(), PRIORITIES) for part in _parts(word))


def _queue(word: str, office: Office) -> frozenset[str]:
    return _titled(word, {name: queue.title for name, queue in office.book.queues.items()})


def _platform(word: str, office: Office) -> frozenset[str]:
    return _titled(word, {name: platform.title for name, platform in office.book.platforms.items()})


def _category(word: str, office: Office) -> frozenset[str]:
    """``verification`` is every category whose id begins so."""
    titles = {name: category.title for name, category in office.book.categories.items()}
    family = frozenset(name for name in titles if name.startswith(f"{word}."))
    return family or _titled(word, titles)


def _titled(word: str, titles: Mapping[str, Words]) -> frozenset[str]:
    """Ids, or what people call them in either language."""
    called = {title.in_(lang).lower(): name for name, title in titles.items() for lang in LANGUAGES}
    return frozenset(_one_of(called.get(part.lower(), part), titles) for part in _parts(word))


def _parts(word: str) -> list[str]:
    return [part for part in re.split("[,，]", word) if part]


def _one_of(word: str, known: Iterable[str]) -> str:
    if word not in known:
        raise ValueError(word)
    return word


def _lang(word: str, office: Office) -> str:
    return _one_of(word.lower(), LANGUAGES)


def _name(word: str, office: Office) -> str:
    return word


def _incident(word: str, office: Office) -> int | None:
    number = number_in(word)
    if number is None and word != NONE:
        raise ValueError(word)
    return number


def _rating(word: str, office: Office) -> Stars | None:
    if word == NONE:
        return None
    found = _RATED.fullmatch(word)
    if found is None:
        raise ValueError(word)
    return Stars(found[1], int(found[2]))


def _span(word: str) -> Span:
    found = _SPAN.fullmatch(word.lower())
    if found is None or int(found[2]) > _MOST_SPAN:
        raise ValueError(word)
    return Span(found[1] == ">", timedelta(**{_UNITS[found[3]]: int(found[2])}))


def _due(word: str, office: Office) -> Span | str:
    return word if word in (LATE, NONE) else _span(word)


def _created(word: str, office: Office) -> Span:
    return _span(word)


def _in(column: str) -> Callable[[Any, Asking], Where]:
    return lambda value, asking: _TICKET.c[column].in_(sorted(value))


def _where_assignee(value: str, asking: Asking) -> Where:
    if value == NONE:
        return _TICKET.c.assignee_id.is_(None)
    if value == ME:
        return _TICKET.c.assignee_id == asking.agent_id
    return _TICKET.c.assignee_id.in_(select(_AGENT.c.id).where(_AGENT.c.name == value))


def _where_tag(value: str, asking: Asking) -> Where:
    return ("," + _TICKET.c.tags + ",").contains(f",{value},", autoescape=True)


def _where_user(value: str, asking: Asking) -> Where:
    """The id on the channel, or part of the name."""
    named = func.lower(_CONVERSATION.c.user_name).contains(value.lower(), autoescape=True)
    people = select(_CONVERSATION.c.id).where(or_(_CONVERSATION.c.user == value, named))
    return _TICKET.c.conversation_id.in_(people)


def _where_lang(value: str, asking: Asking) -> Where:
    return _TICKET.c.lang == value


def _where_incident(value: int | None, asking: Asking) -> Where:
    return _TICKET.c.incident_id == value if value is not None else _TICKET.c.incident_id.is_(None)


def _where_rating(value: Stars | None, asking: Asking) -> Where:
    if value is None:
        return _TICKET.c.rating.is_(None)
    found: Where = _COMPARE[value.how](_TICKET.c.rating, value.stars)
    return found


def _where_due(value: Span | str, asking: Asking) -> Where:
    """``<1h``: due within an hour, or late already."""
    if value == NONE:
        return _TICKET.c.due_at.is_(None)
    if isinstance(value, Span):
        moment = asking.now + value.length
        return _TICKET.c.due_at > moment if value.longer else _TICKET.c.due_at <= moment
    return _TICKET.c.due_at < asking.now


def _where_created(value: Span, asking: Asking) -> Where:
    """``<2d``: in the last two days; ``>2d``: before that."""
    moment = asking.now - value.length
    return _TICKET.c.created_at < moment if value.longer else _TICKET.c.created_at >= moment


def _such_as(*examples: str) -> Callable[[Office], Iterable[str]]:
    return lambda office: examples


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("status", "状态", _status, _in("status"), _such_as(*_GROUPS, *_STATES)),
        Kind("queue", "队列", _queue, _in("queue"), lambda office: office.book.queues),
        Kind("due", "到期", _due, _where_due, _such_as("<1h", ">30m", LATE, NONE)),
        Kind("priority", "优先级", _priority, _in("priority"), _such_as(*PRIORITIES, "P1,P2")),
        Kind("assignee", "坐席", _name, _where_assignee, _such_as(ME, NONE, "小李")),
        Kind("tag", "标签", _name, _where_tag, _such_as("急")),
        Kind("category", "分类", _category, _in("category"), lambda office: sorted(office.book.categories)),
        Kind("platform", "平台", _platform, _in("platform"), lambda office: office.book.platforms),
        Kind("lang", "语言", _lang, _where_lang, _such_as(*LANGUAGES)),
        Kind("rating", "评分", _rating, _where_rating, _such_as("<3", ">=4", str(_STARS), NONE)),
        Kind("incident", "事件", _incident, _where_incident, _such_as("3", NONE)),
        Kind("created", "创建", _created, _where_created, _such_as("<2d", ">1w")),
        Kind("user", "用户", _name, _where_user, _such_as("王女士", "12345678")),
    )
}
