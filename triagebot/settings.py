"""Every general setting, from the environment or a .env file, prefix TRIAGEBOT_. A channel's own live with the channel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from triagebot.errors import SettingsError
from triagebot.resources import bundled


class Settings(BaseSettings):
    """All values are optional; the defaults run the embedded database for one person on one machine."""

    model_config = SettingsConfigDict(env_prefix="TRIAGEBOT_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field("", description="sqlite:///path or postgresql://…; empty: a file in DATA_DIR")
    report_database_url: str = Field(
        "", description="a replica of the PostgreSQL database, from which reports are read"
    )
    rules_dir: Path = Field(default_factory=lambda: bundled("rules"), description="the rule pack")
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("triagebot", appauthor=False),
        description="database file and model cache",
    )
    log_format: Literal["console", "json"] = Field("console", description="how log lines look")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level that is logged")
    timezone: str = Field("Asia/Shanghai", description="zone of the times that people read")
    admins: str = Field("", description="channel user ids that are admins without being added, comma separated")
    secret_key: str = Field("", repr=False, description="signs button data; empty: derived from the channel's token")
    semantic: bool = Field(False, description="judge with sentence embeddings too; needs triagebot[semantic]")
    tick_seconds: float = Field(5.0, gt=0, le=3600, description="wall seconds between two sweeps")
    reports: str = Field("", description="when supervisors get reports, e.g. daily 09:00; weekly mon 09:00")
    retention_days: int = Field(180, ge=1, description="days after which the words of a quiet conversation are erased")
    web_host: str = Field("127.0.0.1", min_length=1, description="address that the web server listens on")
    web_port: int = Field(8080, ge=0, le=65535, description="its port; 0: any that is free, see the log")
    web_url: str = Field(
        "", description="the pages' public address, e.g. https://desk.example.com; empty: host and port"
    )

    pictures: bool = Field(True, description="whether pictures are looked at; needs triagebot[ocr]; on or off")
    web_chat: bool = Field(True, description="whether people may talk to the bot on the web page; on or off")
    web_embed: str = Field("", description="sites that may show the chat in a frame, e.g. https://www.example.com")
    web_proxies: int = Field(0, ge=0, le=9, description="how many of our own proxies add to X-Forwarded-For")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as e:
            raise ValueError(f"{value!r} is no known time zone; use a name such as Asia/Shanghai") from e
        return value

    @field_validator("web_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError(f"{value!r} is no address of a site; use one such as https://desk.example.com")
        return value.rstrip("/")

    @field_validator("web_embed")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        """What a browser compares the frame's parents with: scheme, host, port, and nothing that could end the header."""
        for origin in value.replace(",", " ").split():
            if not re.fullmatch(r"https?://(\*\.)?[a-z0-9.-]+(:\d+)?", origin, re.ASCII | re.IGNORECASE):
                raise ValueError(f"{origin!r} is no origin; use one such as https://www.example.com, without a path")
        return value

    @property
    def embedding(self) -> tuple[str, ...]:
        """The origins of ``web_embed``."""
        return tuple(self.web_embed.replace(",", " ").split())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def url(self) -> str:
        """The database in use; the embedded one lives in ``data_dir``."""
        return self.database_url or f"sqlite:///{self.data_dir / 'triagebot.db'}"

    @property
    def public_url(self) -> str:
        """Where people find the pages, without a slash at its end."""
        host = "127.0.0.1" if self.web_host in ("0.0.0.0", "::") else self.web_host  # noqa: S104 (nothing listens here)
        return self.web_url or f"http://{f'[{host}]' if ':' in host else host}:{self.web_port}"

    @property
    def model_dir(self) -> Path:
        """What was made of the rules, and can be made again: the classifier, the checked rule book."""
        return self.data_dir / "models"

    @property
    def admin_ids(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.admins.split(",") if part.strip())


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def load_settings(kind: type[SettingsT]) -> SettingsT:
    """Read ``kind`` from the environment; SettingsError names the variable and what is wrong with it, and never shows
    the value of a secret (``repr=False``)."""
    try:
        return kind()
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        prefix = str(kind.model_config.get("env_prefix", ""))
        field = kind.model_fields.get(name)
        got = f" (got {first.get('input')!r})" if field is None or field.repr else ""
        raise SettingsError(f"{prefix}{name.upper()}: {first['msg'].removeprefix('Value error, ')}{got}") from None
