"""``triagebot incidents backtest``: what the detector would have raised of the own log, or of a stream of counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer
from sqlmodel import Session, col, select

from triagebot.cli import common
from triagebot.desk import periods
from triagebot.desk.incident import backtest as backtests
from triagebot.desk.incident import backtest_words, reports
from triagebot.desk.incident.backtest import Backtest
from triagebot.desk.incident.telling import Telling
from triagebot.detect.series import Report
from triagebot.opening import utc_now
from triagebot.report.as_json import plain
from triagebot.store.incident_tables import Incident
from triagebot.store.replica import Replica
from triagebot.store.store import Store

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_AT_ONCE = 10_000


def backtest(
    since: Annotated[
        str, typer.Option(help="从何时起：90d、24h、日期或时间 / from: a span before the end, a date or a time")
    ] = "90d",
    until: Annotated[str, typer.Option(help="到何时止（不含），默认现在 / until (excluded); default: now")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """用现在的 rules/incidents.yaml 回放记录：会发现哪些，和当时开的事件比。 / What would be raised of the log.

    从最早的记录开始学，只列出 --since 以后的；只读。 / It learns from the first record on and lists what came after --since;
    nothing is written.
    """
    with common.reading() as (store, office):
        now = utc_now()
        period = periods.between(since, until, now, office.zone)
        rules = office.book.incidents
        told = store.read_now(_incidents)
        found = backtests.run(_read(store, period.until), rules, told, period.since, period.until)
    if json:
        common.print_json(plain(_figures(found), office.zone))
    else:
        print(backtest_words.text(found, Telling(office, lang, now, {}, dated=True)))


def _incidents(session: Session) -> list[Incident]:
    return list(session.exec(select(Incident).order_by(col(Incident.opened_at))))


def _read(store: Store | Replica, until: datetime) -> Iterator[Report]:
    """A page at a time, so that nobody has to wait for a long log to be read."""
    last, begin = 0, None
    with common.counted(100) as progress:
        while page := store.read_now(reports.since, _BEGINNING, until, last, _AT_ONCE):
            yield from (report for _, report in page)
            last, at = page[-1][0], page[-1][1].at
            begin = page[0][1].at if begin is None else begin
            progress(int(100 * (at - begin) / max(1.0, until.timestamp() - begin)))


def _figures(found: Backtest) -> dict[str, Any]:
    raised = [{"category": r.series.category, "platform": r.series.platform, "signature": r.series.signature,
               "app_version": r.series.app_version, "at": r.at, "since": r.since, "until": r.until, "people": r.people,
               "expected": round(r.expected, 3), "incident": r.incident} for r in found.raised]  # fmt: skip
    return {
        "since": found.since, "until": found.until, "first_report": found.first, "learned_s": found.learned_s,
        "reports": found.reports, "raised": raised, "found": [one.id for one in found.found],
        "missed": [one.id for one in found.missed], "only_here": found.only_here,
    }  # fmt: skip
