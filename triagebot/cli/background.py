"""Work of many seconds beside the event loop, which nobody waits for when it is time to stop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


async def in_background(work: Callable[[], None]) -> None:
    """``work`` in a thread that ends with the process: one of the pool's would hold up its end for as long as it takes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as found:
            error = found
        with contextlib.suppress(RuntimeError):  # the loop is gone: so is who asked
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=run, name="background", daemon=True).start()
    await done
