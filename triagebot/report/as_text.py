"""The report as a chat message: what a supervisor reads on a phone, in under twenty lines."""

from __future__ import annotations

from triagebot.locale import say
from triagebot.report import words
from triagebot.report.figures import Report, is_empty
from triagebot.report.headline import Row, by_key

_MOST_BREACHES = 5
_PROMISES = ("first_response", "next_response", "resolution", "update")
_ARROWS = {1: "🟢", -1: "🔴", 0: ""}
"""Better or worse than the period before; words say how much."""


def render(report: Report, lang: str) -> bytes:
    return text(report, lang).encode()


def text(report: Report, lang: str) -> str:
    found = by_key(report)
    lines = [
        say(lang, "report.head", scope=words.scope(report, lang)),
        say(lang, "report.span", span=words.span(report, lang), length=words.length(report, lang)),
    ]
    if is_empty(report.now):
        return "\n".join([*lines, say(lang, "report.nothing")])
    lines += [
        "",
        _joined(found, ("opened", "escalated", "resolved"), lang),
        _with_fraction(found["by_bot"], report, lang),
        "",
        *(_with_fraction(found[m], report, lang) for m in _PROMISES if m in found and found[m].now is not None),
        *words.times(report, lang),
        *_breaches(report, found["breaches"], lang),
        "",
        *_backlog(report, found, lang),
        _joined(found, ("reopened", "rating"), lang, known_only=True),
        _joined(found, ("unclear", "overridden"), lang, known_only=True),
    ]
    return "\n".join(_tidy(lines))


def _tidy(lines: list[str]) -> list[str]:
    """No two empty lines in a row, none at the end."""
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _one(row: Row, lang: str, more: str = "") -> str:
    name, now = say(lang, f"report.{row.item.key}"), words.value(row.item.kind, row.now, lang)
    moved = words.change(row, lang)
    note = f"{_ARROWS[row.verdict]}{moved}" if moved else ""
    inner = say(lang, "report.listed").join(part for part in (more, note) if part)
    return f"{name} {now}" + (say(lang, "report.aside", inner=inner) if inner else "")


def _joined(found: dict[str, Row], keys: tuple[str, ...], lang: str, *, known_only: bool = False) -> str:
    rows = [found[key] for key in keys if not known_only or found[key].now is not None]
    return say(lang, "report.between").join(_one(row, lang) for row in rows)


def _with_fraction(row: Row, report: Report, lang: str) -> str:
    return _one(row, lang, words.fraction(row, report)) if row.now is not None else ""


def _breaches(report: Report, row: Row, lang: str) -> list[str]:
    worst = sorted(report.now.breaches, key=lambda b: (not b.open, b.priority, -b.late_s))
    lines = [_one(row, lang), *(words.breach(b, report, lang) for b in worst[:_MOST_BREACHES])]
    if len(worst) > _MOST_BREACHES:
        lines.append(say(lang, "report.more_breaches", count=len(worst) - _MOST_BREACHES))
    return lines


def _backlog(report: Report, found: dict[str, Row], lang: str) -> list[str]:
    backlog = report.now.backlog
    lines = [_one(found["backlog"], lang)]
    if backlog.open:
        lines.append(say(lang, "report.backlog_line", waiting=backlog.waiting, late=backlog.late,
                         age=words.value("seconds", backlog.median_age_s, lang), number=backlog.oldest,
                         oldest=words.value("seconds", backlog.oldest_age_s, lang)))  # fmt: skip
    return lines
