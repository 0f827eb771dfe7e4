"""What an agent types into the search: words, "phrases", -words, filters and #numbers, read into a typed query. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from triagebot.desk.finding.filters import KINDS, Kind
from triagebot.desk.finding.grams import Phrase, phrase
from triagebot.desk.office import Office
from triagebot.desk.tickets import number_in
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.text import clip

_MOST_CHARS = 300
_MOST_PARTS = 20
_MOST_EXAMPLES = 8
_PART = re.compile(r'(?P<minus>-?)(?:(?P<name>[^\W\d_]+)[:：])?(?:"(?P<quoted>[^"]*)"|(?P<word>\S+))?')
_QUOTES = str.maketrans("“”„＂", '""""')
_BY_NAME = {**KINDS, **{kind.zh: kind for kind in KINDS.values()}}


@dataclass(frozen=True)
class Filter:
    """``value`` is what its kind reads (desk.filters). ``excluded``: tickets that it does not let through."""

    name: str
    value: Any
    excluded: bool = False


@dataclass(frozen=True)
class Query:
    """All of ``words`` in one message and none of ``without``, at a ticket that every filter lets through."""

    words: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    filters: tuple[Filter, ...] = ()
    number: int | None = None


def parse(text: str, office: Office, lang: str) -> Query:
    """DeskError, in the words of ``lang``, for a filter that means nothing: which, and how it is written."""
    words: list[Phrase] = []
    without: list[Phrase] = []
    filters: list[Filter] = []
    number: int | None = None
    for part in _parts(text, lang):
        kind = _kind(part, lang)
        if kind is not None:
            filters.append(_filter(part, kind, office, lang))
        elif part.is_number:
            number = number_in(part.words)
        elif (found := phrase(part.words if part.name is None else f"{part.name}:{part.words}")) is not None:
            (without if part.excluded else words).append(found)
    return Query(tuple(words), tuple(without), tuple(filters), number)


@dataclass(frozen=True)
class _Part:
    written: str
    name: str | None
    words: str
    excluded: bool

    @property
    def is_number(self) -> bool:
        return self.name is None and self.words.startswith("#") and number_in(self.words) is not None


def _parts(text: str, lang: str) -> Iterator[_Part]:
    if len(text) > _MOST_CHARS:
        raise DeskError(say(lang, "find.too_long", most=_MOST_CHARS))
    found = (match for match in _PART.finditer(text.translate(_QUOTES).replace("－", "-")) if match[0].strip())
    for match in islice(found, _MOST_PARTS):
        words = match["quoted"] if match["quoted"] is not None else match["word"] or ""
        yield _Part(match[0], match["name"], words, bool(match["minus"]))


def _kind(part: _Part, lang: str) -> Kind | None:
    """What stands before a colon may be a filter, nearly one, or just what somebody wrote (http://…, 错误：4003)."""
    if part.name is None:
        return None
    name = part.name.lower()
    if name not in _BY_NAME and (meant := get_close_matches(name, _BY_NAME, n=1)):
        known = say(lang, "list.separator").join(KINDS)
        raise DeskError(say(lang, "find.unknown", part=clip(part.written, 40), meant=f"{meant[0]}:", known=known))
    return _BY_NAME.get(name)


def _filter(part: _Part, kind: Kind, office: Office, lang: str) -> Filter:
    try:
        if not part.words:
            raise ValueError(part.words)
        return Filter(kind.name, kind.read(part.words, office), part.excluded)
    except ValueError:
        examples = [f"{kind.name}:{example}" for example in islice(kind.examples(office), _MOST_EXAMPLES)]
        raise DeskError(
            say(
                lang, "find.bad_value", part=clip(part.written, 40), examples=say(lang, "list.separator").join(examples)
            )
        ) from None
