"""``triagebot audit …``: who did or tried what at the desk, and whether that log is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from triagebot.access import audit, audit_check
from triagebot.access.audit_check import WORDS, Verified
from triagebot.cli import common
from triagebot.desk import periods
from triagebot.errors import UsageError
from triagebot.opening import open_store, utc_now
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Audit

app = typer.Typer(help="审计日志。 / The audit log.", no_args_is_help=True)

_MOST = 1000


@app.command()
def verify(
    head: Annotated[
        str, typer.Option("--head", help="以前 audit head 打印的那一行 / what audit head printed earlier")
    ] = "",
) -> None:
    """日志是否完整；第一处不对的行，退出码 1。 / Whether the log is whole; names the first broken row, exit 1."""
    kept = audit_check.parse_head(head) if head else None
    with _store() as store:
        found = store.read_now(audit_check.verify, kept)
    print(_said(found))
    if found.broken is not None:
        raise typer.Exit(1)


def _said(found: Verified) -> str:
    if found.broken is None:
        return f"审计日志完好，共 {found.rows} 行，末行 {found.hash}。 / The audit log is sound: {found.rows} rows."
    number, (zh, en) = found.broken.row, WORDS[found.broken.fault]
    return (
        f"第 {number} 行：{zh}。前面 {found.rows} 行完好。 / Row {number}: {en}. {found.rows} rows before it are sound."
    )


@app.command()
def head() -> None:
    """末行的号码和哈希，请另存到别处。 / Number and hash of the last row, to be kept somewhere else."""
    with _store() as store:
        print(store.read_now(audit_check.head))


@app.command("list")
def list_(
    since: Annotated[
        str, typer.Option(help="7d、24h 或一个时刻 / 7d, 24h or a moment; 默认全部 / all when left out")
    ] = "",
    actor: Annotated[str, typer.Option(help="坐席称呼，或 system、user:telegram:7 / a name, or as listed")] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """谁做过、试过什么，最新的在最后（最多 1000 行）。 / Who did or tried what, newest last (1000 rows at most)."""
    chosen = common.settings()
    begin = periods.between(since, "", utc_now(), chosen.zone).since if since else None
    with _store() as store:
        rows, names = store.read_now(_rows, begin, actor)
    if json:
        common.print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        parts = (f"{row.at.astimezone(chosen.zone):%Y-%m-%d %H:%M:%S}", names.get(row.actor, row.actor), row.action,
                 names.get(row.target, row.target), "" if row.outcome == "done" else row.outcome, _facts(row))  # fmt: skip
        print(f"{row.id:>6}  " + "  ".join(part for part in parts if part))


def _facts(row: Audit) -> str:
    return " ".join(f"{key}={value}" for key, value in row.data.items() if value not in ("", []))


def _rows(session: Session, since: datetime | None, actor: str) -> tuple[list[Audit], dict[str, str]]:
    """The rows, and what people in them are called. UsageError for an actor who is not known."""
    names = {f"agent:{agent.id}": agent.name for agent in session.exec(select(Agent).order_by(col(Agent.id)))}
    wanted = next((key for key, name in names.items() if name == actor), actor)
    if actor and wanted == actor and actor != "system" and ":" not in actor:
        raise UsageError(f"nobody here was ever called {actor!r}; see: triagebot agents list")
    return audit.listed(session, since, wanted, _MOST), names


@contextlib.contextmanager
def _store() -> Iterator[Store]:
    with contextlib.closing(open_store(common.settings())) as store:
        yield store
