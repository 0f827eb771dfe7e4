"""``triagebot queue …``: the desk from a shell, with the verbs, rules and roles that agents have in chat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

import typer
from sqlmodel import Session

from triagebot.cli import common
from triagebot.desk import macros, overview, stats, tickets, verbs
from triagebot.desk.buttons import Answer
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.verbs import Attempt
from triagebot.desk.work import Call
from triagebot.opening import utc_now

app = typer.Typer(help="坐席工作台。 / The desk.", no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="以哪位坐席的身份（见 agents list）。 / Which agent you are.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")]
Number = Annotated[int, typer.Argument(help="工单号 / ticket number")]
Words = Annotated[list[str] | None, typer.Argument()]


def do(name: str, words: str, who: str) -> None:
    """Carry out a verb as ``who`` and print what came of it. DeskError when it was refused; exit code 1 when nothing happened
    yet because the agent is to confirm."""
    with common.desk() as (store, office):
        done = store.write_now(_attempt, office, name, words, who)
        if done.refusal is not None:
            raise done.refusal
        print(done.text)
    if not done.done:
        raise typer.Exit(1)


def look(words: str, who: str, look: Callable[[Call], str | Answer], number: int | None = None) -> None:
    """Through the reading door: a replica will do."""

    def looked(session: Session, office: Office) -> str:
        now = utc_now()
        agent = agents.by_name(session, who, now, to_act=False)
        ticket = tickets.get(session, number) if number is not None else None
        found = look(Call(session, office, agent, now, ticket, words))
        return found if isinstance(found, str) else found.text

    with common.desk() as (store, office):
        print(store.read_now(looked, office))


def _joined(words: Iterable[str] | None) -> str:
    return " ".join(words or ())


def _attempt(session: Session, office: Office, name: str, words: str, who: str) -> Attempt:
    now = utc_now()
    return verbs.attempt(session, office, agents.by_name(session, who, now), name, words, now)


@app.command("list")
def list_(
    queue: Annotated[str, typer.Argument(help="只看这个队列 / only this queue")] = "",
    as_: As = agents.LOCAL,
    json: Json = False,
) -> None:
    """等待处理的工单，最急的在前。 / What is waiting, most urgent first."""
    if not json:
        look(queue, as_, overview.queue)
        return
    with common.desk() as (store, _):
        common.print_json(store.read_now(_listed, queue))


def _listed(session: Session, queue: str) -> list[dict[str, object]]:
    keep = {"id", "status", "category", "platform", "priority", "queue", "assignee_id", "summary", "created_at",
            "escalated_at", "next_due_at"}  # fmt: skip
    return [t.model_dump(mode="json", include=keep) for t in overview.waiting(session, queue)]


@app.command()
def show(number: Number, as_: As = agents.LOCAL, json: Json = False) -> None:
    """一张工单的详情和经过。 / One ticket and its story."""
    if not json:
        look("", as_, overview.show, number)
        return
    with common.desk() as (store, _):
        common.print_json(store.read_now(_story, number))


def _story(session: Session, number: int) -> dict[str, object]:
    ticket = tickets.get(session, number)
    events = [e.model_dump(mode="json", exclude={"ticket_id"}) for e in tickets.timeline(session, number)]
    return {**ticket.model_dump(mode="json"), "events": events}


@app.command("next")
def next_(as_: As = agents.LOCAL) -> None:
    """最急的一张，还没有人接手的。 / The most urgent one that nobody has."""
    look("", as_, overview.next_)


@app.command("stats")
def stats_(name: Annotated[str, typer.Argument(help="坐席名 / agent")] = "", as_: As = agents.LOCAL) -> None:
    """今天和近 7 天做了多少。 / What was done today and in 7 days."""
    look(name, as_, stats.stats)


@app.command()
def take(number: Number, as_: As = agents.LOCAL) -> None:
    """接手。 / Take a ticket."""
    do("take", str(number), as_)


@app.command()
def ack(number: Number, as_: As = agents.LOCAL) -> None:
    """知道了，停止呼叫。 / You know of it: nobody else is called."""
    do("ack", str(number), as_)


@app.command()
def reply(number: Number, text: list[str], as_: As = agents.LOCAL) -> None:
    """回复用户。 / Answer the user."""
    do("reply", f"{number} {' '.join(text)}", as_)


@app.command()
def macro(
    number: Number,
    name: Annotated[str, typer.Argument(help="不写就列出 / none: list them")] = "",
    as_: As = agents.LOCAL,
) -> None:
    """用快捷回复回答用户。 / Answer with a canned answer."""
    if name:
        do("macro", f"{number} {name}", as_)
    else:
        look("", as_, macros.menu, number)


@app.command()
def send(number: Number, as_: As = agents.LOCAL) -> None:
    """仍然发送刚才按住的回复。 / Send the answer that was held back."""
    do("send", str(number), as_)


@app.command()
def pending(number: Number, text: Words = None, as_: As = agents.LOCAL) -> None:
    """等用户回复，时限先停；可带一句问题。 / Wait for the user, the clock pauses; may ask something."""
    do("pending", f"{number} {_joined(text)}", as_)


@app.command()
def resume(number: Number, as_: As = agents.LOCAL) -> None:
    """不等了，继续处理。 / Stop waiting and go on."""
    do("resume", str(number), as_)


@app.command()
def note(number: Number, text: list[str], as_: As = agents.LOCAL) -> None:
    """加备注，用户看不到。 / Internal note."""
    do("note", f"{number} {' '.join(text)}", as_)


@app.command()
def resolve(number: Number, reason: Words = None, as_: As = agents.LOCAL) -> None:
    """标记解决。 / Resolve."""
    do("resolve", f"{number} {_joined(reason)}", as_)


@app.command()
def transfer(number: Number, queue: str, reason: Words = None, as_: As = agents.LOCAL) -> None:
    """转到另一个队列。 / Move to another queue."""
    do("transfer", f"{number} {queue} {_joined(reason)}", as_)


@app.command()
def escalate(number: Number, queue: str, reason: Words = None, as_: As = agents.LOCAL) -> None:
    """升级到另一个队列，按规则提高优先级。 / Hand up to another queue, more urgent where the rules say so."""
    do("escalate", f"{number} {queue} {_joined(reason)}", as_)


@app.command()
def priority(number: Number, level: str, as_: As = agents.LOCAL) -> None:
    """改优先级 P1..P4。 / Change the priority."""
    do("priority", f"{number} {level}", as_)


@app.command()
def category(number: Number, id: str, as_: As = agents.LOCAL) -> None:
    """改分类。 / Change the category."""
    do("category", f"{number} {id}", as_)


@app.command()
def merge(number: Number, into: int, as_: As = agents.LOCAL) -> None:
    """并入同一个人、或同一事件的另一张工单。 / Merge into another ticket of the same person or incident."""
    do("merge", f"{number} {into}", as_)


@app.command()
def reopen(number: Number, reason: Words = None, as_: As = agents.LOCAL) -> None:
    """重新打开已解决的工单（7 天内）。 / Open a resolved ticket again (within 7 days)."""
    do("reopen", f"{number} {_joined(reason)}", as_)


@app.command()
def tag(number: Number, tags: list[str], as_: As = agents.LOCAL) -> None:
    """加标签。 / Add tags."""
    do("tag", f"{number} {' '.join(tags)}", as_)


@app.command()
def untag(number: Number, tags: list[str], as_: As = agents.LOCAL) -> None:
    """去标签。 / Take tags off."""
    do("untag", f"{number} {' '.join(tags)}", as_)


@app.command()
def snooze(
    number: Number,
    until: Annotated[list[str], typer.Argument(help="2h | 30m | 1d | 明早 | 09:30 | 2026-12-01 09:00 [原因 / reason]")],
    as_: As = agents.LOCAL,
) -> None:
    """先放着，到点再看；时限照走。 / Put aside until then; clocks go on."""
    do("snooze", f"{number} {' '.join(until)}", as_)


@app.command()
def wake(number: Number, as_: As = agents.LOCAL) -> None:
    """不放了，现在就办。 / Take up now what was put aside."""
    do("wake", str(number), as_)


@app.command()
def available(
    word: Annotated[str, typer.Argument(help="on | off；不写就看现在的状态 / none: how it stands")] = "",
    as_: As = agents.LOCAL,
) -> None:
    """开始或停止自动派单。 / Be given new tickets, or no more."""
    do("available", word, as_)
