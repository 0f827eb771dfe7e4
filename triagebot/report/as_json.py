"""The report for programs: every figure by its name in docs/reports.md, shares with what they were taken of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triagebot.report.figures import Ratings, Report, Share


def to_json(report: Report) -> dict[str, Any]:
    """Times in ISO 8601 with the office's offset, lengths in seconds, shares as ``{"part", "whole", "share"}``."""
    zone = ZoneInfo(report.zone)
    return {
        "made_at": plain(report.made_at, zone),
        "zone": report.zone,
        "filters": report.filters.chosen(),
        "figures": plain(report.now, zone),
        "previous": plain(report.before, zone),
    }


def render(report: Report, lang: str) -> bytes:
    """The same in every language: names are ids."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=2).encode()


def plain(value: Any, zone: ZoneInfo) -> Any:
    """Any figure as JSON holds it: times in ``zone``, shares with what they were taken of."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, Share):
        return {"part": value.part, "whole": value.whole, "share": value.value}
    if isinstance(value, Ratings):
        return {"n": value.n, "mean": value.mean, "stars": {str(n): c for n, c in enumerate(value.stars, 1)}}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), zone) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(inner, zone) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner, zone) for inner in value]
    return value
