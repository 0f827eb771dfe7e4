"""Telegram's own settings, prefix TRIAGEBOT_TELEGRAM_."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from triagebot.messages import Address

CHANNEL = "telegram"


class StaffRoom(BaseSettings):
    """Where colleagues work together, if anywhere: also commands that do not speak to Telegram must know."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGEBOT_TELEGRAM_", env_file=".env", extra="ignore", frozen=True, validate_default=True
    )

    staff_chat: str = Field("", description="id of a supergroup with topics in which agents work, e.g. -1001234567890")

    @field_validator("staff_chat")
    @classmethod
    def _is_supergroup(cls, value: str) -> str:
        if value and not re.fullmatch(r"-100\d{5,14}", value, re.ASCII):
            raise ValueError("is not the id of a supergroup; it looks like -1001234567890")
        return value

    @property
    def room(self) -> Address | None:
        """Whichever bot runs speaks there, as to every colleague (desk.agents.STAFF)."""
        return Address(CHANNEL, "", self.staff_chat) if self.staff_chat else None


class TelegramSettings(StaffRoom):
    """In webhook mode an address and a secret are required: without the secret anybody could speak for anybody."""

    token: str = Field("", description="the bot's token from @BotFather", repr=False)
    api_base: str = Field("", description="another Bot API server, e.g. http://127.0.0.1:8081; empty: Telegram's own")
    rate: float = Field(
        28.0, ge=1, description="messages a second over all chats; more only if Telegram allows this bot more"
    )
    mode: Literal["polling", "webhook"] = Field(
        "polling", description="whether we ask Telegram or Telegram posts to us"
    )
    webhook_url: str = Field("", description="webhook: where Telegram reaches us, e.g. https://bot.example.org")
    webhook_secret: str = Field("", description="webhook: 1-256 of A-Z a-z 0-9 _ -, known to Telegram only", repr=False)

    @field_validator("token")
    @classmethod
    def _shape(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+:[\w-]+", value):
            raise ValueError("is not a bot token; it looks like 123456:ABC… and comes from @BotFather")
        return value

    @field_validator("api_base")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", value):
            raise ValueError("must be a URL such as http://127.0.0.1:8081")
        return value.rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _is_reachable(cls, value: str, others: ValidationInfo) -> str:
        """Telegram's own servers speak only HTTPS; a Bot API server of one's own may stand beside us."""
        if not value and others.data.get("mode") == "webhook":
            raise ValueError("is needed in webhook mode: the address at which Telegram reaches this server")
        scheme = "https?" if others.data.get("api_base") else "https"
        if value and not re.fullmatch(rf"{scheme}://[^\s/?#@]+(/[\w.~/-]*)?", value, re.ASCII):
            raise ValueError("must be a URL such as https://bot.example.org, without user, query or fragment")
        return value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: str, others: ValidationInfo) -> str:
        if not value and others.data.get("mode") == "webhook":
            raise ValueError("is needed in webhook mode; make one with: openssl rand -hex 32")
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
            raise ValueError("must be 1 to 256 characters of A-Z a-z 0-9 _ -")
        return value
