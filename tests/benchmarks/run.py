"""``python tests/benchmarks/run.py [BENCHMARK ...] [--json]``: figures of one run on one machine, ratios first."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BENCHMARKS = (
    "board",
    "classify",
    "desk",
    "detect",
    "intake",
    "light",
    "report",
    "search",
    "store",
    "sweep",
    "business_time",
    "sla_year",
    "start",
    "telegram",
    "pictures",
    "scale",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", metavar="BENCHMARK", help=f"some of: {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if unknown := set(chosen.which) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    figures = {name: importlib.import_module(f"tests.benchmarks.{name}").run() for name in chosen.which or BENCHMARKS}
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(name)
        for key, value in values.items():
            print(f"  {key}: {value}")


if __name__ == "__main__":
    main()
