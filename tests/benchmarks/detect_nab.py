"""``python tests/benchmarks/detect_nab.py FOLDER``: the tweets of a copy of the Numenta Anomaly Benchmark, by the protocol of
docs/incidents-detector.md."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from triagebot.detect import counts


def main() -> None:
    folder = Path(sys.argv[1])
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text(encoding="utf-8"))
    for file in sorted((folder / "data" / "realTweets").glob("*.csv")):
        print(json.dumps({"file": file.name, **judged(file, windows[f"realTweets/{file.name}"])}))


def judged(file: Path, windows: list[list[str]]) -> dict[str, int | float]:
    """Windows that were hit, and surges that hit none."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = counts.read(lines)
    found = counts.run(rows)
    spans = [(_moment(begin), _moment(end)) for begin, end in windows]
    spans = [span for span in spans if span[1] > found.learned_until]
    hit = [any(begin <= spell.at - found.width_s <= end for spell in found.spells) for begin, end in spans]
    false = [spell for spell in found.spells if not any(b <= spell.at - found.width_s <= e for b, e in spans)]
    days = (rows[-1].at - found.learned_until) / 86400
    return {"windows": len(spans), "hit": sum(hit), "false": len(false), "days": round(days, 1)}


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


if __name__ == "__main__":
    main()
