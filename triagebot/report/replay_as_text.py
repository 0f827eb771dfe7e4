"""A what-if on a screen: attainment in a table, then the promises that turn out differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.report import words
from triagebot.report.figures import Share
from triagebot.report.replay import Pairs, Replay, Turned
from triagebot.text import spoken_span

_MOST_LISTED = 20
_BETWEEN = "   "
Cells = tuple[str, ...]


def text(found: Replay, office: Office, file: str, lang: str) -> str:
    """``file``: the policy that was tried, as people know it."""
    scope = office.queue_title(found.queue, lang) if found.queue else say(lang, "report.everything")
    seen = say(lang, "report.listed").join(say(lang, "replay.version", number=number) for number in found.seen)
    lines = [
        say(lang, "replay.head", file=file, version=found.version, scope=scope),
        say(lang, "replay.span", span=words.days(found.period, office.zone, lang), count=found.tickets,
            seen=seen or words.NONE),
    ]  # fmt: skip
    if not found.metrics:
        return "\n".join([*lines, say(lang, "replay.nothing")])
    head = ("", say(lang, "replay.was"), say(lang, "replay.would", file=file), say(lang, "replay.change"))
    return "\n".join([
        *lines, "",
        *_aligned([head, *_sections(found, office, lang)]), "",
        say(lang, "replay.raises", was=found.raises_was, would=found.raises_would),
        *_listed("newly_broken", "replay.broken", found.newly_broken, office, lang),
        *_listed("newly_kept", "replay.kept", found.newly_kept, office, lang), "",
        say(lang, "replay.note"),
    ])  # fmt: skip


def _sections(found: Replay, office: Office, lang: str) -> Iterator[Cells]:
    yield from _rows(found.metrics, "", lang)
    for queue, pairs in found.queues.items():
        yield (office.queue_title(queue, lang),)
        yield from _rows(pairs, "  ", lang)
    for priority, pairs in found.priorities.items():
        yield (priority,)
        yield from _rows(pairs, "  ", lang)


def _rows(pairs: Pairs, indent: str, lang: str) -> Iterator[Cells]:
    for metric, pair in pairs.items():
        change = words.moved("share", pair.change, lang) or words.NONE
        yield (indent + say(lang, f"metric.{metric}"), _share(pair.was, lang), _share(pair.would, lang), change)


def _share(share: Share, lang: str) -> str:
    if share.value is None:
        return words.NONE
    return say(lang, "replay.share", share=words.value("share", share.value, lang), part=share.part, whole=share.whole)


def _aligned(rows: Sequence[Cells]) -> list[str]:
    """Columns by the width on a screen, where a Chinese character takes two places."""
    widths = [max(cell_len(row[n]) for row in rows if len(row) > n) for n in range(max(map(len, rows)))]
    return [
        _BETWEEN.join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]


def _listed(title: str, key: str, turned: Sequence[Turned], office: Office, lang: str) -> Iterator[str]:
    yield say(lang, f"replay.{title}", count=len(turned))
    for one in turned[:_MOST_LISTED]:
        state = say(lang, f"clock.{one.other}") if one.other else say(lang, "replay.no_clock")
        yield say(lang, key, number=one.ticket, priority=one.priority, queue=office.queue_title(one.queue, lang),
                  metric=say(lang, f"metric.{one.metric}"), late=spoken_span(one.late_s, lang), state=state)  # fmt: skip
    if len(turned) > _MOST_LISTED:
        yield say(lang, "replay.more", count=len(turned) - _MOST_LISTED)
