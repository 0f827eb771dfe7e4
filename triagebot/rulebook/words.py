"""What all parts of a rule pack are made of: names, spans of time, things said in both languages."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PlatformId = Literal["wechat", "alipay", "pboc_web", "unionpay", "bank_app", "counter", "unknown"]
Priority = Literal["P1", "P2", "P3", "P4"]
Route = Literal["self_service", "customer_service", "hotline", "security"]
QueueId = Literal["customer_service", "hotline", "security"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Ident = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=64)]
Span = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[smhd]$")]
"""A duration such as 30m, 24h, 7d (wall time in rules about people; business time in SLA targets)."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Words(Strict):
    """One thing said in both languages; zh first."""

    zh: Text
    en: Text

    def in_(self, lang: str) -> str:
        """The words in ``lang`` ("zh" or "en"); anything else reads Chinese."""
        return self.en if lang == "en" else self.zh


class Told(Words):
    """Something true that people are told, with where we know it from."""

    source: tuple[str, ...] = Field(min_length=1)
    review_by: date | None = None
