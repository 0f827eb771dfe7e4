"""Serving the ASGI app on a port, until it is time to stop. Signals are not its business: the command hears them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

from triagebot.errors import ListenError

log = structlog.get_logger()

DEADLINE_S = 10
"""Wall seconds for requests that are under way when it is time to stop."""
_BACKLOG = 256
_MOST_CONNECTIONS = 800
"""More are answered with 503: below the usual limit of open files, so that database and network can still be reached."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A port of our own; who connects waits until somebody serves. ListenError when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot(host, port, error) from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _cannot(host, port, error) from None
    log.info("web.listening", host=host, port=listening.getsockname()[1])
    return listening


def _cannot(host: str, port: int, error: OSError) -> ListenError:
    return ListenError(
        f"the web server cannot listen on {host}:{port} ({error.strerror}); is another triagebot running? "
        "set TRIAGEBOT_WEB_HOST and TRIAGEBOT_WEB_PORT to a free place"
    )


async def serve(app: ASGIApp, listening: socket.socket, stopping: asyncio.Event, deadline_s: int = DEADLINE_S) -> None:
    """Until ``stopping``: then nothing new is taken in, and what is under way may finish within ``deadline_s``."""
    server = _Server(
        uvicorn.Config(
            app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
            proxy_headers=False, backlog=_BACKLOG, limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=deadline_s,
        )
    )  # fmt: skip

    async def watch() -> None:
        await stopping.wait()
        server.should_exit = True

    watching = asyncio.create_task(watch())
    try:
        await server.serve([listening])
    finally:
        watching.cancel()
        listening.close()
