"""For whoever watches over the process: /healthz (is it alive?) and /readyz (should it be given work?)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from triagebot.errors import StoreError
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.web.recent import Recent

_KEEP_S = 1.0
_PATIENCE_S = 2.0


@dataclass
class Health:
    """``stopping``: set when the process was told to end; ``learning``: whether its model is still to come."""

    store: Store
    stopping: asyncio.Event
    patience_s: float = _PATIENCE_S
    learning: Callable[[], bool] = lambda: False
    _version: Recent[str] = field(init=False)

    def __post_init__(self) -> None:
        self._version = Recent(lambda: self.store.read(_version), _KEEP_S, self.patience_s)

    async def alive(self, request: Request) -> Response:
        """The event loop turns: there is an answer at all."""
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """503 with what is missing: stopping, model, database, migrations."""
        missing = [name for name, is_so in (("stopping", self.stopping.is_set()), ("model", self.learning())) if is_so]
        missing += await self._missing()
        return JSONResponse({"ready": not missing, "missing": missing}, status_code=503 if missing else 200)

    async def _missing(self) -> list[str]:
        try:
            version = await self._version.get()
        except (StoreError, TimeoutError):
            return ["database"]
        return [] if version == migrate.head() else ["migrations"]


def _version(session: Session) -> str:
    return str(session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none())
