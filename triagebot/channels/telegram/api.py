"""The Bot API as far as we use it: aiogram's client and errors, and methods of our own for what happens with every message.

aiogram's own methods know every field of Telegram's and read every answer into typed objects; for a message that costs more
than all else that is done about it, and an update of an unknown kind would hide the others for ever.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp.payload import BytesPayload
from pydantic import BaseModel

from triagebot.channels.telegram.decode import WANTED
from triagebot.unbuilt_models import models_of

with models_of("aiogram") as _aiogram:
    from aiogram import Bot
    from aiogram import exceptions as tg
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.methods import AnswerCallbackQuery, GetMe, Response, SendChatAction, SetMyCommands, TelegramMethod
    from aiogram.types import BotCommand, BufferedInputFile

__all__ = [
    "Bot",
    "BotCommand",
    "BufferedInputFile",
    "EditButtons",
    "EditText",
    "GetUpdates",
    "SendText",
    "TelegramAPIServer",
    "TelegramSession",
    "tg",
]
POLL_S = 25


class TelegramSession(AiohttpSession):
    """aiogram's, without a multipart form, random boundary and all, for each message that carries no file."""

    def build_form_data(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if not isinstance(method, OWN):
            return super().build_form_data(bot, method)
        values = method.model_dump(exclude_none=True).items()
        body = urlencode([(name, self.prepare_value(value, bot=bot, files={})) for name, value in values])
        return BytesPayload(body.encode(), content_type="application/x-www-form-urlencoded")


class GetUpdates(TelegramMethod[list[Any]]):
    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = POLL_S
    allowed_updates: tuple[str, ...] = WANTED


class Said(BaseModel):
    """What we want to know of a message that Telegram has taken."""

    message_id: int


class SendText(TelegramMethod[Said]):
    """``reply_markup``: JSON, as Telegram wants it. Without a preview, for which Telegram would open every link: some of ours
    are for one person, once."""

    __returning__ = Said
    __api_method__ = "sendMessage"

    chat_id: str
    text: str
    link_preview_options: str = '{"is_disabled":true}'
    reply_markup: str | None = None


class EditText(TelegramMethod[Any]):
    __returning__ = Any
    __api_method__ = "editMessageText"

    chat_id: str
    message_id: int
    text: str
    reply_markup: str | None = None


class EditButtons(TelegramMethod[Any]):
    __returning__ = Any
    __api_method__ = "editMessageReplyMarkup"

    chat_id: str
    message_id: int
    reply_markup: str | None = None


OWN = (GetUpdates, SendText, EditText, EditButtons)
_METHODS = (*OWN, GetMe, SetMyCommands, AnswerCallbackQuery, SendChatAction)
_ANSWERS = [Response[method.__returning__] for method in _METHODS]  # type: ignore[name-defined]
"""pydantic forgets a model that nobody holds on to, and aiogram would build each of them anew for every answer that it reads:
a tenth of all processor time under load (tests/benchmarks/telegram.py)."""
_aiogram.build_now([*_METHODS, *_ANSWERS])
