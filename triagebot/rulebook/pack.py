"""A folder of rules as read from disk: every file parsed and typed as far as it can be, with what is wrong in each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from triagebot.rulebook import schema
from triagebot.rulebook.clock_rules import ClockRules
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.rulebook.inquiry_rules import InquiryRules
from triagebot.rulebook.plain_words import said_plainly
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.rulebook.watch_rules import WatchRules
from triagebot.rulebook.yaml_source import MOST_BYTES, Document, parse

At = tuple[str | int, ...]
"""A path into a file: keys, and places in lists from 0."""
M = TypeVar("M", bound=BaseModel)

LISTS: dict[str, type[BaseModel]] = {
    "platforms": schema.Platform,
    "queues": schema.Queue,
    "contacts": schema.Contact,
    "slots": schema.Question,
    "sources": schema.Source,
    "macros": schema.Macro,
}
"""Files ``<name>.yaml`` that hold one list of things with ids, under the key ``<name>``."""
SINGLES: dict[str, type[BaseModel]] = {
    "sla": SlaRules,
    "incidents": IncidentRules,
    "clocks": ClockRules,
    "watch": WatchRules,
    "inquiry": InquiryRules,
    "triage": schema.Thresholds,
    "phrases": schema.Phrases,
    "menu": schema.Menu,
    "screens": schema.Screens,
    "corrections": schema.Corrections,
}
_OPTIONAL = ("clocks", "corrections", "incidents", "inquiry", "macros", "screens", "watch")
FOLDERS = ("calendars", "categories")
_FOR_THE_CLASSIFIER = ("corrections.yaml", "phrases.yaml", "platforms.yaml", "triage.yaml")


@dataclass(frozen=True, order=True)
class Finding:
    """``file`` is the path below the rules folder; ``where`` a path into it, places in lists counted from 1."""

    file: str
    line: int
    where: str
    what: str

    def told(self, path: str) -> str:
        """``path``: the file as a person would type it."""
        return f"{path}:{self.line}: {f'{self.where}: ' if self.where else ''}{self.what}"


@dataclass
class Pack:
    """Filled by ``read``. ``listed[name]``: (place in the file, thing) of the rows that are well formed, in order.

    ``instead``: files that are read from elsewhere, by their path below the folder.
    """

    folder: Path
    instead: Mapping[str, Path] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    categories: dict[str, schema.Category] = field(default_factory=dict)
    calendars: dict[str, dict[str, object]] = field(default_factory=dict)
    listed: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    singles: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def finding(self, file: str, at: At, what: str) -> Finding:
        """A finding at the deepest node of ``at`` that exists."""
        document = self.documents.get(file)
        line, inside = document.lines if document else (1, None)
        for step in at:
            try:
                line, inside = cast(Any, inside)[step]
            except (KeyError, IndexError, TypeError):
                break
        where = ".".join(str(step + 1) if isinstance(step, int) else step for step in at)
        return Finding(file, line, where, what)

    def ids(self, name: str) -> frozenset[str]:
        """What may be named: ids in ``<name>.yaml``, or of files in that folder, also where the rest is broken."""
        if name in FOLDERS:
            return frozenset(Path(file).stem for file in self.raw if file.startswith(f"{name}/"))
        document = self.documents.get(f"{name}.yaml")
        rows = document.data.get(name) if document and isinstance(document.data, Mapping) else None
        ids = (row.get("id") for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
        return frozenset(name for name in ids if isinstance(name, str))

    def digest(self) -> str:
        """SHA-256 over every file that the classifier or its decisions depend on, with their names, in order of name."""
        total = hashlib.sha256()
        for file in sorted(f for f in self.raw if f.startswith("categories/") or f in _FOR_THE_CLASSIFIER):
            total.update(f"{file}\0{len(self.raw[file])}\0".encode() + self.raw[file])
        return total.hexdigest()


def read(folder: Path, instead: Mapping[str, Path] | None = None) -> Pack:
    """Read every rule file below ``folder``, or what is to be read ``instead``; never raises for what is in it."""
    pack = Pack(folder, instead or {})
    for file in _rule_files(pack):
        _parse(pack, file)
    for name in (n for n in (*LISTS, *SINGLES) if n not in _OPTIONAL):
        if f"{name}.yaml" not in pack.raw and not any(f.file == f"{name}.yaml" for f in pack.findings):
            pack.findings.append(Finding(f"{name}.yaml", 1, "", "the file is missing"))
    for name in FOLDERS:
        if not pack.ids(name) and not any(f.file.startswith(f"{name}/") for f in pack.findings):
            pack.findings.append(Finding(name, 1, "", "there are no .yaml files here; is this a folder of rules?"))
    return pack


def _rule_files(pack: Pack) -> Iterable[str]:
    """Files to read, in order of name; whatever looks like a rule but would not be read is a finding."""
    known = {f"{name}.yaml" for name in (*LISTS, *SINGLES)}
    here = [*pack.folder.glob("*"), *(p for name in FOLDERS for p in (pack.folder / name).glob("*"))]
    for path in sorted({*here, *(pack.folder / file for file in pack.instead)}):
        file = path.relative_to(pack.folder).as_posix()
        if path.name.startswith(".") or path.suffix not in (".yaml", ".yml"):
            continue
        if path.suffix == ".yml":
            pack.findings.append(Finding(file, 1, "", "rule files end in .yaml; rename it, or nobody reads it"))
        elif "/" not in file and file not in known:
            pack.findings.append(Finding(file, 1, "", f"nothing reads this file; known: {', '.join(sorted(known))}"))
        else:
            yield file


def _parse(pack: Pack, file: str) -> None:
    try:
        with pack.instead.get(file, pack.folder / file).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as e:
        pack.findings.append(Finding(file, 1, "", f"cannot be read: {e.strerror or e}"))
        return
    pack.raw[file] = raw
    document = parse(raw)
    pack.findings += [Finding(file, line, "", why) for line, why in document.problems]
    if document.problems:
        return
    pack.documents[file] = document
    stem = Path(file).stem
    if file.startswith("categories/"):
        category = _typed(pack, file, schema.Category, document.data)
        if category is not None:
            pack.categories[stem] = category
    elif file.startswith("calendars/"):
        if isinstance(document.data, dict):
            pack.calendars[stem] = document.data
        else:
            pack.findings.append(pack.finding(file, (), "a calendar is a mapping with `timezone:` and `week:`"))
    elif stem in SINGLES:
        single = _typed(pack, file, SINGLES[stem], document.data)
        if single is not None:
            pack.singles[stem] = single
    else:
        pack.listed[stem] = list(_rows(pack, file, stem, document.data))


def _rows(pack: Pack, file: str, name: str, data: Any) -> Iterable[tuple[int, Any]]:
    if not isinstance(data, Mapping) or not isinstance(data.get(name), list):
        pack.findings.append(pack.finding(file, (), f"must hold a list under the key `{name}:`"))
        return
    for key in data:
        if key != name:
            pack.findings.append(pack.finding(file, (key,), f"unknown key; this file holds only `{name}:`"))
    for place, row in enumerate(data[name]):
        thing = _typed(pack, file, LISTS[name], row, (name, place))
        if thing is not None:
            yield place, thing


def _typed(pack: Pack, file: str, model: type[M], data: Any, under: At = ()) -> M | None:
    try:
        return model.model_validate(data)
    except ValidationError as e:
        for at, what in said_plainly(e, model, data):
            pack.findings.append(pack.finding(file, (*under, *at), what))
        return None
