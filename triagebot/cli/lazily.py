"""Which module holds which command, so that only the one that is called is imported: the database alone is half a second."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from triagebot.uncollected import uncollected


class Place(NamedTuple):
    """``thing``: a function or a Typer app in ``triagebot.cli.<module>``; ``help``: the first line of its own help."""

    module: str
    thing: str
    help: str


COMMANDS = {
    "chat": Place(
        "chat",
        "chat",
        "在终端里和机器人聊天，不需要任何账号。 / Talk to the bot in the terminal; no account needed.",
    ),
    "run": Place(
        "run",
        "run",
        "启动服务：已配置的聊天渠道、发送、定时检查、网页接口。 / Run the service: channels, sender, scheduler, web.",
    ),
    "demo": Place(
        "demo",
        "demo",
        "用编造的一周填满一个空数据库，好看看坐席台。 / Fill an empty database with a made-up week, to look around.",
    ),
    "classify": Place(
        "brain",
        "classify",
        "判断每句话是什么问题（不存任何东西）。 / Verdicts for texts; nothing is stored.",
    ),
    "train": Place(
        "train",
        "train",
        "用 rules/ 里的例句训练分类器并存入缓存。 / Train from rules/, show cross-validated figures, store the model.",
    ),
    "evaluate": Place(
        "evaluate",
        "evaluate",
        "在带标注的 TSV 上评估，或交叉验证。 / Evaluate on a labelled TSV, or cross-validate.",
    ),
    "drift": Place(
        "drift",
        "drift",
        "每周有多少要追问、听不懂、被坐席改了分类。 / Per week: asked, not understood, category corrected by agents.",
    ),
    "doctor": Place(
        "doctor",
        "doctor",
        "检查设置、数据库、规则、模型、日历、渠道、网页接口。 / Check settings, database, rules, model, channels, web.",
    ),
    "rules": Place("rules", "app", "规则包。 / The rule pack."),
    "queue": Place("queue", "app", "坐席工作台。 / The desk."),
    "search": Place(
        "search",
        "search",
        "搜索工单里说过的话，可加条件。 / Search what was said at tickets, with filters.",
    ),
    "incidents": Place("incidents", "app", "事件：很多人遇到同一件事。 / Incidents."),
    "sla": Place("sla", "app", "时限承诺。 / Service levels."),
    "db": Place("db", "app", "数据库。 / The database."),
    "inbox": Place("dead_letters", "inbox", "收到却没能处理的消息。 / Messages that could not be handled."),
    "outbox": Place("dead_letters", "outbox", "没能送达的消息。 / Messages that could not be delivered."),
    "agents": Place("agents", "app", "坐席与权限。 / People and roles."),
    "audit": Place("audit", "app", "审计日志。 / The audit log."),
    "privacy": Place("privacy", "app", "个人信息。 / Personal data."),
}


class Commands(TyperGroup):
    """``COMMANDS``, each imported when it is called; a list of them needs no more than their names and ``help``."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        place = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=place.help) if place is not None else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = imported(args[0])
        else:
            self.commands.update(
                (name, self.get_command(ctx, name)) for name in COMMANDS
            )  # to suggest one that is meant
        return super().resolve_command(ctx, args)


def imported(name: str) -> Any:
    """The whole command, with its options and help."""
    place = COMMANDS[name]
    with uncollected():
        thing = getattr(import_module(f"triagebot.cli.{place.module}"), place.thing)
    if isinstance(thing, typer.Typer):
        command: Any = typer.main.get_group(thing)
    else:
        holder = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        holder.command(name)(thing)
        command = typer.main.get_command(holder)
    command.name = name
    return command
