"""``triagebot incidents backtest --counts``: the detector on a plain column of counts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from triagebot.cli import common
from triagebot.desk.incident.telling import usual
from triagebot.errors import UsageError
from triagebot.locale import say
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.text import span

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.detect.counts import Count, Found


def show(file: Path, rules: IncidentRules, lang: Literal["zh", "en"], json: bool) -> None:
    """Print what surges in ``file``. UsageError with the file and the line for what is none."""
    from triagebot.detect import counts

    rows = _read(file)
    calm_s = span(rules.calm_after).total_seconds()
    found = counts.run(rows, false_alarms=rules.false_alarms, calm_after_s=calm_s)
    if json:
        common.print_json(_figures(file, rows, found))
    else:
        print("\n".join(_lines(rows, found, lang)))


def _read(file: Path) -> tuple[Count, ...]:
    from triagebot.detect import counts

    try:
        return counts.read(file.read_text(encoding="utf-8-sig").splitlines())
    except OSError as error:
        raise UsageError(f"{file} 读不了 / cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} 不是 UTF-8 文本 / is not UTF-8 text") from None
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None


def _figures(file: Path, rows: tuple[Count, ...], found: Found) -> dict[str, Any]:
    """Times in UTC. Of each row: when, how many, and how unlikely (-log10 of the chance)."""
    return {
        "file": str(file), "width_s": found.width_s, "learned_until": _iso(found.learned_until),
        "surges": [{"at": _iso(each.at), "since": _iso(each.since), "until": _iso(each.until) if each.until else None,
                    "people": each.people, "expected": round(each.expected, 3)} for each in found.spells],
        "rows": [[_iso(row.at), row.people, score] for row, score in zip(rows, found.scores, strict=True)],
    }  # fmt: skip


def _lines(rows: tuple[Count, ...], found: Found, lang: Literal["zh", "en"]) -> list[str]:
    lines = [say(lang, "backtest.counts_head", rows=f"{len(rows):,}", begin=_short(rows[0].at), end=_short(rows[-1].at),
                 learned=_short(found.learned_until), surges=len(found.spells))]  # fmt: skip
    for each in found.spells:
        lines.append(say(lang, "backtest.counts_line", at=_short(each.at), since=_short(each.since), people=each.people,
                         usual=usual(each.expected), until=_short(each.until) if each.until else "—"))  # fmt: skip
    return lines


def _short(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
