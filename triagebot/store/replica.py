"""A streaming replica of the database, for what reads much: reports take its time, and miss nothing for it.

Whatever the primary had committed when a read was asked for is in it; while the replica is too far behind, or away, the
primary is read instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import text
from sqlmodel import Session

from triagebot.errors import SettingsError, StoreError
from triagebot.store import engines
from triagebot.store.store import Store

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_S = 10.0
"""How long a replica may take to catch up (wall seconds)."""
_PAUSE_S = 0.1
_COMMITTED = text("SELECT CAST(pg_current_wal_flush_lsn() AS text)")
_REPLAYED = text(
    "SELECT NOT pg_is_in_recovery() OR coalesce(pg_last_wal_replay_lsn() >= CAST(:committed AS pg_lsn), false)"
)
"""A copy that is not in recovery is not ours to judge: replicated in another way, or another name of the primary."""


@dataclass(frozen=True)
class Replica:
    """Reads like a Store; ``copy`` is never written to."""

    primary: Store
    copy: Store
    patience_s: float = PATIENCE_S

    def read_now(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            self.catch_up()
            return self.copy.read_now(fn, *args, **kwargs)
        except StoreError as error:
            log.warning("replica.not_used", reason=str(error))
            return self.primary.read_now(fn, *args, **kwargs)

    async def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(lambda: self.read_now(fn, *args, **kwargs))

    def catch_up(self) -> None:
        """Wait until the replica has what the primary has committed by now. StoreError when it does not get there."""
        committed = self.primary.read_now(lambda s: s.execute(_COMMITTED).scalar_one())
        until = time.monotonic() + self.patience_s
        while not self.copy.read_now(lambda s: s.execute(_REPLAYED, {"committed": committed}).scalar_one()):
            if time.monotonic() > until:
                raise StoreError(
                    f"{engines.shown(self.copy.url)} is more than {self.patience_s:g} s behind the primary"
                )
            time.sleep(_PAUSE_S)

    def close(self) -> None:
        """The primary is its owner's."""
        self.copy.close()


def open_replica(primary: Store, url: str) -> Replica:
    """SettingsError when ``url`` (TRIAGEBOT_REPORT_DATABASE_URL) can be no replica of ``primary``."""
    try:
        kind = engines.parse(url).get_backend_name()
    except SettingsError:
        kind = ""
    if kind != "postgresql" or not primary.shared:
        raise SettingsError(
            "TRIAGEBOT_REPORT_DATABASE_URL must be postgresql://user@host/name, a replica of a PostgreSQL database "
            "in TRIAGEBOT_DATABASE_URL; leave it empty to read reports there"
        )
    return Replica(primary, Store.open(url))
