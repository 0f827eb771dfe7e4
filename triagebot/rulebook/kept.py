"""A rule book that was read and checked before, kept as JSON under a name made of every byte that went into it.

Reading and checking a pack takes a third of a second of processor time, at every start and for every command; what was
found to be in order need not be checked again until a file, this package or what it is built on changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from triagebot.rulebook.schema import RuleBook
from triagebot.rulebook.yaml_source import parse

KEPT = 4
"""Rule books kept in the folder; older ones are removed."""
_BUILT_ON = ("google-re2", "pydantic", "pyyaml")
_FOLDERS = ("", "calendars", "categories")


def path_of(rules_dir: Path, folder: Path) -> Path:
    """Where the rule book of ``rules_dir`` as it is now belongs."""
    digest = hashlib.sha256()
    for name in _BUILT_ON:
        digest.update(f"{name} {version(name)}\0".encode())
    for source in sorted(files("triagebot.rulebook").iterdir(), key=lambda s: s.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    for path in _rule_files(rules_dir):
        raw = path.read_bytes()
        digest.update(f"\0{path.relative_to(rules_dir).as_posix()}\0{len(raw)}\0".encode() + raw)
    return folder / f"rules-{digest.hexdigest()[:24]}.json"


def load(path: Path, rules_dir: Path) -> RuleBook | None:
    """None when it was not kept, or is not what was kept. Calendars come from their files: JSON knows no dates."""
    try:
        data = json.loads(path.read_bytes())
        calendars = {p.stem: parse(p.read_bytes()).data for p in sorted((rules_dir / "calendars").glob("[!.]*.yaml"))}
        return RuleBook.model_validate({**data, "calendars": calendars})
    except (OSError, ValueError, TypeError, ValidationError):
        return None


def save(path: Path, book: RuleBook) -> None:
    """Whole or not at all; where nothing can be written, nothing is kept."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(book.model_dump_json(exclude={"calendars"}).encode())
        os.replace(temporary, path)
        for old in sorted(path.parent.glob("rules-*.json"), key=lambda p: p.stat().st_mtime, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)


def _rule_files(rules_dir: Path) -> Iterator[Path]:
    """Everything that a check might have something to say about."""
    for folder in _FOLDERS:
        yield from sorted(p for p in (rules_dir / folder).glob("*") if p.suffix in (".yaml", ".yml"))
