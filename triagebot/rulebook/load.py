"""rules/ on disk -> RuleBook, or everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from triagebot.errors import RulesError
from triagebot.rulebook import (
    canned,
    clock_figures,
    expressions,
    help_given,
    inquiry_check,
    kept,
    near_copies,
    promises,
    references,
    repeats,
    wording,
)
from triagebot.rulebook.clock_rules import ClockRules
from triagebot.rulebook.corrections import merged
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.rulebook.pack import LISTS, Finding, Pack, read
from triagebot.rulebook.schema import Corrections, RuleBook, Screens
from triagebot.rulebook.watch_rules import WatchRules

Check = Callable[[Pack], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    references.check,
    expressions.check,
    promises.check,
    help_given.check,
    repeats.check,
    canned.check,
    clock_figures.check,
    wording.check,
    inquiry_check.check,
)
"""Each looks at what is well formed in a pack and yields what does not fit together."""
_SLA = "sla.yaml"


def load(rules_dir: Path, keep: Path | None = None) -> RuleBook:
    """The rule book of a folder; RulesError with every problem when there is one. ``keep``: a folder of our own in which what
    was found to be in order is kept, and found again (rulebook.kept)."""
    place = None
    if keep is not None:
        with suppress(OSError):
            place = kept.path_of(rules_dir, keep)
    if place is not None and (book := kept.load(place, rules_dir)) is not None:
        return book
    pack, found = _checked(rules_dir)
    if found:
        raise RulesError(found)
    book = _book(pack)
    if place is not None:
        kept.save(place, book)
    return book


def load_with_sla(rules_dir: Path, sla: Path) -> RuleBook:
    """The rule book of a folder as it would be with another sla.yaml, checked as the folder's own would be.

    RulesError with every problem, those of ``sla`` first, by the path that was given.
    """
    pack, found = _checked(rules_dir, instead={_SLA: sla})
    if found:
        raise RulesError(found, listed_by="")
    return _book(pack)


def _book(pack: Pack) -> RuleBook:
    listed = {name: {row.id: row for _, row in pack.listed.get(name, ())} for name in LISTS}
    corrected = pack.singles.get("corrections", Corrections()).corrections
    return RuleBook(
        categories=merged(pack.categories, corrected),
        calendars=pack.calendars,
        sla=pack.singles["sla"],
        incidents=pack.singles.get("incidents", IncidentRules()),
        clocks=pack.singles.get("clocks", ClockRules()),
        watch=pack.singles.get("watch", WatchRules()),
        inquiry=pack.singles.get("inquiry"),
        thresholds=pack.singles["triage"],
        phrases=pack.singles["phrases"],
        screens=pack.singles.get("screens", Screens()),
        menu=pack.singles["menu"].menu,
        digest=pack.digest(),
        **listed,
    )


def problems(rules_dir: Path, judged_by: Iterable[Path] = ()) -> list[str]:
    """Everything that is wrong with a folder as ``file:line: field: what, and what to do``, by file and line.

    Also what a bot can start with: examples that are near copies of each other, or of messages in the evaluation files
    ``judged_by``. Raises UsageError for a file that cannot be read as one.
    """
    messages = [message for path in judged_by for message in near_copies.read_messages(path)]
    return _checked(rules_dir, (*CHECKS, near_copies.check, lambda pack: near_copies.against(pack, messages)))[1]


def _checked(
    rules_dir: Path, checks: Sequence[Check] = CHECKS, instead: Mapping[str, Path] | None = None
) -> tuple[Pack, list[str]]:
    if not rules_dir.is_dir():
        return Pack(rules_dir), [f"{rules_dir}: there is no such folder; set TRIAGEBOT_RULES_DIR to a folder of rules"]
    pack = read(rules_dir, instead)
    found = {*pack.findings, *(finding for check in checks for finding in check(pack))}
    shown = _shown(rules_dir)
    ordered = sorted(found, key=lambda finding: (finding.file not in pack.instead, finding))
    return pack, [f.told(str(pack.instead.get(f.file, os.path.join(shown, f.file)))) for f in ordered]


def _shown(rules_dir: Path) -> str:
    """The folder as a person would type it: from where they are, if it lies below."""
    full, here = rules_dir.resolve(), Path.cwd()
    return str(full.relative_to(here)) if full != here and full.is_relative_to(here) else str(rules_dir)


def overdue(book: RuleBook, today: date) -> list[str]:
    """Facts, fixes and contacts whose ``review_by`` lies before ``today``, each with the file to look at, oldest first."""
    dated = [
        *((f.review_by, f"platforms.yaml: {f.id}") for p in book.platforms.values() for f in p.facts),
        *((c.review_by, f"contacts.yaml: {c.id} ({c.value})") for c in book.contacts.values()),
        *((way.review_by, f"watch.yaml: how {n}") for n, way in enumerate(book.watch.how, start=1)),
        *(
            (fix.review_by, f"categories/{c.id}.yaml: fix {n} ({fix.platform})")
            for c in book.categories.values()
            for n, fix in enumerate(c.fixes, start=1)
        ),
    ]
    late = sorted((day, what) for day, what in dated if day is not None and day < today)
    return [f"{what}: review was due on {day}; check the facts and set a new date" for day, what in late]
