"""What was seen of each case, as a table for people: docs/reliability.md, written by ``pytest … --reliability=FILE``.

A case is a test with the mark ``fault``; what it observes travels with its report, so that it also comes from other processes
of a parallel run. A run that has only some of the cases leaves the rows of the others as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reliability.md"
PROPERTY = "observed"
Observe = Callable[..., None]
"""Called with figures, as often as there are some."""
NEVER = "—"
_DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_ROW = re.compile(r"^\| (?P<zh>[^|]+) / (?P<en>[^|]+) \| (?P<short>[^|]+) \| (?P<long>[^|]+) \|$")
_TOP = """\
# 什么都不丢 / Nothing is lost

承诺：收下的消息一定会处理，效果只有一次，每个人的话按顺序，不管什么死掉。下面每一行都是一个真的去做的故障：真的进程、
真的 SQLite 和 PostgreSQL，`kill -9` 就是 `kill -9`。表由测试自己写，不是手写的。 / The promise: what was accepted is handled,
once in effect, in order per person, whatever dies. Each row is a fault that was really brought about, with real processes and
real databases. The tests write this table, nobody else does.

```sh
.venv/bin/pytest -n 2 tests/acceptance --reliability=docs/reliability.md            # 短 / short: part of every test run
.venv/bin/pytest -n 2 tests/acceptance -m long --reliability=docs/reliability.md    # 长 / long
```

`lost`：哪里都找不到的话；`doubled`：多出来的话或工单；`out of order`：话的顺序变了的人；`unanswered`：没有得到回复的人；
`said again`：重复说的回复（网络已收下、我们还没记下时被杀，就会再说一次：至少一次）。 /
`said again`: answers that were said twice, because the process died between the network's yes and our note of it.

| 故障 / fault | 短 / short | 长 / long |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Row:
    """``zh``, ``en``: the name of the case; ``short``, ``long``: what was seen last, with the day."""

    zh: str
    en: str
    short: str = NEVER
    long: str = NEVER

    def __str__(self) -> str:
        return f"| {self.zh} / {self.en} | {self.short} | {self.long} |"


@dataclass(frozen=True)
class Observation:
    zh: str
    en: str
    long: bool
    passed: bool
    figures: Mapping[str, Any]
    seconds: float


def name_of(case: pytest.Item) -> tuple[str, str]:
    """What its marks say, Chinese and English, and the database that it runs on."""
    names = [mark.args for mark in case.iter_markers("fault")]
    assert names, f"{case.nodeid} needs a name: @pytest.mark.fault(中文, English)"
    chosen = getattr(case, "callspec", None)
    values = chosen.params.values() if chosen is not None else ()
    names += [(_DATABASES[value],) * 2 for value in values if isinstance(value, str) and value in _DATABASES]
    return "，".join(name[0] for name in names), ", ".join(name[1] for name in names)


def rows_of(document: str) -> list[Row]:
    found = (_ROW.match(line) for line in document.splitlines())
    return [Row(**match.groupdict()) for match in found if match and match["zh"] != "故障"]


def with_seen(rows: Iterable[Row], seen: Iterable[Observation], today: date) -> list[Row]:
    """In the order of their names; the rows of others stay."""
    by_name = {row.en: row for row in rows}
    for one in seen:
        row = by_name.get(one.en, Row(one.zh, one.en))
        words = _words(one, today)
        by_name[one.en] = replace(row, zh=one.zh, **{"long" if one.long else "short": words})
    return sorted(by_name.values(), key=lambda row: row.en)


def document(rows: Iterable[Row]) -> str:
    return _TOP + "".join(f"{row}\n" for row in rows)


def _words(one: Observation, today: date) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in one.figures.items())
    verdict = "" if one.passed else "**FAILED** "
    return f"{verdict}{figures or 'held'} ({one.seconds:.0f} s, {today.isoformat()})"
