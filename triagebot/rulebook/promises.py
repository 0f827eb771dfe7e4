"""Wherever a ticket may go, a promise and opening hours must exist, and the arithmetic must be able to use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from triagebot.errors import SlaError
from triagebot.rulebook.pack import Finding, Pack
from triagebot.rulebook.plain_words import unknown_key
from triagebot.rulebook.references import doubles
from triagebot.rulebook.sla_rules import Override, Policy, SlaRules
from triagebot.rulebook.words import Priority, QueueId
from triagebot.sla.calendar import Calendar
from triagebot.sla.durations import parse_duration
from triagebot.sla.hours import parse_span
from triagebot.sla.policy import METRICS
from triagebot.sla.policy import Policy as Promised

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
        yield from _steps(pack, rules)
        yield from _overrides(pack, rules)


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
        Promised.from_spec({"warn_at": rules.warn_at})
    except SlaError as e:
        yield pack.finding("sla.yaml", ("warn_at",), str(e))
    try:
        if rules.quiet_hours is not None:
            parse_span(rules.quiet_hours, "quiet_hours")
    except SlaError as e:
        yield pack.finding("sla.yaml", ("quiet_hours",), f"{e}; leave the key out for no quiet hours")
    rows: dict[str, Sequence[Policy | Override]] = {"policies": rules.policies, "overrides": rules.overrides}
    for key, policies in rows.items():
        for n, policy in enumerate(policies):
            for metric in METRICS:
                try:
                    parse_duration(getattr(policy, metric), metric)
                except SlaError as e:
                    yield pack.finding("sla.yaml", (key, n, metric), str(e))


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


def _steps(pack: Pack, rules: SlaRules) -> Iterator[Finding]:
    for n, step in enumerate(rules.steps):
        if step.every is not None and step.at < 1:
            what = "repeats begin at the breach or later; set `at` to 1.0 or more, or write single steps"
            yield pack.finding("sla.yaml", ("steps", n, "every"), what)
        if step.every is None and "times" in step.model_fields_set:
            yield pack.finding("sla.yaml", ("steps", n, "times"), "only with `every`; add it, or remove this")
        for k, metric in enumerate(step.metrics):
            if metric not in METRICS:
                what = f"`{metric}` is not known; write some of {', '.join(METRICS)}"
                yield pack.finding("sla.yaml", ("steps", n, "metrics", k), what)
    shares = ((f"{step.at:g} {','.join(sorted(step.metrics))}".strip(), n) for n, step in enumerate(rules.steps))
    yield from doubles(pack, (("sla.yaml", ("steps", n), share) for share, n in shares), "step for the same clocks")


def _overrides(pack: Pack, rules: SlaRules) -> Iterator[Finding]:
    known = pack.ids("categories")
    for n, row in enumerate(rules.overrides):
        if known and row.category not in known:
            what = f"`{row.category}` is not in categories/; correct it, or add it there"
            yield pack.finding("sla.yaml", ("overrides", n, "category"), what)
        if not any(metric in row.model_fields_set for metric in METRICS):
            what = f"changes no target; write at least one of {', '.join(METRICS)}"
            yield pack.finding("sla.yaml", ("overrides", n), what)
    names = ((" ".join((row.category, row.queue or "", row.priority or "")).strip(), n)
             for n, row in enumerate(rules.overrides))  # fmt: skip
    yield from doubles(pack, (("sla.yaml", ("overrides", n), name) for name, n in names), "override")


def _sent(pack: Pack) -> dict[str, str]:
    """Pairs of queue and priority that the rules themselves lead to, each with one category that does."""
    sent: dict[str, str] = {}
    for stem, category in pack.categories.items():
        sent.setdefault(f"{category.queue} {category.priority}", stem)
        for rule in category.escalate_now:
            sent.setdefault(f"{rule.queue} {rule.priority}", stem)
    return sent
