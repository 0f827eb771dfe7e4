"""The Telegram channel: receiving that commits before it confirms, and the speaking half for users and agents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from triagebot.channels.telegram import failures, files, menu, signing, topics
from triagebot.channels.telegram.api import (
    POLL_S,
    Bot,
    BufferedInputFile,
    EditButtons,
    EditText,
    GetUpdates,
    SendDocument,
    SendPhoto,
    SendText,
    TelegramAPIServer,
    TelegramSession,
    tg,
)
from triagebot.channels.telegram.decode import decode, shape
from triagebot.channels.telegram.rivals import AGAIN_S, Rivals
from triagebot.channels.telegram.settings import CHANNEL, TelegramSettings
from triagebot.channels.telegram.signs import Signs
from triagebot.channels.telegram.subscribe import subscribe
from triagebot.channels.telegram.webhook import TelegramWebhook, address
from triagebot.desk.team import agents
from triagebot.errors import ChannelError
from triagebot.messages import Address, Attachment, Batch, Button, Incoming, Intake, Outgoing, Receipt
from triagebot.pace import Limit, Pace
from triagebot.text import clip

log = structlog.get_logger()

_LONGEST = 4096
_LONGEST_CAPTION = 1024
_MOST_PAUSE_S = 30.0
_PRIVATE = Limit(rate=1.0, burst=5)
_GROUP = Limit(rate=0.25, burst=5)
_EVEN = 14
"""Telegram (Bot FAQ): 1 message a second in one chat with short bursts; 20 a minute in a group (5 and 15 in any minute);
about 30 a second over all chats (28, and 28 / _EVEN at once), unless it allows a bot more: TelegramSettings.rate."""


class Telegram:
    """``bot`` is the bot's own id on Telegram: it keeps two bots in one database apart. ``name``: by which people find it,
    known once it is open."""

    channel = CHANNEL
    staff = True

    def __init__(self, settings: TelegramSettings, *, clock: Callable[[], datetime], secret_key: str = "") -> None:
        session = TelegramSession(timeout=POLL_S + 10)
        if settings.api_base:
            session.api = TelegramAPIServer.from_base(settings.api_base)
        self._session = session
        self._api = Bot(settings.token, session=session)
        self._settings = settings
        self._key = signing.key_of(secret_key, settings.token)
        self._clock = clock
        self.signs = Signs(self.acknowledge)
        self.bot = settings.token.partition(":")[0]
        self.name = ""
        self.pace: Pace | None = Pace(Limit(settings.rate, max(1.0, settings.rate / _EVEN)), _limit_of, time.monotonic)

    @property
    def polls(self) -> bool:
        return self._settings.mode == "polling"

    @property
    def room(self) -> Address | None:
        """The group in which colleagues work, if there is one."""
        return self._settings.room

    @property
    def webhook(self) -> TelegramWebhook | None:
        """Where Telegram posts what happened; None when we ask for it."""
        if self.polls:
            return None
        url = address(self._settings.webhook_url, self.bot)
        return TelegramWebhook(url, self._batch, self.signs.heard, self._settings.webhook_secret)

    async def open(self) -> None:
        """Check the token, say how updates reach us and put up the command menus. ChannelError when Telegram does not
        know us. What waits at Telegram is never dropped."""
        try:
            me = await self._api.get_me()
            self.bot, self.name = str(me.id), me.username or ""
            await subscribe(self._api, self.webhook)
            await menu.put_up(self._api)
        except tg.TelegramRetryAfter as error:
            log.warning("telegram.menu_later", wait_s=error.retry_after)
        except tg.AiogramError as error:
            raise failures.fatal(error, "getMe") or ChannelError(
                f"Telegram cannot be reached ({type(error).__name__}); check the network or TRIAGEBOT_TELEGRAM_API_BASE"
            ) from None

    async def close(self) -> None:
        await self._api.session.close()

    def ensure_admins(self, session: Session, users: Iterable[str], now: datetime) -> None:
        agents.ensure_admins(session, CHANNEL, sorted(users), now)

    async def listen(self, intake: Intake) -> None:
        """Poll for ever. The next request confirms what the last one brought, and is made only after the commit.

        With a webhook there is nothing to ask for: the web server listens.
        """
        if not self.polls:
            await asyncio.Event().wait()
        offset: int | None = None
        failed, rivals = 0, Rivals()
        while True:
            try:
                updates = await self._api(GetUpdates(offset=offset), request_timeout=POLL_S + 10)
                failed = 0
            except tg.TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
                continue
            except tg.TelegramConflictError as error:
                rivals.seen(error)
                await asyncio.sleep(AGAIN_S)
                continue
            except tg.AiogramError as error:
                if stop := failures.fatal(error, "getUpdates"):
                    raise stop from None
                failed += 1
                log.warning("telegram.poll_failed", reason=type(error).__name__, times=failed)
                await asyncio.sleep(min(_MOST_PAUSE_S, 0.5 * 2**failed))
                continue
            if updates:
                batch = self._batch(updates)
                await intake(batch)
                offset = max(int(u["update_id"]) for u in updates) + 1
                self.signs.heard(batch.messages)

    def _batch(self, updates: Sequence[Any]) -> Batch:
        messages, dead = [], []
        for update in updates:
            try:
                message = decode(update, self.bot, self._key, self._clock(), self._settings.staff_chat)
            except ValueError as error:
                dead.append((str(update["update_id"]), str(error), shape(update)))
                log.warning("telegram.unreadable", update=update["update_id"], reason=str(error))
                continue
            if message is not None:
                messages.append(message)
        return Batch(messages, dead, source=(CHANNEL, self.bot))

    async def acknowledge(self, message: Incoming) -> None:
        with contextlib.suppress(tg.AiogramError):
            if message.ack_ref:
                await self._api.answer_callback_query(message.ack_ref)
            else:
                await self._api.send_chat_action(message.address.chat, "typing")

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        """Plain text, never markup: what people write cannot become formatting or links of ours."""
        text = clip(message.text, _LONGEST)
        self.signs.answered(to.chat)
        try:
            if message.forum:
                return await topics.keep(self._api, to.chat, known_ref, message)
            if message.drop_buttons_of:
                await self._drop_buttons(to, message.drop_buttons_of)
            if known_ref:
                return await self._edit(to, known_ref, text, message)
            if message.attachment is not None:
                return await self._send_file(to, message.attachment, text, message)
            return await self._say(to, text, message)
        except tg.AiogramError as error:
            raise failures.delivery_error(error) from None

    async def _say(self, to: Address, text: str, message: Outgoing) -> Receipt:
        keyboard = self._keyboard(to, message.buttons)
        thread = int(message.topic) if message.topic else None
        sent = await self._api(SendText(chat_id=to.chat, message_thread_id=thread, text=text, reply_markup=keyboard))
        return Receipt(str(sent.message_id))

    async def _send_file(self, to: Address, attachment: Attachment, text: str, message: Outgoing) -> Receipt:
        """Words that are too long for a caption come after the file, with the buttons. A picture that Telegram cannot use is
        left out."""
        whole = len(text) <= _LONGEST_CAPTION
        caption, keyboard = (text or None, self._keyboard(to, message.buttons)) if whole else (None, None)
        where: dict[str, Any] = {"chat_id": to.chat, "message_thread_id": int(message.topic) if message.topic else None,
                                 "caption": caption, "reply_markup": keyboard}  # fmt: skip
        file = BufferedInputFile(attachment.data, attachment.name)
        try:
            sent = await self._api(
                SendPhoto(photo=file, **where) if attachment.picture else SendDocument(document=file, **where)
            )
        except (tg.TelegramBadRequest, tg.TelegramEntityTooLarge):
            if not (attachment.picture and text):
                raise
            return await self._say(to, text, message)
        return Receipt(str(sent.message_id)) if whole else await self._say(to, text, message)

    async def fetch(self, file: str) -> bytes:
        """See messages.Fetches."""
        return await files.fetch(self._api, self._session, file)

    async def _edit(self, to: Address, ref: str, text: str, message: Outgoing) -> Receipt:
        keyboard = self._keyboard(to, message.buttons)
        try:
            await self._api(EditText(chat_id=to.chat, message_id=int(ref), text=text, reply_markup=keyboard))
        except tg.TelegramBadRequest as error:
            if any(sign in error.message for sign in failures.GONE):
                return await self._say(to, text, message)
            if failures.NOT_MODIFIED not in error.message:
                raise
        return Receipt(ref)

    async def _drop_buttons(self, to: Address, ref: str) -> None:
        """A pressed question is answered; that its buttons stay is ugly, not wrong."""
        with contextlib.suppress(tg.TelegramBadRequest, tg.TelegramNetworkError, tg.TelegramServerError):
            await self._api(EditButtons(chat_id=to.chat, message_id=int(ref)))

    def _keyboard(self, to: Address, rows: Sequence[Sequence[Button]]) -> str | None:
        """InlineKeyboardMarkup, as JSON."""
        if not rows:
            return None
        shown = [
            [{"text": b.label, "callback_data": signing.sign(self._key, to.chat, b.action)} for b in row]
            for part in rows
            for row in _narrow(part)
        ]
        return json.dumps({"inline_keyboard": shown}, ensure_ascii=False)


def _limit_of(chat: str) -> Limit:
    """Ids of groups, supergroups and channels are negative (Bot API, Chat)."""
    return _GROUP if chat.startswith("-") else _PRIVATE


def _narrow(row: Sequence[Button]) -> list[Sequence[Button]]:
    """Long labels get a line each: on a phone, three long ones in a row cannot be read."""
    if sum(len(b.label) for b in row) <= 24:
        return [row]
    return [[button] for button in row]
