"""``triagebot db check``: whether the database is whole, every ticket's row is what its events say, the audit log unbroken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session, col, func, select

from triagebot import rulebook
from triagebot.access import audit_check
from triagebot.cli import common
from triagebot.desk import books
from triagebot.desk.finding import indexing
from triagebot.desk.office import Office, open_office
from triagebot.desk.replay import Finding
from triagebot.errors import RulesError, StoreError
from triagebot.opening import utc_now
from triagebot.settings import Settings
from triagebot.store import integrity
from triagebot.store.store import Store
from triagebot.store.tables import Inbox, Outbox, Ticket


def check(
    repair: Annotated[
        bool,
        typer.Option("--repair", help="按事件重建工单的列和搜索索引，再查一遍。 / Rebuild rows from their events."),
    ] = False,
) -> None:
    """检查完整性、外键、表结构，每张工单是否和它的事件一致，审计日志是否完整。 /
    Integrity, foreign keys, schema, that every ticket is what its events say, and that the audit log is whole.

    服务运行时也可以查、可以修。事件从不改动。 / A service may run meanwhile, also beside --repair. Events are never touched.
    """
    chosen = common.settings()
    problems = problems_of(chosen, chosen.url)
    if repair and problems and integrity.is_current(chosen.url):
        for problem in problems:
            print(problem)
        _repair(chosen)
        problems = problems_of(chosen, chosen.url)
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(1)
    print("数据库完好。 / The database is sound.")


def problems_of(chosen: Settings, url: str) -> list[str]:
    """Everything that is wrong with the database ``url``, one line each, many of a kind counted."""
    found = integrity.check(url)
    if not integrity.is_current(url):
        return found
    store = Store.open(url)
    try:
        with common.counted(store.read_now(books.count)) as progress:
            found += store.read_now(_tickets, _office(chosen), progress)
        broken = store.read_now(audit_check.verify).broken
        found += [str(broken)] if broken is not None else []
        return found + store.read_now(_unlike_the_log)
    except StoreError as error:
        return [*found, str(error)]
    finally:
        store.close()


def _unlike_the_log(session: Session) -> list[str]:
    return integrity.capped(indexing.differences(session))


def _tickets(session: Session, office: Office | None, progress: books.Progress) -> list[str]:
    return integrity.capped(books.read(session, office, utc_now(), progress))


def _office(chosen: Settings) -> Office | None:
    """A broken rule pack must not be in the way of somebody who looks at a broken database."""
    try:
        return open_office(rulebook.load(chosen.rules_dir), chosen.zone, chosen.admin_ids)
    except RulesError as error:
        print(f"没有核对 next_due_at 和 due_at：规则有错。 / next_due_at and due_at were not looked at: {error}")
        return None


def _repair(chosen: Settings) -> None:
    store, office = Store.open(chosen.url), _office(chosen)
    try:
        for line in integrity.capped(_changes(store, office)):
            print(f"已改正 / repaired: {line}")
        if store.read_now(_unlike_the_log):
            index_anew(store)
            print("已重建搜索索引。 / The search index was made anew.")
    finally:
        store.close()


def index_anew(store: Store, progress: indexing.Progress = lambda done: None) -> None:
    """Batch by batch, so that a service beside it never waits for long."""
    after: int | None = 0
    while after is not None:
        after = store.write_now(indexing.reindex, after)
        progress(after or 0)


def _changes(store: Store, office: Office | None) -> Iterator[Finding]:
    after: int | None = 0
    while after is not None:
        changed, after = store.write_now(books.rebuild, office, utc_now(), after)
        yield from changed


@dataclass(frozen=True)
class Held:
    """What a database holds, in words."""

    zh: str
    en: str


def held_in(url: str, zone: ZoneInfo) -> Held:
    """Times in ``zone``."""
    store = Store.open(url)
    try:
        return store.read_now(_held, zone)
    finally:
        store.close()


def _held(session: Session, zone: ZoneInfo) -> Held:
    tickets = session.exec(select(func.count()).select_from(Ticket)).one()
    last = session.exec(select(func.max(Inbox.received_at))).one()
    heard, said = (
        session.exec(select(func.count()).select_from(box).where(col(box.state) == "pending")).one()
        for box in (Inbox, Outbox)
    )
    when = f"{last.astimezone(zone):%Y-%m-%d %H:%M:%S}" if last is not None else "-"
    return Held(
        f"{tickets} 张工单，最后一条消息 {when}；待处理 {heard} 条，待发送 {said} 条",
        f"{tickets} tickets, last message {when}; {heard} to be handled, {said} to be sent",
    )
