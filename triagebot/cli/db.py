"""``triagebot db …``: migrations, checks, an online backup."""

from __future__ import annotations

from pathlib import Path

import typer

from triagebot.cli import common
from triagebot.store import migrate

app = typer.Typer(help="数据库。 / The database.", no_args_is_help=True)


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
def check() -> None:
    """检查完整性和表结构。 / Integrity, foreign keys, schema."""
    problems = migrate.check(common.settings().url)
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(1)
    print("数据库完好。 / The database is sound.")


@app.command()
def backup(file: Path) -> None:
    """在线备份到文件。 / Online backup to a file."""
    migrate.backup(common.settings().url, file)
    print(f"已备份到 {file}。 / Backed up to {file}.")
