"""What is known of a series, as values for JSON and back: what a restart must not forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from triagebot.detect.level import Level
from triagebot.detect.season import HOURS, Season
from triagebot.detect.surging import Surging
from triagebot.detect.track import Track

_VERSION = 1


def of_season(season: Season) -> dict[str, Any]:
    return {"v": _VERSION, "people": _rounded(season.people), "usual": _rounded(season.usual)}


def into_season(season: Season, values: Mapping[str, Any]) -> Season:
    """``season`` with what was kept; ValueError for anything else."""
    _check(values)
    people, usual = _numbers(values, "people", HOURS), _numbers(values, "usual", HOURS)
    return Season(season.above, season.trust, people, usual)


def of_track(track: Track) -> dict[str, Any]:
    level, surging = track.level, track.surging
    kept: dict[str, Any] = {
        "v": _VERSION,
        "level": [*_rounded(level.people), *_rounded(level.bins)],
        "stray": _rounded([*level.stray[0], *level.stray[1]]),
        "hours": level.hours,
        "seen": track.seen,
        "taught": track.taught,
        "over": track.over,
        "often": round(track.often, 3),
    }
    if track.season and any(track.season.usual):
        kept["season"] = of_season(track.season)
    if surging:
        kept["surging"] = [surging.since, surging.high, surging.hours]
        kept["height"] = _rounded([surging.ratio, surging.people, surging.usual])
    return kept


def into_track(track: Track, values: Mapping[str, Any]) -> None:
    """Fills ``track`` with what was kept; ValueError for anything else."""
    _check(values)
    level, stray = _numbers(values, "level", 6), _numbers(values, "stray", 4, least=None)
    whole = _whole(values, "hours"), _whole(values, "seen"), _whole(values, "taught"), _whole(values, "over")
    track.level = Level(level[:3], level[3:], [stray[:2], stray[2:]], whole[0])
    track.seen, track.taught, track.over = whole[1:]
    track.often = _numbers({"often": [values.get("often")]}, "often", 1)[0]
    if "season" in values and track.season:
        track.season = into_season(track.season, values["season"])
        track.factors = track.season.factors
    if "surging" in values:
        since, high, hours = (int(value) for value in _numbers(values, "surging", 3))
        ratio, people, usual = _numbers(values, "height", 3)
        track.surging = Surging(since, high, ratio, hours, people, usual)
    track.changed = False


def _check(values: Mapping[str, Any]) -> None:
    if not isinstance(values, Mapping) or values.get("v") != _VERSION:
        raise ValueError("what was learned is of no known version")


def _whole(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name!r} is no whole number: {value!r}")
    return value


def _numbers(values: Mapping[str, Any], name: str, many: int, least: float | None = 0.0) -> list[float]:
    found = values.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != many:
        raise ValueError(f"{name!r} is no list of {many} numbers")
    if not all(
        isinstance(value, int | float) and abs(value) < 1e12 and (least is None or value >= least) for value in found
    ):
        raise ValueError(f"{name!r} holds what is no number")
    return [float(value) for value in found]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]
