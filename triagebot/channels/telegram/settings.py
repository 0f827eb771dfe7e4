"""Telegram's own settings, prefix TRIAGEBOT_TELEGRAM_."""

from __future__ import annotations

import re

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TelegramSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRIAGEBOT_TELEGRAM_", env_file=".env", extra="ignore", frozen=True)

    token: str = Field("", description="the bot's token from @BotFather", repr=False)
    api_base: str = Field("", description="another Bot API server, e.g. http://127.0.0.1:8081; empty: Telegram's own")
    rate: float = Field(
        28.0, ge=1, description="messages a second over all chats; more only if Telegram allows this bot more"
    )

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
