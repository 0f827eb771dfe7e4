"""``triagebot agents …``: who works at the desk, and what they may do; invitations, and links to the web desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from sqlmodel import Session

from triagebot.access import links
from triagebot.access.addresses import Addresses
from triagebot.cli import common
from triagebot.desk.office import Office
from triagebot.desk.team import agents, invitations, people, staffing
from triagebot.desk.team.invitations import Grant
from triagebot.desk.team.people import SHELL
from triagebot.errors import UsageError
from triagebot.opening import utc_now
from triagebot.settings import Settings
from triagebot.store.tables import Agent

app = typer.Typer(help="坐席与权限。 / People and roles.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="称呼，见 agents list / a name, see agents list")]


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
        queues = people.queues_in(SHELL, office, ",".join(queue or ()))
        print(store.write_now(_add, name, role, telegram, tuple(queues), lang))


def _add(session: Session, name: str, role: str, telegram: str, queues: tuple[str, ...], lang: str) -> str:
    channel = "telegram" if telegram else ""
    agent = people.add(
        session, SHELL, name, utc_now(), role=role, channel=channel, user=telegram, queues=queues, lang=lang
    )
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
def remove(name: Name) -> None:
    """收回权限，工单退回队列（记录保留）。 / Take rights away; their tickets go back, what they did stays in the log."""

    def run(session: Session, office: Office, agent: Agent) -> str:
        numbers = people.remove(session, SHELL, office, agent, utc_now())
        return staffing.removed(SHELL, office.admins, agent, numbers)

    _change(name, run)


@app.command()
def role(name: Name, role: Annotated[str, typer.Argument(help="agent | supervisor | admin")]) -> None:
    """改身份，从下一个命令起生效。 / Change a role, from their next command on."""

    def run(session: Session, office: Office, agent: Agent) -> str:
        people.change_role(session, SHELL, agent, role, utc_now())
        return f"{agent.name}：{agent.role}。 / {agent.name} is now {agent.role}."

    _change(name, run)


@app.command()
def queues(
    name: Name, queues: Annotated[str, typer.Argument(help="逗号分隔；- 表示全部 / with commas between; - for all")]
) -> None:
    """改负责的队列。 / Change the queues that a person works on."""

    def run(session: Session, office: Office, agent: Agent) -> str:
        people.change_queues(session, SHELL, office, agent, queues, utc_now())
        return f"{agent.name}：{agent.queues or '全部队列 / all queues'}"

    _change(name, run)


def _change(name: str, run: Callable[[Session, Office, Agent], str]) -> None:
    def change(session: Session, office: Office) -> str:
        return run(session, office, people.named(session, SHELL, name))

    with common.desk() as (store, office):
        print(store.write_now(change, office))


@app.command()
def invite(
    role: Annotated[str, typer.Option(help="agent | supervisor | admin")] = "agent",
    queue: Annotated[list[str] | None, typer.Option(help="只负责这些队列，可重复 / only these queues")] = None,
    name: Annotated[str, typer.Option(help="称呼；不写就用对方的名字 / a name; else what they are called")] = "",
) -> None:
    """邀请新同事：链接 3 天内有效，只能用一次。 / Invite a colleague: a link that works once, within 3 days."""
    addresses = _addresses(common.settings())
    with common.desk() as (store, office):
        wanted = ",".join(people.queues_in(SHELL, office, ",".join(queue or ())))
        grant = Grant(people.of_role(SHELL, role), wanted, name.strip())
        token = store.write_now(invitations.invite, SHELL, grant, utc_now())
    print(invitations.words(addresses, token, "zh"), invitations.words(addresses, token, "en"), sep="\n\n")


@app.command()
def link(name: Annotated[str, typer.Argument(help="谁的；默认本机管理员 / whose")] = agents.LOCAL) -> None:
    """登录网页坐席台的链接：10 分钟内有效，只能用一次。 / A link to the web desk: works once, within 10 minutes."""
    addresses = _addresses(common.settings())
    with common.desk() as (store, _):
        print(addresses.sign_in(store.write_now(_sign_in, name)))


def _sign_in(session: Session, name: str) -> str:
    now = utc_now()
    agent = agents.by_name(session, name, now)
    SHELL.note(session, now, "sign-in link", agent)
    return links.issue(session, "sign_in", now, by=SHELL.actor, agent_id=agent.id)


def _addresses(chosen: Settings) -> Addresses:
    if not chosen.web_url and not chosen.web_port:
        raise UsageError("TRIAGEBOT_WEB_PORT is 0, any port that is free: set TRIAGEBOT_WEB_URL to where the pages are")
    return Addresses(chosen.public_url)
