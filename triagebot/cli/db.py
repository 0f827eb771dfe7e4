"""``triagebot db …``: migrations, an online backup and the way back, a move to another database. Checks: cli.db_check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triagebot.cli import common, db_check
from triagebot.desk.finding import indexing
from triagebot.opening import make_data_folder, utc_now
from triagebot.store import backup as copies
from triagebot.store import copying, migrate
from triagebot.store.store import Store

app = typer.Typer(help="数据库。 / The database.", no_args_is_help=True)
app.command("check")(db_check.check)


@app.command()
def upgrade() -> None:
    """升级到当前版本的表结构。 / Migrate to this version's schema."""
    url = common.settings().url
    before = migrate.current(url)
    migrate.upgrade(url)
    after = migrate.current(url)
    print(f"已是最新：{after}。 / Up to date: {after}." if before == after else f"{before or '空 / empty'} -> {after}")


@app.command()
def current() -> None:
    """现在的版本。 / The database's version."""
    found, head = migrate.current(common.settings().url), migrate.head()
    print(f"{found or 'empty'}{' (head)' if found == head else f' (head: {head})'}")
    if found != head:
        raise typer.Exit(1)


@app.command()
def backup(file: Path) -> None:
    """在线备份到文件。 / Online backup to a file."""
    copies.backup(common.settings().url, file)
    print(f"已备份到 {file}。 / Backed up to {file}.")


@app.command()
def restore(
    file: Path,
    aside: Annotated[
        bool, typer.Option("--aside", help="现有的数据库改名保留。 / Keep the present one, renamed.")
    ] = False,
) -> None:
    """用备份恢复：先检查，再替换；正在使用的不动。 / Put a backup in place: checked first, never over one in use."""
    chosen = common.settings()
    make_data_folder(chosen)
    fetched = copies.fetch(chosen.url, file, aside)
    try:
        problems = db_check.problems_of(chosen, fetched)
        if problems:
            for problem in problems:
                print(problem)
            print("备份有问题，什么都没有改。 / The backup is not sound; nothing was changed.")
            raise typer.Exit(1)
        held = db_check.held_in(fetched, chosen.zone)
        moved = copies.put_back(chosen.url, aside, utc_now())
    finally:
        copies.discard(chosen.url)
    if moved is not None:
        print(f"原来的数据库改名为 {moved}。 / The database before is now {moved}.")
    print(f"已恢复 {held.zh}。 / Restored {held.en}.")


@app.command()
def reindex() -> None:
    """重建搜索索引；服务可以照常运行。 / Make the search index anew; a service may run meanwhile."""
    url = common.settings().url
    migrate.prepare(url)
    store = Store.open(url)
    try:
        with common.counted(store.read_now(indexing.last_event)) as progress:
            db_check.index_anew(store, progress)
    finally:
        store.close()
    print("搜索索引已重建。 / The search index is made anew.")


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="空的目标数据库。 / An empty database.")],
    json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """全部复制到另一个空数据库并核对（SQLite 换 PostgreSQL，或反过来）。先停掉服务。 /
    Copy everything into another, empty database and compare (SQLite to PostgreSQL, or back). Stop the service first."""
    with common.rows_going_by() as progress:
        done = copying.copy(
            common.settings().url, to, utc_now(), progress,
            lambda target: indexing.fill(target, lambda event: progress("passage", event)),
        )  # fmt: skip
    if json:
        common.print_json([{"table": t.table, "rows": t.rows, "checksum": t.checksum} for t in done])
        return
    wide = max(len(t.table) for t in done)
    for table in done:
        print(f"{table.table:<{wide}}  {table.rows:>12,}  {table.checksum[:16]}")
    total = sum(table.rows for table in done)
    print(
        f"复制了 {total} 行，逐表核对一致。把 TRIAGEBOT_DATABASE_URL 改成新的，再启动。 / "
        f"{total} rows copied; each table is the same. Now set TRIAGEBOT_DATABASE_URL to the new one and start."
    )
