"""``triagebot privacy …``: a person's data out, a person's data gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from sqlmodel import Session, select

from triagebot.cli import common
from triagebot.desk import erase, person
from triagebot.errors import UsageError
from triagebot.opening import utc_now
from triagebot.store.tables import Conversation

app = typer.Typer(help="个人信息。 / Personal data.", no_args_is_help=True)
User = Annotated[str, typer.Argument(help="渠道里的用户 id（终端里是 --user 的值） / the user's id on the channel")]


@app.command()
def export(user: User) -> None:
    """导出这个人的全部记录（JSON，已脱敏）。 / All that is kept about a person, as JSON (redacted)."""
    with common.desk() as (store, _):
        found = store.read_now(_export, user)
    if not found:
        raise UsageError(f"there is nothing about user {user!r}")
    common.print_json(found)


def _export(session: Session, user: str) -> list[dict[str, Any]]:
    return person.export(session, session.exec(select(Conversation).where(Conversation.user == user)).all())


@app.command()
def purge() -> None:
    """现在就按保留期限清除（平时由服务自动做）。 / Erase what is past retention now; the service does it by itself."""
    keep = timedelta(days=common.settings().retention_days)
    total = 0
    with common.desk() as (store, office):
        while found := store.write_now(erase.purge, office, utc_now(), keep):
            total += found
    print(f"已清除 {total} 段对话。 / Erased {total} conversations.")


@app.command("erase")
def erase_(user: User) -> None:
    """删除这个人说过的话和称呼。 / Erase a person's words and name."""
    with common.desk() as (store, office):
        count = store.write_now(erase.erase_user, office, user, utc_now())
    if not count:
        raise UsageError(f"there is nothing about user {user!r}")
    print(f"已删除 {user} 的记录。 / Erased {user}.")
