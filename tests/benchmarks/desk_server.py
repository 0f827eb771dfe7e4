"""``python -m tests.benchmarks.desk_server URL NOW``: the desk alone, on a port that it prints; it ends with its input."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI

from triagebot.desk.office import open_office
from triagebot.rulebook import load
from triagebot.settings import Settings
from triagebot.store.store import Store
from triagebot.web import pages
from triagebot.web.desk import routes
from triagebot.web.live import Live
from triagebot.web.server import listen, serve
from triagebot.web.site import Site


async def _serve(url: str, then: datetime) -> None:
    settings, stopping = Settings(), asyncio.Event()
    office, store = open_office(load(settings.rules_dir), settings.zone), Store.open(url)
    ahead: timedelta = then - datetime.now(UTC)
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    site = Site(
        store, office, lambda: datetime.now(UTC) + ahead, f"http://127.0.0.1:{port}", Live(store, stopping), stopping
    )
    app = FastAPI(redirect_slashes=False)
    for path, give in pages.files().items():
        app.add_api_route(path, give, methods=["GET"], response_model=None)
    routes.mount(app, site)
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(stopping.set)

    threading.Thread(target=wait, daemon=True).start()
    print(port, flush=True)
    await serve(app, listening, stopping, deadline_s=1)
    store.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
