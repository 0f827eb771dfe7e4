"""Wherever a ticket may go, a promise and opening hours must exist, and the arithmetic must be able to use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from triagebot.errors import SlaError
from triagebot.rulebook.pack import Finding, Pack
from triagebot.rulebook.plain_words import unknown_key
from triagebot.rulebook.references import doubles
from triagebot.rulebook.schema import Priority, QueueId, SlaRules
from triagebot.sla.calendar import Calendar
from triagebot.sla.durations import parse_duration
from triagebot.sla.policy import METRICS, Policy

_CALENDAR_KEYS = frozenset(
    {
        "id", "title", "source", "timezone", "week", "holidays", "workdays", "workday_hours", "covers_until",
        "day_hours",
    }
)  # fmt: skip


def check(pack: Pack) -> Iterator[Finding]:
    yield from _calendars(pack)
    rules: SlaRules | None = pack.singles.get("sla")
    if rules is not None:
        yield from _targets(pack, rules)
        yield from _pairs(pack, rules)


def _calendars(pack: Pack) -> Iterator[Finding]:
    for stem, spec in pack.calendars.items():
        file = f"calendars/{stem}.yaml"
        for key in spec.keys() - _CALENDAR_KEYS:
            yield pack.finding(file, (key,), unknown_key(str(key), sorted(_CALENDAR_KEYS)))
        if spec.get("id") != stem:
            yield pack.finding(file, ("id",), f"must be the file's name, `{stem}`")
        try:
            Calendar.from_spec(spec)
        except SlaError as e:
            key = next((key for key in spec if f".{key}" in str(e)), "")
            yield pack.finding(file, (key,) if key else (), str(e))


def _targets(pack: Pack, rules: SlaRules) -> Iterator[Finding]:
    try:
        Policy.from_spec({"warn_at": rules.warn_at})
    except SlaError as e:
        yield pack.finding("sla.yaml", ("warn_at",), str(e))
    for n, policy in enumerate(rules.policies):
        for metric in METRICS:
            try:
                parse_duration(getattr(policy, metric), metric)
            except SlaError as e:
                yield pack.finding("sla.yaml", ("policies", n, metric), str(e))


def _pairs(pack: Pack, rules: SlaRules) -> Iterator[Finding]:
    """Agents may change queue and priority, so a ticket may come to every pair, whatever the categories say."""
    pairs = [(f"{policy.queue} {policy.priority}", n) for n, policy in enumerate(rules.policies)]
    yield from doubles(pack, (("sla.yaml", ("policies", n), pair) for pair, n in pairs), "queue and priority")
    there = {pair for pair, _ in pairs}
    sent = _sent(pack)
    for queue in get_args(QueueId):
        for priority in get_args(Priority):
            if (pair := f"{queue} {priority}") not in there:
                why = f"{sent[pair]} sends there" if pair in sent else "an agent may move a ticket there"
                yield pack.finding("sla.yaml", ("policies",), f"no policy for {pair}, and {why}; add it")


def _sent(pack: Pack) -> dict[str, str]:
    """Pairs of queue and priority that the rules themselves lead to, each with one category that does."""
    sent: dict[str, str] = {}
    for stem, category in pack.categories.items():
        sent.setdefault(f"{category.queue} {category.priority}", stem)
        for rule in category.escalate_now:
            sent.setdefault(f"{rule.queue} {rule.priority}", stem)
    return sent
