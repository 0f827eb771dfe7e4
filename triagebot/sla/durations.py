"""Targets as people write them: 30m, 2h, 2d. A day is 24 h round the clock, else a calendar's working day."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triagebot.errors import SlaError

_PART = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_MOST_S = 10 * 366 * 86400


@dataclass(frozen=True)
class Duration:
    """Business time: ``seconds`` plus ``days`` whose length the calendar knows."""

    seconds: int = 0
    days: int = 0

    def in_seconds(self, day_s: int) -> int:
        """Business seconds, with a day of ``day_s`` business seconds."""
        return self.seconds + self.days * day_s


def parse_duration(value: object, where: str = "duration") -> Duration | None:
    """``"2h"``, ``"1h30m"``, ``"2d"``; a bare number is seconds; 0, "0", "0m" and None mean: no clock.

    SlaError names ``where`` for anything else.
    """
    if value is None:
        return None
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if re.fullmatch(r"[0-9]{1,9}", text):
        text += "s"
    parts = _PART.findall(text)
    if not parts or "".join(n + unit for n, unit in parts) != text.replace(" ", ""):
        raise SlaError(f"{where}: {_shown(value)} is no duration; write for example 30m, 2h or 2d")
    seconds = sum(int(n) * _SECONDS[unit] for n, unit in parts if unit != "d")
    days = sum(int(n) for n, unit in parts if unit == "d")
    if seconds + days * 86400 > _MOST_S:
        raise SlaError(f"{where}: {_shown(value)} is longer than ten years")
    return Duration(seconds, days) if seconds or days else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]}…"
