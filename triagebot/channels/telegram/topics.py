"""A ticket's topic in the staff room: opened, named after how the ticket stands, closed, opened again, deleted."""

from __future__ import annotations

from triagebot.channels.telegram.api import Bot, CloseTopic, DeleteTopic, NameTopic, OpenTopic, ReopenTopic, tg
from triagebot.messages import Outgoing, Receipt
from triagebot.text import clip

_LONGEST_NAME = 128
_AS_IT_IS = "TOPIC_NOT_MODIFIED"
_GONE = ("TOPIC_DELETED", "TOPIC_ID_INVALID", "message thread not found")


async def keep(api: Bot, chat: str, ref: str, message: Outgoing) -> Receipt:
    """``ref``: the topic, "" for one that is still to be opened. One that somebody deleted is opened anew while its ticket is
    open. Raises aiogram's errors."""
    name = clip(message.text, _LONGEST_NAME)
    if message.forum == "delete":
        await _try(api, DeleteTopic(chat_id=chat, message_thread_id=int(message.topic)))
        return Receipt(message.topic)
    if ref and message.forum == "reopen":
        await _try(api, ReopenTopic(chat_id=chat, message_thread_id=int(ref)))
    there = bool(ref) and await _try(api, NameTopic(chat_id=chat, message_thread_id=int(ref), name=name))
    if not there and ref and message.forum == "close":
        return Receipt(ref)
    if not there:
        opened = await api(OpenTopic(chat_id=chat, name=name))
        ref = str(opened.message_thread_id)
    if message.forum == "close":
        await _try(api, CloseTopic(chat_id=chat, message_thread_id=int(ref)))
    return Receipt(ref)


async def _try(api: Bot, method: NameTopic | CloseTopic) -> bool:
    """False when the topic is gone; that it was so already is as good as done."""
    try:
        await api(method)
    except tg.TelegramBadRequest as error:
        if any(sign in error.message for sign in _GONE):
            return False
        if _AS_IT_IS not in error.message:
            raise
    return True
