"""The list of commands that Telegram shows beside the text field, Chinese for everyone, English for English phones."""

from __future__ import annotations

from triagebot.channels.telegram.api import Bot, BotCommand
from triagebot.locale import say

COMMANDS = ("status", "human", "watch", "language", "privacy", "forgetme", "help")


async def put_up(bot: Bot) -> None:
    for lang in ("zh", "en"):
        commands = [BotCommand(command=name, description=say(lang, f"menu.{name}")) for name in COMMANDS]
        await bot.set_my_commands(commands, language_code=None if lang == "zh" else lang)
