"""Work that outlives trouble with the database: a lock, a full disk, a server that restarts. It is tried again until it goes.

Nothing was promised to anybody meanwhile: what is not committed is not acknowledged, and what is claimed stays pending.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from triagebot.errors import StoreUnavailable

T = TypeVar("T")

log = structlog.get_logger()

_FIRST_S, MOST_S = 0.2, 5.0
"""Wall seconds before the second try, doubled before each further one; at most this many."""


async def persevering(name: str, work: Callable[[], Awaitable[T]]) -> T:
    """What ``work`` returns, once the database lets it; all other errors are raised. ``name``: what the log calls it."""
    wait_s, since = _FIRST_S, 0.0
    while True:
        began = time.monotonic()
        try:
            done = await work()
        except StoreUnavailable as error:
            if since == 0.0 or began + MOST_S < time.monotonic():  # a loop that ran for a while had got over it
                wait_s, since = _FIRST_S, time.monotonic()
            log.warning("store.unavailable", of=name, wait_s=wait_s, reason=str(error))
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, MOST_S)
        else:
            if since:
                log.info("store.back", of=name, after_s=round(time.monotonic() - since, 1))
            return done
