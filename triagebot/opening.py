"""Opening what the settings name: the database and the classifier. Commands open what they need, the service all of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triagebot import rulebook
from triagebot.errors import StoreError
from triagebot.settings import Settings
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.vision.eyes import Blind, Eyes

if TYPE_CHECKING:  # numpy, which most commands of the shell do not need
    from triagebot.triage.brain import Brain
    from triagebot.triage.semantic import Encode


def utc_now() -> datetime:
    return datetime.now(UTC)


def make_data_folder(settings: Settings) -> None:
    """If the database is to live there; StoreError when it cannot be made."""
    if settings.url.startswith("sqlite") and not settings.database_url:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {settings.data_dir} cannot be made ({error.strerror}); "
                "set TRIAGEBOT_DATA_DIR to a folder that you may write to"
            ) from None


def open_store(settings: Settings) -> Store:
    """The database, migrated when it is the embedded one; StoreError in one clear line otherwise."""
    make_data_folder(settings)
    migrate.prepare(settings.url)
    return Store.open(settings.url)


def open_brain(settings: Settings, book: rulebook.RuleBook, progress: Callable[[str], None] | None = None) -> Brain:
    """The classifier from the cache or the package, or trained now (a minute, once for each version of the rules)."""
    from triagebot.triage.brain import Brain
    from triagebot.triage.model import load_or_train

    encode = encoder_of(settings)
    return Brain(book, load_or_train(book, settings.model_dir, progress, encode), encode)


def open_eyes(settings: Settings) -> Eyes:
    """Who looks at pictures: a child process, which starts with the first one; nobody when that is not wanted, or the extra is
    not installed."""
    from triagebot.vision.watch import Watched, missing

    return Watched() if settings.pictures and not missing() else Blind()


def encoder_of(settings: Settings) -> Encode | None:
    """Sentence embeddings if they are wanted; ModelError when they are and the extra is missing."""
    if not settings.semantic:
        return None
    from triagebot.triage.semantic import encoder

    return encoder()
