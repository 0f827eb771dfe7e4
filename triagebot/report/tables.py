"""The report's tables: columns and plain values, for every form that has tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triagebot.locale import say
from triagebot.report import words
from triagebot.report.figures import Report, Share
from triagebot.report.headline import GROUPS, of_group

Kind = Literal["text", "ticket", "count", "share", "seconds", "stars", "time"]
Cell = str | float | datetime | None


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """``rows`` hold raw values (a share is 0..1, lengths are seconds): each form puts them in its own dress."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def shown(cell: Cell, kind: Kind, report: Report, lang: str) -> str:
    """A cell as text for people."""
    if cell is None or cell == "":
        return words.NONE
    if isinstance(cell, datetime):
        return words.moment(cell, report.zone, lang)
    if isinstance(cell, str):
        return cell
    if kind == "ticket":
        return f"#{cell:.0f}"
    return words.value(kind, cell, lang) if kind in ("share", "seconds", "stars") else words.value("count", cell, lang)


def _columns(lang: str, *named: tuple[str, Kind]) -> tuple[Column, ...]:
    return tuple(Column(say(lang, f"column.{name}"), kind) for name, kind in named)


def _value(shares: Mapping[str, Share], metric: str) -> float | None:
    return shares.get(metric, Share()).value


def breaches(report: Report, lang: str) -> Table:
    """Still open first, then by priority, then by how late."""
    columns = _columns(lang, ("ticket", "ticket"), ("priority", "text"), ("metric", "text"), ("queue", "text"),
                       ("category", "text"), ("agent", "text"), ("due", "time"), ("late", "seconds"),
                       ("state", "text"))  # fmt: skip
    worst = sorted(report.now.breaches, key=lambda b: (not b.open, b.priority, -b.late_s))
    rows = (
        (b.ticket, b.priority, say(lang, f"metric.{b.metric}"), report.title(lang, b.queue),
         report.title(lang, b.category), b.agent, b.due_at, b.late_s,
         say(lang, "report.still_open" if b.open else "report.done"))
        for b in worst
    )  # fmt: skip
    return Table("breaches", say(lang, "report.breaches"), columns, tuple(rows))


def queues(report: Report, lang: str) -> Table:
    columns = _columns(lang, ("queue", "text"), ("escalated", "count"), ("resolved", "count"), ("first", "share"),
                       ("next", "share"), ("resolution", "share"), ("breaches", "count"), ("open", "count"))  # fmt: skip
    rows = (
        (report.title(lang, q.queue), q.escalated, q.resolved, _value(q.attainment, "first_response"),
         _value(q.attainment, "next_response"), _value(q.attainment, "resolution"), q.breaches, q.backlog)
        for q in report.now.queues
    )  # fmt: skip
    return Table("queues", say(lang, "report.by_queue"), columns, tuple(rows))


def agents(report: Report, lang: str) -> Table:
    columns = _columns(lang, ("agent", "text"), ("replies", "count"), ("resolved", "count"), ("first_median", "seconds"),
                       ("first_p90", "seconds"), ("first", "share"), ("next", "share"), ("resolution", "share"),
                       ("rating", "stars"), ("ratings", "count"))  # fmt: skip
    rows = (
        (a.agent, a.replies, a.resolved, a.first.median_s, a.first.p90_s, _value(a.attainment, "first_response"),
         _value(a.attainment, "next_response"), _value(a.attainment, "resolution"), a.rating, a.ratings)
        for a in report.now.agents
    )  # fmt: skip
    return Table("agents", say(lang, "report.by_agent"), columns, tuple(rows))


def categories(report: Report, lang: str) -> Table:
    """With the period before beside it: what people come with changes."""
    columns = _columns(lang, ("category", "text"), ("opened", "count"), ("before", "count"), ("escalated", "count"),
                       ("escalated_share", "share"))  # fmt: skip
    before = {c.category: c.opened for c in report.before.categories}
    rows = (
        (report.title(lang, c.category), c.opened, before.get(c.category, 0), c.escalated,
         c.escalated / c.opened if c.opened else None)
        for c in report.now.categories
    )  # fmt: skip
    return Table("categories", say(lang, "report.by_category"), columns, tuple(rows))


def course(report: Report, lang: str) -> Table:
    columns = _columns(lang, ("from", "time"), ("opened", "count"), ("escalated", "count"), ("resolved", "count"),
                       ("open", "count"))  # fmt: skip
    rows = ((p.at, p.opened, p.escalated, p.resolved, p.backlog) for p in report.now.course)
    return Table("course", say(lang, "report.course"), columns, tuple(rows))


def summary(report: Report, lang: str) -> list[tuple[str, list[tuple[str, str, str, str, int]]]]:
    """Group by group: (name, now with what a share was taken of, before, change, better or worse)."""
    return [
        (
            say(lang, f"report.group_{group}"),
            [
                (
                    say(lang, f"report.{row.item.key}"),
                    _with_fraction(words.value(row.item.kind, row.now, lang), words.fraction(row, report)),
                    words.value(row.item.kind, row.before, lang),
                    words.change(row, lang),
                    row.verdict,
                )
                for row in of_group(report, group)
            ],
        )
        for group in GROUPS
    ]


def _with_fraction(value: str, fraction: str) -> str:
    return f"{value} ({fraction})" if fraction and value != words.NONE else value
