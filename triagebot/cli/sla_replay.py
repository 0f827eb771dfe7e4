"""``triagebot sla replay``: what attainment would have been, had another policy been promised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from triagebot import rulebook
from triagebot.app import utc_now
from triagebot.cli import common
from triagebot.desk import periods
from triagebot.desk.office import Office, open_office
from triagebot.errors import UsageError
from triagebot.locale import say
from triagebot.report import words
from triagebot.report.as_json import plain
from triagebot.report.replay import Beside, Replay, Turned
from triagebot.report.replay import replay as replayed
from triagebot.text import spoken_span

_MOST_LISTED = 20


def replay(
    policy: Annotated[Path, typer.Option(help="另一份 sla.yaml / another sla.yaml")],
    since: Annotated[
        str, typer.Option(help="从何时起：90d、日期或时间 / from: a span before the end, a date or a time")
    ] = "90d",
    until: Annotated[str, typer.Option(help="到何时止（不含），默认现在 / until (excluded); default: now")] = "",
    queue: Annotated[str, typer.Option("--queue", help="只看这个队列 / only this queue")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """假如当时承诺的是另一套时限，达标率会是多少。 / What attainment would have been under another policy.

    只换承诺，假设大家做事的时间不变。 / Only the promises are exchanged: people are taken to have worked as they did.
    """
    settings = common.settings()
    with common.desk() as (store, office):
        other = open_office(rulebook.load(settings.rules_dir, {"sla.yaml": policy}), office.zone)
        if queue and queue not in office.book.queues:
            raise UsageError(f"there is no queue {queue!r}; known: {', '.join(office.book.queues)}")
        period = periods.between(since, until, utc_now(), office.zone)
        found = store.read_now(replayed, office, other, period, queue)
    if json:
        common.print_json(plain(found, office.zone))
    else:
        print("\n".join(_lines(found, office, policy, lang)))


def _lines(found: Replay, office: Office, policy: Path, lang: str) -> list[str]:
    stretch = words.stretch(found.period, office.zone, lang)
    lines = [say(lang, "replay.head", span=stretch, count=found.tickets)]
    if not found.metrics:
        return [*lines, say(lang, "replay.nothing")]
    versions = say(lang, "list.separator").join(map(str, found.versions)) or "–"
    lines += ["", say(lang, "replay.versions", file=policy.name, version=found.version, versions=versions)]
    lines += _table(found.metrics, lang)
    for group, rows in (*found.queues.items(), *found.priorities.items()):
        lines += ["", office.queue_title(group, lang), *_table(rows, lang)]
    for key, turned in (("replay.broken", found.broken), ("replay.saved", found.saved)):
        lines += ["", say(lang, key, count=len(turned)), *(_turned(t, office, lang) for t in turned[:_MOST_LISTED])]
        if len(turned) > _MOST_LISTED:
            lines.append(say(lang, "replay.more", count=len(turned) - _MOST_LISTED))
    return [*lines, "", say(lang, "replay.caveat")]


def _table(rows: Mapping[str, Beside], lang: str) -> list[str]:
    return [
        say(lang, "replay.row", metric=say(lang, f"metric.{metric}"), was=_share(beside.was, lang),
            would=_share(beside.would, lang))
        for metric, beside in rows.items()
    ]  # fmt: skip


def _share(share: Any, lang: str) -> str:
    return f"{words.value('share', share.value, lang)} ({share.part}/{share.whole})"


def _turned(turned: Turned, office: Office, lang: str) -> str:
    return say(lang, "replay.turned", number=turned.ticket, priority=turned.priority,
               queue=office.queue_title(turned.queue, lang), metric=say(lang, f"metric.{turned.metric}"),
               late=spoken_span(turned.late_s, lang))  # fmt: skip
