"""The port: had or refused in one line; served until it is time to stop, and not longer than the deadline."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from triagebot.errors import ListenError
from triagebot.web import server


class Serving:
    """A server of one page that begins, then waits until ``go_on``."""

    def __init__(self, deadline_s: int) -> None:
        self.begun, self.go_on, self.stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        listening = server.listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        app = FastAPI()
        app.add_api_route("/", self._page, response_model=None)
        self.done = asyncio.create_task(server.serve(app, listening, self.stopping, deadline_s))

    async def _page(self, request: Request) -> Response:
        self.begun.set()
        await self.go_on.wait()
        return PlainTextResponse("here")


def _run(deadline_s: int, act: Callable[[Serving, httpx.AsyncClient], Awaitable[None]]) -> None:
    async def run() -> None:
        serving = Serving(deadline_s)
        async with httpx.AsyncClient() as client:
            await act(serving, client)
        await asyncio.wait_for(serving.done, 10)

    asyncio.run(run())


async def _is_let_in(url: str) -> bool:
    async with httpx.AsyncClient(timeout=0.2) as another:
        try:
            await another.get(url)
        except httpx.ConnectError:
            return False
        except httpx.TransportError:
            return True
    return True


def test_a_request_under_way_is_answered_and_a_new_one_is_not_let_in() -> None:
    async def act(serving: Serving, client: httpx.AsyncClient) -> None:
        asking = asyncio.create_task(client.get(serving.url))
        await serving.begun.wait()
        serving.stopping.set()
        while await _is_let_in(serving.url):
            pass
        serving.go_on.set()
        answer = await asking
        assert (answer.status_code, answer.text) == (200, "here")
        assert "server" not in answer.headers

    _run(10, act)


def test_a_request_that_never_ends_does_not_keep_the_process() -> None:
    async def act(serving: Serving, client: httpx.AsyncClient) -> None:
        asking = asyncio.create_task(client.get(serving.url))
        await serving.begun.wait()
        serving.stopping.set()
        await asyncio.wait_for(serving.done, 10)
        answer = await asyncio.gather(asking, return_exceptions=True)
        assert not isinstance(answer[0], httpx.Response) or answer[0].status_code == 500

    _run(0, act)


def test_signals_are_left_to_the_command() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def act(serving: Serving, client: httpx.AsyncClient) -> None:
        serving.go_on.set()
        assert (await client.get(serving.url)).status_code == 200
        assert signal.getsignal(signal.SIGTERM) == before
        serving.stopping.set()

    _run(10, act)


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            server.listen("127.0.0.1", port)
    assert str(caught.value).startswith(f"the web server cannot listen on 127.0.0.1:{port} (")
    assert "TRIAGEBOT_WEB_PORT" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_host_that_is_none_of_ours_is_one_line() -> None:
    for host in ("192.0.2.1", "no such host"):
        with pytest.raises(ListenError, match="TRIAGEBOT_WEB_HOST"):
            server.listen(host, 0)
