"""A picture that Telegram keeps, over real HTTP: had whole, or refused, or tried again later; the token is never told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from triagebot.channels.telegram import files
from triagebot.channels.telegram.channel import Telegram
from triagebot.channels.telegram.settings import TelegramSettings
from triagebot.errors import DeliveryError, PictureRefused
from triagebot.messages import Address, Attachment, Button, Outgoing, Receipt
from triagebot.opening import utc_now
from triagebot.vision.header import MOST_BYTES

SECRET = "a-secret-of-the-bot"
TOKEN = f"4242:{SECRET}"
PICTURE = bytes(range(256)) * 2000
FOUND = {
    "ok": True,
    "result": {"file_id": "f", "file_unique_id": "f", "file_size": 5, "file_path": "photos/file_1.jpg"},
}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def found(**changes: Any) -> dict[str, Any]:
    return {"ok": True, "result": {**FOUND["result"], **changes}}  # type: ignore[dict-item]


def refusal(code: int, words: str, **parameters: Any) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": words, "parameters": parameters}


async def whole(request: web.Request) -> web.StreamResponse:
    assert request.path == f"/file/bot{TOKEN}/photos/file_1.jpg"
    return web.Response(body=PICTURE)


def status(code: int, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return answer


def endless(length: str = "") -> Answer:
    """More than is wanted: announced with ``length``, or only as it comes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": length} if length else {})
        await response.prepare(request)
        for _ in range(MOST_BYTES // 2**20 + 50):
            await response.write(b"0" * 2**20)
        return response

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": "1000"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def silent(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


class Api:
    """Telegram with one file. ``posted``: method and fields of what was sent to it."""

    def __init__(self, get_file: dict[str, Any], download: Answer = whole, refuses: str = "") -> None:
        self.get_file, self.download, self.refuses = get_file, download, refuses
        self.posted: list[tuple[str, dict[str, Any]]] = []

    async def _method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "getFile":
            return web.json_response(self.get_file, status=self.get_file.get("error_code", 200))
        posted = await request.post()
        self.posted.append(
            (method, {k: v.file.read() if isinstance(v, web.FileField) else v for k, v in posted.items()})
        )
        if method == self.refuses:
            return web.json_response(refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), status=400)
        return web.json_response({"ok": True, "result": {"message_id": len(self.posted), "date": 0}})

    async def with_bot(self, work: Callable[[Telegram], Awaitable[Any]]) -> Any:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._method)
        app.router.add_get("/file/{path:.+}", self.download)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        bot = Telegram(TelegramSettings(token=TOKEN, api_base=base, _env_file=None), clock=utc_now)
        try:
            return await work(bot)
        finally:
            await bot.close()
            await runner.cleanup()

    def fetched(self) -> bytes:
        data: bytes = asyncio.run(self.with_bot(lambda bot: bot.fetch("f")))
        return data

    def sent(self, message: Outgoing) -> Receipt:
        receipt: Receipt = asyncio.run(
            self.with_bot(lambda bot: bot.send(Address("telegram", "4242", "7"), message, ""))
        )
        return receipt


def test_a_file_comes_whole_from_the_server_that_was_set() -> None:
    assert Api(FOUND).fetched() == PICTURE


@pytest.mark.parametrize(
    ("get_file", "download", "why"),
    [
        (found(file_size=MOST_BYTES + 1), whole, "bytes"),
        (refusal(400, "Bad Request: file is too big"), whole, "bytes"),
        (FOUND, endless(), "bytes"),
        (FOUND, endless(str(MOST_BYTES + 50 * 2**20)), "bytes"),
        (refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), whole, "gone"),
        (refusal(403, "Forbidden: bot was blocked by the user"), whole, "gone"),
        (found(file_path=None), whole, "gone"),
        (FOUND, status(404), "gone"),
        (FOUND, status(302, location="http://127.0.0.1:1/elsewhere"), "gone"),
    ],
    ids=["too large by its size", "too large for bots", "too large as it comes", "too large by its length", "wrong id",
         "blocked", "without a path", "path expired", "elsewhere"],
)  # fmt: skip
def test_what_is_too_large_or_gone_is_refused_with_the_reason(
    get_file: dict[str, Any], download: Answer, why: str
) -> None:
    with pytest.raises(PictureRefused) as refused:
        Api(get_file, download).fetched()
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("get_file", "download", "after_s"),
    [
        (refusal(429, "Too Many Requests: retry after 7", retry_after=7), whole, 7.0),
        (refusal(502, "Bad Gateway"), whole, None),
        (refusal(401, "Unauthorized"), whole, 60.0),
        (FOUND, status(429, **{"retry-after": "9"}), 9.0),
        (FOUND, status(500), 5.0),
        (FOUND, cut_off, None),
        (FOUND, silent, None),
    ],
    ids=["asked to wait", "bad gateway", "token", "asked to wait for the file", "broken", "cut off", "silent"],
)
def test_what_may_pass_is_said_so_and_tells_nothing_of_the_token(
    get_file: dict[str, Any], download: Answer, after_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE_S", 1.0)
    with pytest.raises(DeliveryError) as trouble:
        Api(get_file, download).fetched()
    assert (trouble.value.permanent, trouble.value.retry_after_s) == (False, after_s)
    assert trouble.value.__cause__ is None
    assert trouble.value.__suppress_context__ or trouble.value.__context__ is None
    assert SECRET not in str(trouble.value)


def test_a_server_that_is_not_there_is_trouble_that_may_pass() -> None:
    async def fetched() -> None:
        bot = Telegram(TelegramSettings(token=TOKEN, api_base="http://127.0.0.1:1", _env_file=None), clock=utc_now)
        try:
            await bot.fetch("f")
        finally:
            await bot.close()

    with pytest.raises(DeliveryError) as trouble:
        asyncio.run(fetched())
    assert not trouble.value.permanent


PHOTO = Attachment("light.jpg", b"\xff\xd8\xff-a-picture", picture=True)
BUTTONS = ((Button("再测一次", "light:1"), Button("转人工", "human:1")),)


def labels(fields: dict[str, Any]) -> list[str]:
    rows = json.loads(fields.get("reply_markup", '{"inline_keyboard": []}'))["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


def test_a_picture_goes_out_with_its_words_and_buttons() -> None:
    api = Api(FOUND)
    assert api.sent(Outgoing("脸的右半边太暗", BUTTONS, attachment=PHOTO, drop_buttons_of="55")).message_ref == "2"
    (dropped, _), (method, fields) = api.posted
    assert (dropped, method, fields["caption"], fields["chat_id"]) == (
        "editMessageReplyMarkup", "sendPhoto", "脸的右半边太暗", "7",
    )  # fmt: skip
    assert labels(fields) == ["再测一次", "转人工"]
    assert PHOTO.data in fields.values()


def test_words_too_long_for_a_caption_come_after_the_picture_and_hold_the_buttons() -> None:
    api = Api(FOUND)
    words = "光" * 1025
    assert api.sent(Outgoing(words, BUTTONS, attachment=PHOTO)).message_ref == "2"
    (first, picture), (second, said) = api.posted
    assert (first, "caption" in picture, labels(picture)) == ("sendPhoto", False, [])
    assert (second, said["text"], labels(said)) == ("sendMessage", words, ["再测一次", "转人工"])


def test_a_picture_that_telegram_cannot_use_costs_nobody_the_words() -> None:
    api = Api(FOUND, refuses="sendPhoto")
    api.sent(Outgoing("脸的右半边太暗", BUTTONS, attachment=PHOTO))
    assert [method for method, _ in api.posted] == ["sendPhoto", "sendMessage"]
    assert labels(api.posted[1][1]) == ["再测一次", "转人工"]


def test_a_report_that_telegram_refuses_is_an_error() -> None:
    with pytest.raises(DeliveryError) as refused:
        Api(FOUND, refuses="sendDocument").sent(Outgoing("", attachment=Attachment("report.xlsx", b"x")))
    assert refused.value.permanent
