"""``python tests/benchmarks/detect_year.py [--tune 1,2] [--report 101,102] [--days 365]``: a simulated year through the
detector, and through simpler ones and ones made of libraries that were tuned on other years, at the same rate of false alarms.
The libraries: ``pip install -e '.[bench]'``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import detect_libraries
from tests.benchmarks.detect_rivals import NEEDS, RIVALS, surges
from tests.benchmarks.detect_simple import Floats
from triagebot.detect import simulate
from triagebot.detect.simulate import Figures
from triagebot.detect.world import World, counts, world
from triagebot.errors import MissingPartError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tune", default="1,2", help="seeds on which the thresholds of the others are set")
    parser.add_argument("--report", default="101,102,103", help="seeds that are told")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument(
        "--which", default=",".join(("detector", *RIVALS)), help="of the detector and the others, by name"
    )
    chosen = parser.parse_args()
    tune, report = ([int(seed) for seed in seeds.split(",")] for seeds in (chosen.tune, chosen.report))
    names = chosen.which.split(",")
    try:
        detect_libraries.check({NEEDS[name] for name in names if name in NEEDS})
    except MissingPartError as missing:
        print(missing, file=sys.stderr)
        raise SystemExit(missing.exit_code) from None
    for name in names:
        began = process_time()
        figures = rival(name, tune, report, chosen.days) if name in RIVALS else detector(report, chosen.days)
        print(json.dumps({name: {**figures, "cpu_s": round(process_time() - began)}}, indent=1), flush=True)


def detector(report: Sequence[int], days: int) -> dict[str, Any]:
    return told([simulate.run(seed, days) for seed in report])


def rival(name: str, tune: Sequence[int], report: Sequence[int], days: int) -> dict[str, Any]:
    """The lowest threshold above which all have at most one false alarm in 30 days on the years of ``tune``, then the years of
    ``report``."""
    years = [_scored(name, seed, days) for seed in tune]
    candidates = np.unique(
        np.concatenate([np.quantile(scores, 1 - np.geomspace(1e-6, 1e-2, 80)) for _, _, scores in years])
    )
    threshold = candidates[-1]
    for lower in candidates[::-1]:
        if _rate([_judged(*year, lower) for year in years]) > 1.0:
            break
        threshold = lower
    del years
    return {
        "threshold": round(float(threshold), 2),
        **told([_judged(*_scored(name, seed, days), threshold) for seed in report]),
    }


def _scored(name: str, seed: int, days: int) -> tuple[World, Floats, Floats]:
    made = world(seed, days)
    table = counts(made).astype(float)
    return made, table, RIVALS[name](table)


def _judged(made: World, table: Floats, scores: Floats, threshold: float) -> Figures:
    return simulate.judge(made, surges(scores, table, made.series, float(threshold)), int(table.sum()))


def _rate(figures: Sequence[Figures]) -> float:
    return sum(one.false_alarms for one in figures) * 30 / sum(one.days for one in figures)


def told(figures: Sequence[Figures]) -> dict[str, Any]:
    """Several years in one table."""
    rows = {}
    for n, row in enumerate(figures[0].rows):
        same = [one.rows[n] for one in figures]
        delays = [one.delay_min for one in same if one.delay_min is not None]
        planted, noticed = sum(one.planted for one in same), sum(one.noticed for one in same)
        rows[row.sort] = f"{noticed} of {planted}, median delay {median(delays) if delays else '-'} min"
    return {
        "seeds": [one.seed for one in figures],
        "messages": sum(one.messages for one in figures),
        "false_alarms_in_30_days": round(_rate(figures), 2),
        "false_alarms": [one.false_alarms for one in figures],
        **rows,
    }


if __name__ == "__main__":
    main()
