"""A made-up service whose people report: seasons, holidays, growth, single angry people, and incidents that were planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from triagebot.detect.series import BIN_S, Report, Series

Floats = npt.NDArray[np.float64]

DAY_S = 86400
BINS_A_DAY = DAY_S // BIN_S
START = int(datetime(2026, 1, 4, 16, 2, 17, tzinfo=UTC).timestamp())
"""Monday 5 January 2026, shortly after 00:00 in China: incidents do not begin with a bin of the detector."""
_PER_HOUR = (
    *(120.0, 90.0, 60.0, 45.0, 35.0, 30.0, 25.0, 20.0, 15.0, 12.0, 10.0, 8.0, 6.0, 5.0, 4.0, 3.0),
    *(2.5, 2.0, 1.5, 1.2, 1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05),
)
"""People an hour (mean of a week, before growth) of each series."""
_HOLIDAYS = (
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3),
    ("2026-10-01", 7),
)  # fmt: skip
_WORKED = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
_BIG = 7
"""Half of the incidents are on the biggest series."""
_AGAIN = 0.1
"""So many of the people say it again within the hour."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An incident: from ``begin`` to ``end`` (seconds since 1970) ``factor`` times as many as usual, reached after ``ramp_s``
    (0: at once). ``usual``: people an hour in that time without it."""

    series: Series
    begin: float
    end: float
    factor: float
    ramp_s: float
    usual: float


@dataclass(frozen=True, slots=True)
class World:
    """``rates``: people in each bin of each series [series, bins], incidents included; ``angry``: (when, series' number) of
    bursts by one person each; ``seed``: of the counts that follow."""

    series: tuple[Series, ...]
    days: int
    rates: Floats
    planted: tuple[Planted, ...]
    angry: tuple[tuple[float, int], ...]
    seed: int


def world(seed: int, days: int = 365, incidents: int | None = None, quiet_days: int = 14) -> World:
    """``incidents``: planted after ``quiet_days``, 60 a year unless told."""
    random = np.random.default_rng(seed)
    series = tuple(Series(f"category{n // 3:02}", ("wechat", "alipay", "web")[n % 3]) for n in range(len(_PER_HOUR)))
    rates = np.stack([_usual(random, per_hour, days) for per_hour in _PER_HOUR])
    many = round(60 * days / 365) if incidents is None else incidents
    planted = _plant(random, series, rates, days, many, quiet_days)
    angry = tuple(
        (START + float(random.uniform(0, days * DAY_S)), int(random.integers(len(series)))) for _ in range(days)
    )
    return World(series, days, rates, planted, angry, seed)


def _usual(random: np.random.Generator, per_hour: float, days: int) -> Floats:
    """People in each bin of one series, with a day, a week, holidays, a growth and a wandering height of its own."""
    hours = (np.arange(BINS_A_DAY) + 0.5) * BIN_S / 3600
    shift, evening, night = random.uniform(-1.5, 1.5), random.uniform(0.5, 1.2), random.uniform(0.05, 0.2)
    peaks = ((10 + shift, 1.8, 1.0), (15.5 + shift, 2.5, 0.9), (20.5 + shift, 1.8, evening))
    day = night + np.sum(
        [height * np.exp(-(((hours - middle) / width) ** 2) / 2) for middle, width, height in peaks], 0
    )
    weekend, holiday = random.uniform(0.5, 1.1), random.uniform(0.35, 0.8)
    factors = [_of_day(START + n * DAY_S, weekend, holiday) for n in range(days)]
    growth = random.uniform(0.8, 2.0) ** (np.arange(days) / 365)
    daily = np.array(factors) * growth * np.exp(random.normal(0, 0.08, days))
    wander = np.empty(days * 24)
    value = 0.0
    for n, push in enumerate(random.normal(0, 0.05, days * 24)):
        value = 0.8 * value + push
        wander[n] = value
    per_bin = per_hour * BIN_S / 3600 * (daily[:, None] * (day / day.mean())[None, :]).ravel()
    wandering: Floats = per_bin * np.exp(np.repeat(wander, BINS_A_DAY // 24))
    return wandering


def _of_day(at: int, weekend: float, holiday: float) -> float:
    day = (datetime.fromtimestamp(at, UTC) + timedelta(hours=8)).date()
    if any(0 <= (day - date.fromisoformat(first)).days < many for first, many in _HOLIDAYS):
        return holiday
    return weekend if day.weekday() >= 5 and day.isoformat() not in _WORKED else 1.0


def _plant(
    random: np.random.Generator, series: tuple[Series, ...], rates: Floats, days: int, many: int, quiet_days: int
) -> tuple[Planted, ...]:
    """Raises ``rates`` where incidents are; on one series they are at least a day apart."""
    planted: list[Planted] = []
    while len(planted) < many:
        n = int(random.integers(_BIG if random.random() < 0.5 else len(series)))
        begin = int(random.integers(quiet_days * BINS_A_DAY, days * BINS_A_DAY - 80))
        bins = int(random.integers(9, 73))
        factor = float(np.exp(random.uniform(np.log(2), np.log(20))))
        ramp = int(random.choice((0, 0, 3, 6, 12)))
        first = START + begin * float(BIN_S)
        if any(old.series == series[n] and abs(old.begin - first) < DAY_S for old in planted):
            continue
        within = np.clip((np.arange(bins) + 0.5) / max(1, ramp), 0, 1) if ramp else np.ones(bins)
        usual = float(rates[n, begin : begin + bins].mean()) * 3600 / BIN_S
        rates[n, begin : begin + bins] *= 1 + (factor - 1) * within
        planted.append(Planted(series[n], first, START + (begin + bins) * BIN_S, factor, ramp * BIN_S, usual))
    return tuple(sorted(planted, key=lambda one: one.begin))


def counts(one: World) -> npt.NDArray[np.int64]:
    """How many people report in each bin of each series [series, bins]; more uneven than chance alone."""
    random = np.random.default_rng((one.seed, 1))
    return random.poisson(one.rates * random.gamma(1 / 0.04, 0.04, one.rates.shape))


def reports(one: World) -> Iterator[Report]:
    """What these people say, in order: most of them once, some again, an angry one a hundred times."""
    random = np.random.default_rng((one.seed, 2))
    table = counts(one)
    person = 0
    for day in range(one.days):
        here = table[:, day * BINS_A_DAY : (day + 1) * BINS_A_DAY]
        which, bins = np.nonzero(here)
        which, bins = np.repeat(which, here[which, bins]), np.repeat(bins, here[which, bins])
        at = START + day * DAY_S + bins * BIN_S + random.uniform(0, BIN_S, len(bins))
        who = person + np.arange(len(bins))
        person += len(bins)
        again = np.flatnonzero(random.random(len(bins)) < _AGAIN)
        which, who = np.concatenate((which, which[again])), np.concatenate((who, who[again]))
        at = np.concatenate((at, at[again] + random.uniform(0, 3000, len(again))))
        for begin, n in one.angry:
            if START + day * DAY_S <= begin < START + (day + 1) * DAY_S:
                which, who = np.append(which, [n] * 100), np.append(who, [-day - 1] * 100)
                at = np.append(at, begin + np.sort(random.uniform(0, 1800, 100)))
        for n in np.argsort(at, kind="stable"):
            series = one.series[which[n]]
            yield Report(float(at[n]), int(who[n]), series.category, series.platform)
