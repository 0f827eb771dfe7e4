"""Whether the bot can work in the staff room: a supergroup with topics in which it is an administrator who manages them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from triagebot.channels.telegram.settings import TelegramSettings

_TELEGRAM = "https://api.telegram.org"
_PATIENCE_S = 10
_RIGHTS = {
    "can_manage_topics": "manage topics",
    "can_delete_messages": "delete messages, so that what a person has erased would stay in its topic",
}


def troubles(settings: TelegramSettings) -> Iterator[str]:
    """What is wrong with the room, each with what to do about it; nothing where there is no room."""
    if not settings.staff_chat:
        return
    name = f"TRIAGEBOT_TELEGRAM_STAFF_CHAT={settings.staff_chat}"
    with httpx.Client(base_url=f"{settings.api_base or _TELEGRAM}/bot{settings.token}/", timeout=_PATIENCE_S) as api:
        try:
            chat = _ask(api, "getChat", chat_id=settings.staff_chat)
            bot = str(_ask(api, "getMe").get("id", ""))
            member = _ask(api, "getChatMember", chat_id=settings.staff_chat, user_id=bot)
        except (httpx.HTTPError, ValueError) as error:
            yield f"{name}: Telegram does not let the bot look ({_reason(error)}); add the bot to the group and check the id"
            return
    if not chat.get("is_forum"):
        yield f"{name}: the group has no topics; turn them on in its settings"
    for right, what in _RIGHTS.items():
        if member.get("status") != "creator" and not member.get(right):
            yield f"{name}: the bot may not {what}; make it an administrator of the group with that right"


def _ask(api: httpx.Client, method: str, **values: str) -> dict[str, Any]:
    """ValueError with Telegram's words when it refuses."""
    answer = api.post(method, data=values).json()
    if not isinstance(answer, dict) or not answer.get("ok"):
        raise ValueError(str(answer.get("description", "")) if isinstance(answer, dict) else "no Bot API answers there")
    return dict(answer["result"])


def _reason(error: Exception) -> str:
    """httpx names the address, and with it the token."""
    return str(error) if type(error) is ValueError else type(error).__name__
