"""What each of aiogram's errors means for us: try again later, never, or stop altogether. Mapped by hand, one by one."""

from __future__ import annotations

from triagebot.channels.telegram.api import tg
from triagebot.errors import ChannelError, DeliveryError

NOT_MODIFIED = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")


def delivery_error(error: tg.AiogramError) -> DeliveryError:
    """The DeliveryError for a failed send. Unknown errors are transient: better twice than never."""
    if isinstance(error, tg.TelegramRetryAfter):
        return DeliveryError(f"Telegram asks to wait {error.retry_after} s", permanent=False,
                             retry_after_s=float(error.retry_after))  # fmt: skip
    if isinstance(error, tg.TelegramForbiddenError):
        return DeliveryError("the person blocked the bot or left", permanent=True)
    if isinstance(error, tg.TelegramMigrateToChat):
        return DeliveryError("the group became a supergroup with another id", permanent=True)
    if isinstance(error, tg.TelegramEntityTooLarge):
        return DeliveryError("the message is too large for Telegram", permanent=True)
    if isinstance(error, tg.TelegramUnauthorizedError):
        return DeliveryError("Telegram no longer accepts the token", permanent=False, retry_after_s=60, everywhere=True)
    if isinstance(error, (tg.TelegramBadRequest, tg.TelegramNotFound)):
        return DeliveryError(f"Telegram refuses the message: {error.message}", permanent=True)
    return DeliveryError(f"{type(error).__name__}: Telegram cannot be reached or failed", permanent=False)


def fatal(error: tg.AiogramError, doing: str) -> ChannelError | None:
    """Errors after which listening makes no sense; None for those that pass."""
    if isinstance(error, (tg.TelegramUnauthorizedError, tg.TelegramNotFound)):
        return ChannelError(
            f"Telegram does not accept the token ({doing}); check TRIAGEBOT_TELEGRAM_TOKEN with @BotFather"
        )
    return None
