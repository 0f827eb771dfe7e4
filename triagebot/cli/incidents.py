"""``triagebot incidents …``: many people with one trouble, with the verbs, rules and roles that supervisors have in chat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer
from sqlmodel import Session

from triagebot.cli import common, incidents_backtest, queue
from triagebot.cli.queue import As, Json, Number
from triagebot.desk.incident import incident_verbs, incidents, retrospect, retrospect_words, showing, silence_verbs
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.incident.retrospect import PostMortem
from triagebot.desk.incident.telling import Telling
from triagebot.desk.office import Office
from triagebot.desk.team import agents, roster
from triagebot.opening import utc_now

app = typer.Typer(help="事件：很多人遇到同一件事。 / Incidents.", no_args_is_help=True)

app.command("backtest")(incidents_backtest.backtest)

Incident = Annotated[int, typer.Argument(help="事件号 / incident number")]
_MOST = 200


@app.command("list")
def list_(as_: As = agents.LOCAL, json: Json = False) -> None:
    """进行中的事件，和最近解决的。 / Those under way, and the last ones that are over."""
    if not json:
        queue.look("", as_, incident_verbs.listed)
        return
    with common.desk() as (store, _):
        common.print_json(store.read_now(_listed))


def _listed(session: Session) -> list[dict[str, object]]:
    found = (incidents.listed(session, resolved=over, limit=_MOST) for over in (False, True))
    return [_figures(standing) for part in found for standing in part]


def _figures(standing: Standing) -> dict[str, object]:
    counts = {"tickets": standing.tickets, "waiting": standing.waiting, "people": standing.people}
    return {**standing.incident.model_dump(mode="json"), **counts}


@app.command()
def show(number: Incident, as_: As = agents.LOCAL, json: Json = False) -> None:
    """一个事件和它的工单。 / One incident and its tickets."""
    if not json:
        queue.look(str(number), as_, showing.show)
        return
    with common.desk() as (store, _):
        common.print_json(store.read_now(_shown, number))


def _shown(session: Session, number: int) -> dict[str, object]:
    incident = incidents.get(session, number)
    (standing,) = incidents.standings(session, [incident])
    attached = incidents.tickets_of(session, incident, _MOST)
    keep = {"id", "status", "category", "priority", "queue", "assignee_id"}
    return {**_figures(standing), "attached": [t.model_dump(mode="json", include=keep) for t in attached]}


@app.command("open")
def open_(
    title: Annotated[list[str], typer.Argument(help="标题，只有同事看得到 / for colleagues only")],
    as_: As = agents.LOCAL,
) -> None:
    """新建一个事件；标题前面可以先写分类 id。 / Open an incident; a category's id may come before the title."""
    queue.do("incident_open", " ".join(title), as_)


@app.command()
def ack(number: Incident, as_: As = agents.LOCAL) -> None:
    """有人在处理了。 / Somebody is on it."""
    queue.do("incident_ack", str(number), as_)


@app.command()
def status(
    number: Incident,
    text: Annotated[list[str], typer.Argument(help="给用户看的说明；只写 - 就撤下 / what people see; - takes it away")],
    as_: As = agents.LOCAL,
) -> None:
    """事件进行中给用户看的说明，不会主动推送。 / What people see about it while it goes on; nobody is written to."""
    queue.do("incident_status", f"{number} {' '.join(text)}", as_)


@app.command()
def postmortem(
    number: Incident,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
    markdown: Annotated[bool, typer.Option("--markdown", help="输出 Markdown / print Markdown")] = False,
    json: Json = False,
) -> None:
    """事后小结：时间、人数、经过，只有事实。 / In retrospect: times, people, what happened; facts only."""
    with common.reading() as (store, office):
        now = utc_now()
        found, names = store.read_now(_looked_back, office, number, now)
        if json:
            common.print_json(found.to_json())
            return
        words = retrospect_words.markdown if markdown else retrospect_words.text
        print(words(found, Telling(office, lang, now, names, dated=True)))


def _looked_back(session: Session, office: Office, number: int, now: datetime) -> tuple[PostMortem, dict[str, str]]:
    return retrospect.of(session, office, incidents.get(session, number), now), roster.names(session)


@app.command()
def resolve(
    number: Incident,
    text: Annotated[list[str] | None, typer.Argument(help="告诉用户的话 / what its people are told")] = None,
    as_: As = agents.LOCAL,
) -> None:
    """解决了；相关的工单一起结束，用户各收到一次通知。 / It is over; its tickets end with it, each person hears it once."""
    queue.do("incident_resolve", f"{number} {' '.join(text or [])}", as_)


@app.command()
def attach(ticket: Number, number: Incident, as_: As = agents.LOCAL) -> None:
    """把工单归入事件。 / Attach a ticket to an incident."""
    queue.do("attach", f"{ticket} {number}", as_)


@app.command()
def detach(ticket: Number, as_: As = agents.LOCAL) -> None:
    """把工单移出事件。 / Detach a ticket from its incident."""
    queue.do("detach", str(ticket), as_)


@app.command()
def reopen(number: Incident, as_: As = agents.LOCAL) -> None:
    """其实没好，重新打开。 / It is not over after all."""
    queue.do("incident_reopen", str(number), as_)


@app.command()
def silence(
    what: Annotated[str, typer.Argument(help="分类、平台，或 分类@平台 / category, platform, or category@platform")],
    until: Annotated[
        list[str], typer.Argument(help="多久或到什么时候（2h、明早、18:00），后面可写原因 / how long, then why")
    ],
    as_: As = agents.LOCAL,
) -> None:
    """这段时间里不因它新建事件（例如平台维护）。 / No incidents of it for a while: works on a platform, say."""
    queue.do("silence", f"{what} {' '.join(until)}", as_)


@app.command()
def silences(as_: As = agents.LOCAL) -> None:
    """正在生效的静音。 / Silences that last."""
    queue.look("", as_, silence_verbs.listed)


@app.command()
def unsilence(number: Annotated[int, typer.Argument(help="静音号 / silence number")], as_: As = agents.LOCAL) -> None:
    """提前结束一个静音。 / End a silence before its time."""
    queue.do("unsilence", str(number), as_)
