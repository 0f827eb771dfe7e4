"""The least that a bot can be: aiogram's own polling, every text sent back. What the product's speed is held against."""

from __future__ import annotations

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def main(base: str, token: str) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    await dispatcher.start_polling(Bot(token, session=session), handle_signals=False)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
