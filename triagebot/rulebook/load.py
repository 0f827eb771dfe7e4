"""rules/ on disk -> RuleBook: every finding as ``file:line: field: what is wrong, what to do``, all of them at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from triagebot.errors import RulesError, SlaError
from triagebot.rulebook import lint
from triagebot.rulebook.schema import (
    Category,
    Contact,
    Phrases,
    Platform,
    Question,
    Queue,
    RuleBook,
    SlaRules,
    Source,
    Thresholds,
)
from triagebot.rulebook.yaml_source import Lines, parse
from triagebot.sla.calendar import Calendar

LISTS: dict[str, tuple[str, type[BaseModel]]] = {
    "platforms.yaml": ("platforms", Platform),
    "queues.yaml": ("queues", Queue),
    "contacts.yaml": ("contacts", Contact),
    "slots.yaml": ("slots", Question),
    "sources.yaml": ("sources", Source),
}
"""Files that hold one list under one key."""
SINGLES: dict[str, tuple[str, type[BaseModel]]] = {
    "sla.yaml": ("sla", SlaRules),
    "triage.yaml": ("thresholds", Thresholds),
    "phrases.yaml": ("phrases", Phrases),
}
MENU = "menu.yaml"
_FOR_THE_MODEL = ("platforms.yaml", "phrases.yaml", "triage.yaml")
"""Files beside the categories that change what the classifier learns or how it decides."""


@dataclass(frozen=True)
class File:
    """One parsed file; ``lines`` mirrors ``data``. ``name`` is the path below the rules folder, for messages."""

    name: str
    data: Any
    lines: Lines

    def line(self, path: Iterable[Any]) -> int:
        """The line of the deepest node on ``path`` that exists."""
        found, inside = self.lines
        for step in path:
            try:
                found, inside = cast(Any, inside)[step]
            except (KeyError, IndexError, TypeError):
                break
        return found


class _Reading:
    """Reads a folder and collects what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[lint.Problem] = []
        self.files: dict[str, File] = {}
        self.digest = hashlib.sha256()

    def file(self, name: str, *, counts: bool) -> File | None:
        path = self.folder / name
        try:
            raw = path.read_bytes()
        except OSError as error:
            self.found.append(lint.Problem(name, 1, f"cannot be read: {error.strerror or error}"))
            return None
        if counts:
            self.digest.update(name.encode() + b"\0" + raw)
        document = parse(raw)
        self.found += [lint.Problem(name, line, why) for line, why in document.problems]
        if document.problems:
            return None
        self.files[name] = File(name, document.data, document.lines)
        return self.files[name]

    def model(self, kind: type[BaseModel], file: File, data: Any, at: tuple[Any, ...] = ()) -> Any:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            for e in error.errors(include_url=False):
                where = (*at, *e["loc"])
                field = ".".join(str(part) for part in where)
                self.found.append(lint.Problem(file.name, file.line(where), f"{field}: {_in_words(e)}"))
            return None

    def listed(self, name: str) -> dict[str, Any]:
        """A file with one list of things that have ids."""
        key, kind = LISTS[name]
        file = self.file(name, counts=name in _FOR_THE_MODEL)
        if file is None:
            return {}
        if not isinstance(file.data, Mapping) or set(file.data) != {key} or not isinstance(file.data[key], list):
            self.found.append(lint.Problem(name, 1, f"must hold one key `{key}:` with a list"))
            return {}
        out: dict[str, Any] = {}
        for n, row in enumerate(file.data[key]):
            thing = self.model(kind, file, row, (key, n))
            if thing is not None and thing.id in out:
                self.found.append(lint.Problem(name, file.line((key, n)), f"id {thing.id} appears twice"))
            elif thing is not None:
                out[thing.id] = thing
        return out

    def single(self, name: str) -> Any:
        file = self.file(name, counts=name in _FOR_THE_MODEL)
        return self.model(SINGLES[name][1], file, file.data) if file is not None else None

    def categories(self) -> dict[str, Category]:
        out: dict[str, Category] = {}
        for path in sorted((self.folder / "categories").glob("*.yaml")):
            name = f"categories/{path.name}"
            file = self.file(name, counts=True)
            category = self.model(Category, file, file.data) if file is not None else None
            if file is None or category is None:
                continue
            if category.id != path.stem:
                self.found.append(lint.Problem(name, file.line(("id",)), f"id {category.id} must be the file's name"))
            out[category.id] = category
        if not out and not self.found:
            self.found.append(lint.Problem("categories", 1, "no category files here; is this a rules folder?"))
        return out

    def calendars(self) -> dict[str, dict[str, object]]:
        out: dict[str, dict[str, object]] = {}
        for path in sorted((self.folder / "calendars").glob("*.yaml")):
            file = self.file(f"calendars/{path.name}", counts=False)
            if file is None:
                continue
            try:
                Calendar.from_spec(file.data)
            except SlaError as error:
                self.found.append(lint.Problem(file.name, 1, str(error)))
                continue
            out[path.stem] = file.data
        return out

    def menu(self) -> tuple[str, ...]:
        file = self.file(MENU, counts=False)
        if file is None:
            return ()
        if not isinstance(file.data, Mapping) or not isinstance(file.data.get("menu"), list):
            self.found.append(lint.Problem(MENU, 1, "must hold one key `menu:` with a list of category ids"))
            return ()
        return tuple(str(item) for item in file.data["menu"])


def _in_words(error: Any) -> str:
    """Pydantic's finding, said for a support lead."""
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return "this key is not known; check the spelling or remove it"
    if kind == "missing":
        return "is missing"
    if kind == "string_type":
        return f"must be text; YAML reads {given!r}, put it in quotes"
    return f"{error['msg'][0].lower()}{error['msg'][1:]} (got {str(given)[:60]!r})"


def _read(folder: Path) -> tuple[dict[str, Any], _Reading]:
    reading = _Reading(folder)
    parts: dict[str, Any] = {"categories": reading.categories()}
    parts |= {LISTS[name][0]: reading.listed(name) for name in LISTS}
    parts |= {SINGLES[name][0]: reading.single(name) for name in SINGLES}
    parts |= {"calendars": reading.calendars(), "menu": reading.menu(), "digest": reading.digest.hexdigest()}
    return parts, reading


def load(rules_dir: Path) -> RuleBook:
    """The rule book of a folder; RulesError with every finding when there is one."""
    book, found = _load(rules_dir)
    if book is None:
        raise RulesError(found)
    return book


def problems(rules_dir: Path) -> list[str]:
    """Everything that is wrong with a folder, by file and line; empty when nothing is."""
    return _load(rules_dir)[1]


def _load(rules_dir: Path) -> tuple[RuleBook | None, list[str]]:
    if not rules_dir.is_dir():
        return None, [f"{rules_dir}:1: there is no such folder; set TRIAGEBOT_RULES_DIR to a rule pack"]
    parts, reading = _read(rules_dir)
    book = None
    if not reading.found:
        book = RuleBook.model_construct(**parts)
        reading.found += lint.check(book, {name: file.line for name, file in reading.files.items()})
    found = [f"{rules_dir / p.file}:{p.line}: {p.why}" for p in sorted(reading.found)]
    return (None if found else book), found


def overdue(book: RuleBook, today: date) -> list[str]:
    """What is past its review date, for ``doctor``: facts, fixes and contacts that say when to look again."""
    late = [f"contact {c.id} ({c.review_by})" for c in book.contacts.values() if c.review_by and c.review_by < today]
    for category in book.categories.values():
        for n, fix in enumerate(category.fixes):
            if fix.review_by and fix.review_by < today:
                late.append(f"{category.id}: fix {n + 1} for {fix.platform} ({fix.review_by})")
    for platform in book.platforms.values():
        late += [
            f"{platform.id}: {f.id} ({f.review_by})" for f in platform.facts if f.review_by and f.review_by < today
        ]
    return late
