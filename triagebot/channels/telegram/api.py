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
    from aiogram.types import BotCommand, BufferedInputFile, InputFile

__all__ = [
    "Bot",
    "BotCommand",
    "BufferedInputFile",
    "CloseTopic",
    "DeleteTopic",
    "EditButtons",
    "EditText",
    "GetFile",
    "GetUpdates",
    "NameTopic",
    "OpenTopic",
    "ReopenTopic",
    "SendDocument",
    "SendPhoto",
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
    message_thread_id: int | None = None
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


class SendPhoto(TelegramMethod[Said]):
    """``reply_markup``: JSON, as Telegram wants it."""

    __returning__ = Said
    __api_method__ = "sendPhoto"

    chat_id: str
    message_thread_id: int | None = None
    photo: InputFile
    caption: str | None = None
    reply_markup: str | None = None


class SendDocument(TelegramMethod[Said]):
    __returning__ = Said
    __api_method__ = "sendDocument"

    chat_id: str
    message_thread_id: int | None = None
    document: InputFile
    caption: str | None = None
    reply_markup: str | None = None


class Kept(BaseModel):
    """Where Telegram has a file for us: ``file_path`` is good for an hour."""

    file_path: str | None = None
    file_size: int | None = None


class GetFile(TelegramMethod[Kept]):
    __returning__ = Kept
    __api_method__ = "getFile"

    file_id: str


class Topic(BaseModel):
    """What we want to know of a topic that was opened."""

    message_thread_id: int


class OpenTopic(TelegramMethod[Topic]):
    __returning__ = Topic
    __api_method__ = "createForumTopic"

    chat_id: str
    name: str


class NameTopic(TelegramMethod[bool]):
    __returning__ = bool
    __api_method__ = "editForumTopic"

    chat_id: str
    message_thread_id: int
    name: str


class CloseTopic(TelegramMethod[bool]):
    __returning__ = bool
    __api_method__ = "closeForumTopic"

    chat_id: str
    message_thread_id: int


class ReopenTopic(CloseTopic):
    __api_method__ = "reopenForumTopic"


class DeleteTopic(CloseTopic):
    """With everything that stands in it."""

    __api_method__ = "deleteForumTopic"


OWN = (
    GetUpdates, SendText, EditText, EditButtons, GetFile, OpenTopic, NameTopic, CloseTopic, ReopenTopic, DeleteTopic,
)  # fmt: skip
_METHODS = (*OWN, SendPhoto, SendDocument, GetMe, SetMyCommands, AnswerCallbackQuery, SendChatAction)
_ANSWERS = [Response[method.__returning__] for method in _METHODS]  # type: ignore[name-defined]
"""pydantic forgets a model that nobody holds on to, and aiogram would build each of them anew for every answer that it reads:
a tenth of all processor time under load (tests/benchmarks/telegram.py)."""
_aiogram.build_now([*_METHODS, *_ANSWERS])
