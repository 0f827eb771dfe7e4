"""Pictures that Telegram keeps, fetched into memory and never to disk. The address of a file holds the bot's token: it stands
in no error and no log."""

from __future__ import annotations

import asyncio

from aiohttp import ClientError, ClientResponse
from pydantic import ValidationError

from triagebot.channels.telegram import failures
from triagebot.channels.telegram.api import Bot, GetFile, TelegramSession, tg
from triagebot.errors import DeliveryError, PictureRefused
from triagebot.vision.header import MOST_BYTES

PATIENCE_S = 30.0
"""Wall seconds for finding a file and having all of it."""
_PART = 64 * 1024
_TOO_BIG = "file is too big"
_LATER_S, _LATEST_S = 5.0, 300.0


async def fetch(api: Bot, session: TelegramSession, file: str) -> bytes:
    """The file, whole. PictureRefused when it is too large or Telegram does not give it, DeliveryError for what may pass."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await api(GetFile(file_id=file))
            if (found.file_size or 0) > MOST_BYTES:
                raise PictureRefused("bytes")
            if not found.file_path:
                raise PictureRefused("gone")
            return await _download(session, session.api.file_url(api.token, found.file_path))
    except tg.AiogramError as error:
        raise _meaning(error) from None
    except (ClientError, OSError, ValidationError) as error:
        # OSError: TimeoutError too
        raise DeliveryError(
            f"{type(error).__name__}: a file could not be fetched from Telegram", permanent=False
        ) from None


async def _download(session: TelegramSession, url: str) -> bytes:
    """As it comes, and never more of it than is wanted, whatever Telegram said its size was."""
    client = await session.create_session()
    async with client.get(url, allow_redirects=False) as answer:
        _judge(answer)
        data = bytearray()
        async for part in answer.content.iter_chunked(_PART):
            data += part
            if len(data) > MOST_BYTES:
                raise PictureRefused("bytes")
        return bytes(data)


def _judge(answer: ClientResponse) -> None:
    if answer.status == 429 or answer.status >= 500:
        wanted = answer.headers.get("retry-after", "")
        wait_s = min(float(wanted), _LATEST_S) if wanted.isascii() and wanted.isdecimal() else _LATER_S
        raise DeliveryError(f"Telegram answers {answer.status} for a file", permanent=False, retry_after_s=wait_s)
    if answer.status != 200:
        raise PictureRefused("gone")
    if (answer.content_length or 0) > MOST_BYTES:
        raise PictureRefused("bytes")


def _meaning(error: tg.AiogramError) -> PictureRefused | DeliveryError:
    """Telegram gives bots no file over 20 MB. What it refuses for good, it does not have for us."""
    if isinstance(error, tg.TelegramEntityTooLarge) or _TOO_BIG in str(error):
        return PictureRefused("bytes")
    trouble = failures.delivery_error(error)
    return PictureRefused("gone") if trouble.permanent else trouble
