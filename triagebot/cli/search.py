"""``triagebot search …``: tickets by what was said at them, with the filters that agents have in chat."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlmodel import Session

from triagebot.cli import common
from triagebot.desk.finding import find
from triagebot.desk.finding import search as searching
from triagebot.desk.finding.search import Found, Results
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.work import Call
from triagebot.opening import utc_now


def search(
    words: Annotated[list[str], typer.Argument(help="词和条件，见 docs/search.md / words and filters")],
    as_: Annotated[str, typer.Option("--as", help="以哪位坐席的身份。 / Which agent you are.")] = agents.LOCAL,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")] = False,
) -> None:
    """搜索工单里说过的话，可加条件。 / Search what was said at tickets, with filters."""
    text = " ".join(words)
    with common.desk() as (store, office):
        if not json:
            print(store.read_now(_said, office, text, as_))
            return
        results = store.read_now(_found, office, text, as_)
    common.print_json({"tickets": [_plain(found) for found in results.found], "more": results.more})


def _said(session: Session, office: Office, text: str, who: str) -> str:
    now = utc_now()
    return searching.verb(Call(session, office, agents.by_name(session, who, now, to_act=False), now, text=text))


def _found(session: Session, office: Office, text: str, who: str) -> Results:
    now = utc_now()
    agent = agents.by_name(session, who, now, to_act=False)
    return searching.search(session, office, agent, find.parse(text, office, agent.lang), now)


def _plain(found: Found) -> dict[str, Any]:
    times = {"at": found.at.isoformat(), "due_at": found.due_at.isoformat() if found.due_at is not None else None}
    return {**asdict(found), **times}
