"""The report as one HTML file that can be forwarded: no script, no request to anywhere, light and dark."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triagebot.locale import say
from triagebot.report import charts, svg, tables, words
from triagebot.report.figures import Report
from triagebot.report.tables import Table

_HERE = Path(__file__).parent
STYLE = _HERE / "report.css"
"""How the sections look; the page gives the colours."""
_MOST_ROWS = 12
_TONES = {1: "good", -1: "bad", 0: ""}


def render(report: Report, lang: str) -> bytes:
    """Every value is escaped by the template; only our own charts are put in as they are (svg.py escapes its words)."""
    return _templates().get_template("page.html.j2").render(_facts(report, lang)).encode()


def sections(report: Report, lang: str) -> str:
    """What stands below the page's head, for a page that has a head of its own; it needs ``STYLE``."""
    return _templates().get_template("sections.html.j2").render(_facts(report, lang))


def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _facts(report: Report, lang: str) -> dict[str, Any]:
    now, days = report.now, [words.weekday(n, lang) for n in range(7)]
    labels = charts.step_labels(report, lang)
    title = partial(say, lang)
    kept = charts.attainment(report, lang)
    return {
        "lang": lang,
        "say": title,
        "span": words.span(report, lang),
        "scope": words.scope(report, lang),
        "length": words.length(report, lang),
        "made": words.moment(report.made_at, report.zone, lang),
        "cards": [{**card, "tone": _TONES[card["verdict"]]} for card in charts.cards(report, lang)],
        "attainment": svg.bars(kept, title("report.attainment")) if kept else "",
        "flow": svg.columns(labels, [("opened", [p.opened for p in now.course]),
                                            ("resolved", [p.resolved for p in now.course])],
                                   title("report.in_and_resolved")),
        "backlog": svg.line(labels, [p.backlog for p in now.course], title("report.backlog")),
        "ages": charts.ages(report, lang),
        "arrivals": svg.heat(now.arrivals, days, title("report.arrivals"), "blue"),
        "breach_hours": svg.heat(now.breach_hours, days, title("report.breach_hours"), "red"),
        "busiest": charts.busiest(report, lang),
        "breach_count": len(now.breaches),
        "tables": [_table(make(report, lang), report, lang)
                   for make in (tables.queues, tables.breaches, tables.agents, tables.categories)],
        "summary": tables.summary(report, lang),
        "tones": _TONES,
    }  # fmt: skip


def _table(table: Table, report: Report, lang: str) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    numeric = ("count", "share", "seconds", "stars")
    more = len(table.rows) > _MOST_ROWS
    return {
        "title": table.title,
        "columns": [{"title": c.title, "number": c.kind in numeric} for c in table.columns],
        "rows": [[tables.shown(cell, kind, report, lang) for cell, kind in zip(row, kinds, strict=True)]
                 for row in table.rows[:_MOST_ROWS]],
        "more": say(lang, "report.first_more", count=_MOST_ROWS, all=len(table.rows)) if more else "",
        "empty": say(lang, "report.no_breaches") if table.name == "breaches" else words.NONE,
    }  # fmt: skip
