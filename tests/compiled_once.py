"""SQL is compiled once in a test process, not anew for each test's engine: that was a fifth of the tests' CPU.

An engine looks compiled statements up by statement and dialect, in a store of its own. Here all engines share a store, and two
dialects of one kind are the same: the product opens all of them alike.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_MOST_STATEMENTS = 3000


def share() -> None:
    """From now on, for this process."""
    compiled: LRUCache[Any, Any] = LRUCache(_MOST_STATEMENTS)

    @event.listens_for(Engine, "engine_connect")
    def _connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
