"""What several commands share: the settings, the database without the brain, printing."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from rich.console import Console

from triagebot import rulebook
from triagebot.channels.telegram.settings import StaffRoom
from triagebot.cli.state import state
from triagebot.desk.office import Office, open_office
from triagebot.logs import configure
from triagebot.opening import open_store
from triagebot.settings import Settings, load_settings
from triagebot.store.replica import Replica, open_replica
from triagebot.store.store import Store

T = TypeVar("T")


def settings() -> Settings:
    """From the environment; logs follow it."""
    found = load_settings(Settings)
    configure("DEBUG" if state.debug else found.log_level, found.log_format)
    return found


@contextlib.contextmanager
def desk() -> Iterator[tuple[Store, Office]]:
    """The database and the rules, for commands that need no classifier."""
    chosen = settings()
    book, room = rulebook.load(chosen.rules_dir, chosen.model_dir), load_settings(StaffRoom).room
    office = open_office(book, chosen.zone, chosen.admin_ids, room)
    store = open_store(chosen)
    try:
        yield store, office
    finally:
        store.close()


@contextlib.contextmanager
def reading() -> Iterator[tuple[Store | Replica, Office]]:
    """As ``desk``, for what reads much: from the replica where there is one."""
    url = settings().report_database_url
    with desk() as (store, office), contextlib.ExitStack() as stack:
        yield (stack.enter_context(contextlib.closing(open_replica(store, url))) if url else store), office


def console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """A word about progress: only where a person is watching."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def watched(things: Sequence[T]) -> Iterable[T]:
    """The same things, with a bar of how many have gone by: only where a person is watching."""
    if not sys.stderr.isatty():
        return things
    from rich.progress import track

    return track(things, description="", console=Console(stderr=True), transient=True)


@contextlib.contextmanager
def counted(total: int) -> Iterator[Callable[[int], None]]:
    """A bar, moved by being told how many are done: only where a person is watching."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)


@contextlib.contextmanager
def rows_going_by() -> Iterator[Callable[[str, int], None]]:
    """The name of a table and its rows so far, on a line that is gone at the end: only where a person is watching."""
    if not sys.stderr.isatty():
        yield lambda table, rows: None
        return
    with Console(stderr=True).status("") as status:
        yield lambda table, rows: status.update(f"{table} {rows:,}")


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))
