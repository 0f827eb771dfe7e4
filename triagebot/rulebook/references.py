"""Names that files of a pack use for each other: every one must exist, and no two things may share one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from triagebot.rulebook.clock_rules import Clock
from triagebot.rulebook.pack import LISTS, At, Finding, Pack
from triagebot.rulebook.schema import Category
from triagebot.rulebook.words import PlatformId, QueueId

REQUIRED = ("other.out_of_scope", "service.human", "ticket.status")
"""Categories that the dialogue itself speaks of."""
Named = tuple[str, At, str, str]
"""(file, place, kind of thing, its id)."""


def check(pack: Pack) -> Iterator[Finding]:
    yield from _unknown(pack)
    yield from _missing(pack)
    yield from _twice(pack)


def _unknown(pack: Pack) -> Iterator[Finding]:
    known = {kind: pack.ids(kind) for kind in ("categories", "calendars", *LISTS)}
    homes = {kind: f"{kind}.yaml" if kind in LISTS else f"{kind}/" for kind in known}
    for file, at, kind, name in _uses(pack):
        if name not in known[kind] and (known[kind] or homes[kind] in pack.documents):
            yield pack.finding(file, at, f"`{name}` is not in {homes[kind]}; correct it, or add it there")
    for category in pack.categories.values():
        file = f"categories/{category.id}.yaml"
        for n, neighbour in enumerate(category.neighbours):
            if neighbour == category.id:
                yield pack.finding(file, ("neighbours", n), "a category is not its own neighbour; remove it")


def _uses(pack: Pack) -> Iterator[Named]:
    for stem, category in pack.categories.items():
        for at, kind, name in _uses_of(category):
            yield f"categories/{stem}.yaml", at, kind, name
    for n, queue in pack.listed.get("queues", ()):
        yield "queues.yaml", ("queues", n, "calendar"), "calendars", queue.calendar
        yield from (("queues.yaml", ("queues", n, "contacts", k), "contacts", c) for k, c in enumerate(queue.contacts))
    for n, platform in pack.listed.get("platforms", ()):
        for k, fact in enumerate(platform.facts):
            at = ("platforms", n, "facts", k, "source")
            yield from (("platforms.yaml", (*at, i), "sources", s) for i, s in enumerate(fact.source))
    for n, contact in pack.listed.get("contacts", ()):
        yield from (("contacts.yaml", ("contacts", n, "source", i), "sources", s) for i, s in enumerate(contact.source))
    for n, source in pack.listed.get("sources", ()):
        yield from (
            ("sources.yaml", ("sources", n, "based_on", i), "sources", s) for i, s in enumerate(source.based_on)
        )
    for n, macro in pack.listed.get("macros", ()):
        at = ("macros", n, "categories")
        yield from (("macros.yaml", (*at, k), "categories", name) for k, name in enumerate(macro.categories))
    if corrections := pack.singles.get("corrections"):
        for n, row in enumerate(corrections.corrections):
            yield "corrections.yaml", ("corrections", n, "category"), "categories", row.category
    if clocks := pack.singles.get("clocks"):
        for n, clock in enumerate(clocks.clocks):
            yield from (("clocks.yaml", ("clocks", n, *at), kind, name) for at, kind, name in _uses_of_clock(clock))
    if incidents := pack.singles.get("incidents"):
        for n, line in enumerate(incidents.sensitivity):
            yield "incidents.yaml", ("sensitivity", n, "category"), "categories", line.category
    if menu := pack.singles.get("menu"):
        yield from (("menu.yaml", ("menu", n), "categories", c) for n, c in enumerate(menu.menu))
    if watch := pack.singles.get("watch"):
        yield from (("watch.yaml", ("offer_after", n), "categories", c) for n, c in enumerate(watch.offer_after))
        for n, way in enumerate(watch.how):
            yield from (("watch.yaml", ("how", n, "source", i), "sources", s) for i, s in enumerate(way.source))


def _uses_of(category: Category) -> Iterator[tuple[At, str, str]]:
    yield from ((("neighbours", n), "categories", c) for n, c in enumerate(category.neighbours))
    yield from ((("slots", n), "slots", s) for n, s in enumerate(category.slots))
    for n, rule in enumerate(category.escalate_now):
        if rule.category is not None:
            yield ("escalate_now", n, "category"), "categories", rule.category
    for n, test in enumerate(category.tests):
        wanted = (("category", test.category), ("top3", test.top3))
        yield from ((("tests", n, key), "categories", name) for key, name in wanted if name is not None)
    for n, fix in enumerate(category.fixes):
        yield from ((("fixes", n, "source", i), "sources", s) for i, s in enumerate(fix.source))
    for n, signature in enumerate(category.signatures):
        yield from ((("signatures", n, "source", i), "sources", s) for i, s in enumerate(signature.source))
    if category.on_record is not None:
        yield from ((("on_record", "source", i), "sources", s) for i, s in enumerate(category.on_record.source))
    if category.followup is not None:
        yield from ((("followup", "source", i), "sources", s) for i, s in enumerate(category.followup.source))


def _uses_of_clock(clock: Clock) -> Iterator[tuple[At, str, str]]:
    if clock.in_working_days:
        yield ("calendar",), "calendars", clock.calendar
    for n, offer in enumerate(clock.offers):
        yield from ((("offers", n, "categories", k), "categories", name) for k, name in enumerate(offer.categories))
    if clock.not_yet.category is not None:
        yield ("not_yet", "category"), "categories", clock.not_yet.category
    yield from ((("source", i), "sources", s) for i, s in enumerate(clock.source))


def _missing(pack: Pack) -> Iterator[Finding]:
    """What the code itself names must be there."""
    for stem, category in pack.categories.items():
        if category.id != stem:
            what = f"`{category.id}` is not the file's name; rename the file to {category.id}.yaml, or write `{stem}`"
            yield pack.finding(f"categories/{stem}.yaml", ("id",), what)
    if categories := pack.ids("categories"):
        for name in REQUIRED:
            if name not in categories:
                yield Finding(f"categories/{name}.yaml", 1, "", "the file is missing; the dialogue needs this category")
    for kind, names in (("platforms", get_args(PlatformId)), ("queues", get_args(QueueId))):
        for name in names:
            if f"{kind}.yaml" in pack.documents and name not in pack.ids(kind):
                yield pack.finding(f"{kind}.yaml", (kind,), f"`{name}` is missing; describe it")


def _twice(pack: Pack) -> Iterator[Finding]:
    for kind in LISTS:
        rows = (((kind, n, "id"), row.id) for n, row in pack.listed.get(kind, ()))
        yield from doubles(pack, ((f"{kind}.yaml", at, name) for at, name in rows), f"id in {kind}.yaml")
    if menu := pack.singles.get("menu"):
        yield from doubles(pack, (("menu.yaml", ("menu", n), c) for n, c in enumerate(menu.menu)), "topic")
    if clocks := pack.singles.get("clocks"):
        rows = ((("clocks", n, "id"), clock.id) for n, clock in enumerate(clocks.clocks))
        yield from doubles(pack, (("clocks.yaml", at, name) for at, name in rows), "id in clocks.yaml")
    yield from doubles(pack, _sensitivities(pack), "category, on this platform,")
    yield from doubles(pack, _rule_ids(pack), "id of a pattern or an escalation")
    yield from _twice_in_a_chain(pack)
    slots = frozenset(pack.ids("slots"))
    for stem, category in pack.categories.items():
        file = f"categories/{stem}.yaml"
        asked = [(file, ("questions", n, "id"), q.id) for n, q in enumerate(category.questions)]
        yield from doubles(pack, asked, "question of this category")
        for _, at, name in asked:
            if name in slots:
                yield pack.finding(file, at, f"`{name}` is a common question of slots.yaml; choose another id")


def _twice_in_a_chain(pack: Pack) -> Iterator[Finding]:
    for n, queue in pack.listed.get("queues", ()):
        names = queue.on_call.chain if queue.on_call is not None and queue.on_call.chain != "available" else ()
        calls = [("queues.yaml", ("queues", n, "on_call", "chain", k), name) for k, name in enumerate(names)]
        yield from doubles(pack, calls, "person in this chain")


def _rule_ids(pack: Pack) -> Iterator[tuple[str, At, str]]:
    for stem, category in pack.categories.items():
        file = f"categories/{stem}.yaml"
        yield from ((file, ("patterns", n, "id"), p.id) for n, p in enumerate(category.patterns))
        yield from ((file, ("escalate_now", n, "id"), e.id) for n, e in enumerate(category.escalate_now))


def _sensitivities(pack: Pack) -> Iterator[tuple[str, At, str]]:
    incidents = pack.singles.get("incidents")
    for n, line in enumerate(incidents.sensitivity if incidents is not None else ()):
        at = ("sensitivity", n, "category")
        yield "incidents.yaml", at, f"{line.category}@{line.platform}" if line.platform else line.category


def doubles(pack: Pack, things: Iterable[tuple[str, At, str]], what: str) -> Iterator[Finding]:
    """A finding at every later one of those that share a name."""
    first: dict[str, tuple[str, At]] = {}
    for file, at, name in things:
        if name not in first:
            first[name] = file, at
            continue
        found, other = pack.finding(file, at, f"`{name}` is taken: the same {what}"), pack.finding(*first[name], "")
        where = f"line {other.line}" if other.file == file else f"{other.file}:{other.line}"
        yield Finding(found.file, found.line, found.where, f"{found.what} stands in {where}; keep one")
