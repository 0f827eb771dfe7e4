"""What a network posts: committed before it is told 200, refused before it costs anything, posted again after a 503."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tests.conftest import FakeClock, on_sqlite
from tests.site import LIMIT, PATH, SECRET, Parts, Site, update
from triagebot.errors import StoreError
from triagebot.messages import Batch
from triagebot.store import inbox
from triagebot.store.store import Store
from triagebot.web import hooks


@pytest.fixture
def site(store: Store, clock: FakeClock) -> Site:
    return Site(store, clock)


def test_it_is_in_the_inbox_before_telegram_is_told_and_acknowledged_afterwards(site: Site) -> None:
    answer = site.post(update(5))
    assert (answer.status_code, answer.content) == (200, b"")
    assert site.log == ["committed", "answered 200", "acknowledged"]
    (row,) = site.rows()
    assert (row.external_id, row.state, row.bot, row.payload["text"]) == ("5", "pending", "4242", "刷脸不过")


def test_the_same_update_many_times_at_once_has_one_effect(site: Site) -> None:
    async def many(client: httpx.AsyncClient) -> list[httpx.Response]:
        return await asyncio.gather(*(site.posting(client, update(5)) for _ in range(20)))

    assert {answer.status_code for answer in site.together(many)} == {200}
    assert len(site.rows()) == 1


def test_updates_of_other_kinds_are_taken_and_let_go(site: Site) -> None:
    assert site.post({"update_id": 5, "poll": {}}).status_code == 200
    assert site.rows() == []
    assert site.log == ["answered 200"]


def test_an_update_that_cannot_be_read_is_a_dead_letter_and_not_posted_again(site: Site) -> None:
    assert site.post({"update_id": 5, "message": {"chat": 7}}).status_code == 200
    (row,) = site.rows()
    assert (row.external_id, row.state, row.channel, row.bot) == ("5", "dead", "telegram", "4242")
    assert "acknowledged" not in site.log


@on_sqlite
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET.upper()])
def test_without_the_secret_nothing_is_read_and_nothing_is_said(site: Site, secret: str | None) -> None:
    body = Parts([json.dumps(update(5)).encode()])
    answer = site.post(body, secret)
    assert (answer.status_code, answer.content, body.taken) == (401, b"", 0)
    assert site.rows() == []


def padded(size: int) -> bytes:
    """An update of exactly ``size`` bytes."""
    bare = len(json.dumps({"update_id": 5, "x": ""}))
    return json.dumps({"update_id": 5, "x": "a" * (size - bare)}).encode()


def test_a_megabyte_is_read_and_a_byte_more_is_refused_by_its_length(site: Site) -> None:
    assert len(padded(LIMIT)) == LIMIT
    assert site.post(padded(LIMIT)).status_code == 200
    assert site.post(padded(LIMIT + 1)).status_code == 413


def test_a_length_that_is_announced_is_believed_before_anything_is_read(site: Site) -> None:
    body = Parts([b"{}"])
    answer = site.post(body, **{"content-length": str(10 * LIMIT)})
    assert (answer.status_code, body.taken) == (413, 0)


def test_a_body_that_hides_its_length_is_read_up_to_the_limit_only(site: Site) -> None:
    body = Parts([b" " * (LIMIT // 4)] * 100)
    assert site.post(body).status_code == 413
    assert body.taken == 5


@on_sqlite
@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b"{}", b"[" * 500_000, b'{"a":' * 150_000])
def test_what_is_no_update_is_refused_and_the_next_one_is_taken(site: Site, body: bytes) -> None:
    async def both(client: httpx.AsyncClient) -> list[int]:
        return [(await site.posting(client, content)).status_code for content in (body, update(5))]

    assert site.together(both) == [400, 200]
    assert len(site.rows()) == 1


def test_a_store_that_fails_has_telegram_post_it_again(site: Site) -> None:
    async def fails(batch: Batch) -> int:
        raise StoreError("the disk is full")

    broken = Site(site.store, site.clock, intake=fails)
    answer = broken.post(update(5))
    assert (answer.status_code, answer.content) == (503, b"")
    assert broken.log == ["answered 503"]
    assert site.post(update(5)).status_code == 200
    assert len(site.rows()) == 1


def test_a_store_that_was_closed_has_telegram_post_it_again(site: Site) -> None:
    site.store.close()
    assert site.post(update(5)).status_code == 503
    assert site.log == ["answered 503"]


def test_a_commit_that_takes_too_long_has_telegram_post_it_again(site: Site) -> None:
    async def hangs(batch: Batch) -> int:
        await asyncio.Event().wait()
        return 1

    stuck = Site(site.store, site.clock, intake=hangs, patience_s=0.01)
    assert stuck.post(update(5)).status_code == 503
    assert stuck.log == ["answered 503"]


def test_a_body_that_never_comes_is_not_waited_for(site: Site) -> None:
    class Never(Parts):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield b"{"
            await asyncio.Event().wait()

    site.patience_s = 0.01
    answer = site.post(Never([]))
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    assert site.rows() == []


def test_there_is_nothing_else_to_find(site: Site) -> None:
    assert site.ask("GET", PATH).status_code == 405
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/telegram", "/telegram/1", PATH + "/"):
        assert site.ask("GET", path).status_code == 404, path
        assert site.ask("POST", path).status_code == 404, path


def test_answers_are_counted_by_status(site: Site) -> None:
    site.post(update(5))
    site.post(update(6))
    site.post(update(7), "wrong")
    shown = site.ask("GET", "/metrics").text
    assert 'triagebot_webhook_requests_total{channel="telegram",status="200"} 2.0' in shown
    assert 'triagebot_webhook_requests_total{channel="telegram",status="401"} 1.0' in shown


def test_more_posts_at_once_than_are_read_are_asked_to_come_again(store: Store, clock: FakeClock) -> None:
    """The others' bodies are not read, whoever sends them; strangers learn nothing of it."""
    full, goes_on = asyncio.Event(), asyncio.Event()
    waiting = 0

    async def slow(batch: Batch) -> int:
        nonlocal waiting
        waiting += 1
        if waiting == hooks.MOST_AT_ONCE:
            full.set()
        await goes_on.wait()
        return await store.write(inbox.commit, batch.messages, batch.dead, clock())

    site = Site(store, clock, intake=slow)

    async def many(client: httpx.AsyncClient) -> list[int]:
        first = [asyncio.create_task(site.posting(client, update(n))) for n in range(hooks.MOST_AT_ONCE)]
        await asyncio.wait_for(full.wait(), 20)
        body = Parts([json.dumps(update(1000)).encode()])
        refused = await site.posting(client, body)
        stranger = await site.posting(client, update(1001), "wrong")
        alive = await client.get("/healthz")
        assert body.taken == 0
        goes_on.set()
        taken = {answer.status_code for answer in await asyncio.gather(*first)}
        again = await site.posting(client, update(1000))
        return [refused.status_code, stranger.status_code, alive.status_code, *taken, again.status_code]

    assert site.together(many) == [503, 401, 200, 200, 200]
    assert len(site.rows()) == hooks.MOST_AT_ONCE + 1
