"""Modules are imported for good: to look for garbage among them, again and again while they come, is a sixth of a start."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is looked for while the block imports, and never among what it has brought: later collections, which hold up
    every message for as long as they take, have less to go through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
