"""The figures that every form of the report leads with: one table, so that text, page, picture and sheet agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from triagebot.report.figures import Figures, Report, Share

Kind = Literal["count", "share", "seconds", "stars"]


@dataclass(frozen=True)
class Item:
    """``key``: its words are ``report.<key>``. ``better``: 1 when more is better, -1 when less is, 0 when neither.

    ``of``: what a share was taken of, to be shown beside it. ``group``: where it is listed.
    """

    key: str
    group: str
    kind: Kind
    better: int
    value: Callable[[Figures], float | None]
    of: Callable[[Figures], Share] | None = None


@dataclass(frozen=True)
class Row:
    """An item with its values; ``change`` is None where there is nothing to compare with."""

    item: Item
    now: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def verdict(self) -> int:
        """1: better than before, -1: worse, 0: the same or neither."""
        moved = self.change or 0
        return self.item.better * ((moved > 0) - (moved < 0))


def _share(key: str, group: str, better: int, of: Callable[[Figures], Share]) -> Item:
    return Item(key, group, "share", better, lambda f: of(f).value, of)


ITEMS: tuple[Item, ...] = (
    Item("opened", "flow", "count", 0, lambda f: f.opened),
    Item("escalated", "flow", "count", 0, lambda f: f.escalated),
    Item("resolved", "flow", "count", 0, lambda f: f.resolved),
    _share("by_bot", "flow", 1, lambda f: f.by_bot),
    Item("left_alone", "flow", "count", 0, lambda f: f.left_alone),
    _share("reopened", "flow", -1, lambda f: f.reopened),
    _share("first_response", "promises", 1, lambda f: f.share("first_response")),
    _share("next_response", "promises", 1, lambda f: f.share("next_response")),
    _share("resolution", "promises", 1, lambda f: f.share("resolution")),
    Item("breaches", "promises", "count", -1, lambda f: len(f.breaches)),
    Item("first_median", "times", "seconds", -1, lambda f: f.time("first_response").median_s),
    Item("first_p90", "times", "seconds", -1, lambda f: f.time("first_response").p90_s),
    Item("first_wall_median", "times", "seconds", -1, lambda f: f.time("first_response").wall_median_s),
    Item("first_wall_p90", "times", "seconds", -1, lambda f: f.time("first_response").wall_p90_s),
    Item("resolution_median", "times", "seconds", -1, lambda f: f.time("resolution").median_s),
    Item("resolution_p90", "times", "seconds", -1, lambda f: f.time("resolution").p90_s),
    Item("resolution_wall_median", "times", "seconds", -1, lambda f: f.time("resolution").wall_median_s),
    Item("resolution_wall_p90", "times", "seconds", -1, lambda f: f.time("resolution").wall_p90_s),
    Item("backlog", "backlog", "count", -1, lambda f: f.backlog.open),
    Item("waiting", "backlog", "count", -1, lambda f: f.backlog.waiting),
    Item("late", "backlog", "count", -1, lambda f: f.backlog.late),
    Item("median_age", "backlog", "seconds", -1, lambda f: f.backlog.median_age_s),
    Item("oldest_age", "backlog", "seconds", -1, lambda f: f.backlog.oldest_age_s),
    Item("rating", "quality", "stars", 1, lambda f: f.ratings.mean),
    Item("ratings", "quality", "count", 0, lambda f: f.ratings.n),
    _share("unclear", "quality", -1, lambda f: f.unclear),
    _share("asked", "quality", 0, lambda f: f.asked),
    _share("overridden", "quality", -1, lambda f: f.overridden),
)
GROUPS = tuple(dict.fromkeys(item.group for item in ITEMS))
_UPDATE = _share("update", "promises", 1, lambda f: f.share("update"))


def rows(report: Report) -> list[Row]:
    """All items; the periodic update of P1 only where one was promised."""
    both = (report.now, report.before)
    items = [*ITEMS, *([_UPDATE] if any(f.share("update").whole for f in both) else [])]
    return [Row(item, item.value(report.now), item.value(report.before)) for item in items]


def by_key(report: Report) -> dict[str, Row]:
    return {row.item.key: row for row in rows(report)}


def of_group(report: Report, group: str) -> list[Row]:
    return [row for row in rows(report) if row.item.group == group]
