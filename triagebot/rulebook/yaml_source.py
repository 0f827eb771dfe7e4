"""One YAML file of a rule pack: bytes -> plain data, with the line of every node kept, and everything refused that a rule has
no use for (anchors, merge keys, tags, duplicate keys, several documents, depth, size).

Scalars are read as YAML 1.1, like other tools read them; what that turns into something nobody meant (12:30, 010) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_BYTES = 1_000_000
DEEPEST = 12

Lines = tuple[int, "dict[Any, Lines] | list[Lines] | None"]
"""(line from 1, the same for what is inside). A value in a mapping has its key's line."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_ODD_NUMBER = re.compile(r"[-+]?0[\d_xXbBoO].*|.*:.*")
"""12:30 (base 60), 010 (octal), 0x1F: what YAML 1.1 makes of them is not what was written."""
_TAB = "the indentation contains a tab; YAML wants spaces"
_COLON = "a text that contains `: ` or begins with a special character must be in quotes"


@dataclass(frozen=True, slots=True)
class Document:
    """``data`` is worth using only without ``problems`` (line, what is wrong and what to do)."""

    data: Any = None
    lines: Lines = (1, None)
    problems: list[tuple[int, str]] = field(default_factory=list)


def parse(raw: bytes) -> Document:
    """Read one file. Never raises for any content; findings are in ``problems``, in the order of the file."""
    if len(raw) > MOST_BYTES:
        return _refused(
            1, f"the file has {len(raw):,} bytes, more than {MOST_BYTES:,}; split it or remove what is not a rule"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        return _refused(raw.count(b"\n", 0, e.start) + 1, "the file is not UTF-8; save it as UTF-8")
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line = mark.line + 1 if mark else 1
        return _refused(line, f"not valid YAML: {e.problem or e.context}; {_hint(text, line)}")
    except yaml.reader.ReaderError as e:
        line = text.count("\n", 0, e.position) + 1 if isinstance(e.position, int) else 1
        return _refused(line, f"the character U+{ord(chr(e.character)):04X} is not allowed in YAML; remove it")
    except yaml.YAMLError as e:
        return _refused(1, f"not valid YAML: {' '.join(str(e).split())}")


def _refused(line: int, why: str) -> Document:
    return Document(problems=[(line, why)])


def _hint(text: str, line: int) -> str:
    rows = text.split("\n")
    here = rows[line - 1] if line <= len(rows) else ""
    return _TAB if "\t" in here[: len(here) - len(here.lstrip())] else _COLON


class _TooDeep(Exception):
    """Composing stops: what lies below would cost more than it is worth to read."""


class _Composer:
    """Builds data and lines from libyaml's events in one pass."""

    def __init__(self, text: str) -> None:
        self._loader = _LOADER(text)
        self._plain_starts = frozenset(first for first in self._loader.yaml_implicit_resolvers if first)
        self._problems: list[tuple[int, str]] = []

    def document(self) -> Document:
        try:
            self._next()
            if isinstance(self._next(), yaml.StreamEndEvent):
                return _refused(1, "the file is empty; write the rules, or remove the file")
            data, lines = self._node(self._next(), 1)
            self._next()
            if not isinstance(after := self._next(), yaml.StreamEndEvent):
                self._problem(after, "a second document begins; a rule file holds one, remove the `---`")
        except _TooDeep:
            data, lines = None, (1, None)
        finally:
            self._loader.dispose()
        return Document(data, lines, self._problems)

    def _next(self) -> Any:
        return self._loader.get_event()

    def _problem(self, event: Any, why: str) -> None:
        self._problems.append((event.start_mark.line + 1, why))

    def _node(self, event: Any, depth: int) -> tuple[Any, Lines]:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._problem(event, f"alias `*{event.anchor}` is not allowed; write the text again")
            return None, (line, None)
        if event.anchor is not None:
            self._problem(event, f"anchor `&{event.anchor}` is not allowed; remove it")
        if event.tag is not None:
            self._problem(event, f"tag `{event.tag.replace(_TAG, '!!')}` is not allowed; remove it")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event), (line, None)
        if depth > DEEPEST:
            self._problem(event, f"nested deeper than {DEEPEST} levels; no rule is")
            raise _TooDeep
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        return self._mapping(line, depth)

    def _sequence(self, line: int, depth: int) -> tuple[list[Any], Lines]:
        values: list[Any] = []
        inside: list[Lines] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            value, below = self._node(event, depth + 1)
            values.append(value)
            inside.append(below)
        return values, (line, inside)

    def _mapping(self, line: int, depth: int) -> tuple[dict[str, Any], Lines]:
        values: dict[str, Any] = {}
        inside: dict[Any, Lines] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, depth)
            key_line = event.start_mark.line + 1
            if key in inside:
                self._problem(event, f"key `{key}` appears twice (first in line {inside[key][0]}); keep one")
            value, (_, below) = self._node(self._next(), depth + 1)
            if key is not None and key not in inside:
                values[key] = value
                inside[key] = (key_line, below)
        return values, (line, inside)

    def _key(self, event: Any, depth: int) -> str | None:
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            self._problem(event, "merge key `<<` is not allowed; write the keys out")
            return None
        key, _ = self._node(event, depth + 1)
        if isinstance(key, str):
            return key
        if isinstance(event, yaml.ScalarEvent):
            self._problem(event, f"key `{event.value}` is not read as text by YAML; put it in quotes")
        elif not isinstance(event, yaml.AliasEvent):
            self._problem(event, "a key must be a word; a text in braces or brackets must be in quotes")
        return None

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        if not event.implicit[0] or event.tag is not None or (value and value[0] not in self._plain_starts):
            return value
        tag = self._loader.resolve(yaml.ScalarNode, value, (True, False))
        kind = tag.removeprefix(_TAG)
        if kind in ("str", "value", "merge"):
            return value
        if kind in ("int", "float") and _ODD_NUMBER.fullmatch(value):
            self._problem(event, f"YAML reads `{value}` as another number; put it in quotes")
            return None
        try:
            return self._loader.construct_object(yaml.ScalarNode(tag, value))
        except (ValueError, yaml.YAMLError):
            what = "date" if kind == "timestamp" else "number"
            self._problem(event, f"`{value}` looks like a {what} but is none; correct it or put it in quotes")
            return None
