"""``triagebot agents …``: who works at the desk, and what they may do."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlmodel import Session

from triagebot.cli import common
from triagebot.desk import agents
from triagebot.errors import UsageError
from triagebot.opening import utc_now

app = typer.Typer(help="坐席与权限。 / People and roles.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="显示给用户的称呼 / the name users see")],
    telegram: Annotated[str, typer.Option(help="Telegram 用户 id（数字） / Telegram user id (a number)")] = "",
    role: Annotated[str, typer.Option(help="agent | supervisor | admin")] = "agent",
    queue: Annotated[list[str] | None, typer.Option(help="只负责这些队列，可重复 / only these queues")] = None,
    lang: Annotated[str, typer.Option(help="zh | en")] = "zh",
) -> None:
    """添加坐席。 / Add a person."""
    if telegram and not telegram.isdecimal():
        raise UsageError(f"--telegram takes the numeric user id, not {telegram!r}; people see theirs with @userinfobot")
    with common.desk() as (store, office):
        for wanted in queue or []:
            if wanted not in office.book.queues:
                raise UsageError(f"there is no queue {wanted!r}; known: {', '.join(office.book.queues)}")
        print(store.write_now(_add, name, role, telegram, tuple(queue or ()), lang))


def _add(session: Session, name: str, role: str, telegram: str, queues: tuple[str, ...], lang: str) -> str:
    channel = "telegram" if telegram else ""
    agent = agents.add(session, name, utc_now(), role=role, channel=channel, user=telegram, queues=queues, lang=lang)
    return f"已添加 {agent.name}（{agent.role}）。 / Added {agent.name} ({agent.role})."


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="JSON")] = False) -> None:
    """列出坐席。 / List people."""
    with common.desk() as (store, _):
        rows = store.read_now(_listed)
    if json:
        common.print_json(rows)
        return
    if not rows:
        print("还没有坐席。用 triagebot agents add 添加。 / Nobody yet; add people with: triagebot agents add NAME")
    for row in rows:
        print("  ".join("可派单 / available" if v is True else str(v) for v in row.values() if v))


def _listed(session: Session) -> list[dict[str, object]]:
    return [a.model_dump(mode="json", include={"name", "role", "channel", "user", "queues", "available"})
            for a in agents.listed(session)]  # fmt: skip


@app.command()
def remove(name: str) -> None:
    """收回权限（记录保留）。 / Take rights away; what they did stays in the log."""
    with common.desk() as (store, _):
        print(store.write_now(_remove, name))


def _remove(session: Session, name: str) -> str:
    agents.remove(session, name)
    return f"已移除 {name}。 / Removed {name}."
