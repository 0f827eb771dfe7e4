"""A rule pack held against itself: what each file says must fit the others, and what is said to people must be safe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from triagebot.rulebook.schema import Category, RuleBook

LineOf = Callable[[tuple[Any, ...]], int]
SOURCE_LESS = "INF"
_DATED = re.compile(r"\d\s*(元|块钱|yuan)|\b20\d\d[-年]")
_VPN = re.compile(r"vpn|梯子|翻墙|科学上网|代理服务器", re.IGNORECASE)
_AGAINST = re.compile(r"不要|别|勿|不用|不建议|不支持|never|do not|don't|avoid|without", re.IGNORECASE)
_NEVER_ASKED_ZH = "(身份证号|证件号|银行卡号|卡号|密码|验证码|查询码|动态码)"
_NEVER_ASKED_EN = "(id number|card number|password|pin|cvv|code)"
_ASKS_FOR = re.compile(
    f"(发|提供|输入|填写?|告诉我们?|报一?下|给我们?)[^，。？；]{{0,6}}{_NEVER_ASKED_ZH}|{_NEVER_ASKED_ZH}(是|为)?(多少|什么|几)"
    f"|(send|enter|tell us|give us|provide|type|what is)[^,.?;]{{0,24}}\\b{_NEVER_ASKED_EN}\\b",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"(不要|不用|不必|别|勿|无需|遮住|don't|do not|never|no need|without)[^，。？；,.?;]{0,16}$", re.IGNORECASE
)


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int
    why: str


def check(book: RuleBook, lines: Mapping[str, LineOf]) -> list[Problem]:
    """All findings; ``lines`` gives, for each file, the line of a path into it."""
    found: list[Problem] = []
    for category in book.categories.values():
        file = f"categories/{category.id}.yaml"
        for rule in CATEGORY_RULES:
            found += [Problem(file, lines[file](path), why) for path, why in rule(category, book)]
    for name, pack_rule in PACK_RULES:
        found += [Problem(name, lines[name](path) if name in lines else 1, why) for path, why in pack_rule(book)]
    return found + _doubles(book, lines)


Findings = Iterator[tuple[tuple[Any, ...], str]]


def _references(c: Category, book: RuleBook) -> Findings:
    for n, other in enumerate(c.neighbours):
        if other not in book.categories:
            yield ("neighbours", n), f"there is no category {other}"
    for n, slot in enumerate(c.slots):
        if slot not in book.slots:
            yield ("slots", n), f"there is no slot {slot}; known: {', '.join(book.slots)}"
    for n, test in enumerate(c.tests):
        for name in ("category", "top3"):
            if (wanted := getattr(test, name)) and wanted not in book.categories:
                yield ("tests", n), f"there is no category {wanted}"
    for n, rule in enumerate(c.escalate_now):
        if rule.category and rule.category not in book.categories:
            yield ("escalate_now", n), f"there is no category {rule.category}"


def _patterns(c: Category, book: RuleBook) -> Findings:
    for n, pattern in enumerate(c.patterns):
        if why := _refused(pattern.re):
            yield ("patterns", n, "re"), f"pattern {pattern.id}: {why}"
        if pattern.weight == "alarm" and c.priority != "P1":
            yield ("patterns", n), f"pattern {pattern.id}: only P1 categories raise an alarm"
    for n, rule in enumerate(c.escalate_now):
        if why := _refused(rule.when):
            yield ("escalate_now", n, "when"), f"{rule.id}: {why}"


def _refused(expression: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options=options)
    except re2.error as error:
        said = error.args[0] if error.args else error
        return f"RE2 refuses it: {said.decode() if isinstance(said, bytes) else said}"
    return "it matches the empty text, so it would always hit" if compiled.search("") else ""


def _promises(c: Category, book: RuleBook) -> Findings:
    """Wherever a ticket may go, a promise must exist there."""
    known = {(p.queue, p.priority) for p in book.sla.policies}
    if (c.queue, c.priority) not in known:
        yield ("queue",), f"sla.yaml has no policy for {c.queue} {c.priority}"
    for n, rule in enumerate(c.escalate_now):
        if (rule.queue, rule.priority) not in known:
            yield ("escalate_now", n), f"sla.yaml has no policy for {rule.queue} {rule.priority}"


def _help(c: Category, book: RuleBook) -> Findings:
    general = sum(f.platform == "unknown" for f in c.fixes)
    if c.route == "self_service" and general < 2:
        yield ("fixes",), f"self-service needs two rounds with platform unknown, there are {general}"
    if c.priority == "P1" and not c.safety:
        yield ("priority",), "P1 needs `safety:` lines, which are given at once"


def _sources(c: Category, book: RuleBook) -> Findings:
    if not book.sources:
        return
    for n, fix in enumerate(c.fixes):
        for source in fix.source:
            if source not in book.sources:
                yield ("fixes", n, "source"), f"source {source} is not in sources.yaml"
        said = " ".join(w for step in fix.steps for w in (step.zh, step.en))
        if _DATED.search(said) and fix.review_by is None:
            yield ("fixes", n), "names a price or a date: add review_by"
    for n, signature in enumerate(c.signatures):
        for source in signature.source:
            if source not in book.sources:
                yield ("signatures", n, "source"), f"source {source} is not in sources.yaml"


def _safe_words(c: Category, book: RuleBook) -> Findings:
    """Never a VPN, never a question for what we must not know."""
    for n, fix in enumerate(c.fixes):
        for m, step in enumerate(fix.steps):
            for words in (step.zh, step.en):
                if _VPN.search(words) and not _AGAINST.search(words):
                    yield ("fixes", n, "steps", m), "advises a VPN; that is not ours to do"
    for n, question in enumerate(c.questions):
        for words in (question.zh, question.en):
            asked = _ASKS_FOR.search(words)
            if asked and not _NOT_NEEDED.search(words[: asked.start()]):
                yield ("questions", n), "asks for something that we never ask for (docs/privacy.md)"


CATEGORY_RULES = (_references, _patterns, _promises, _help, _sources, _safe_words)


def _menu(book: RuleBook) -> Findings:
    for n, category in enumerate(book.menu):
        if category not in book.categories:
            yield ("menu", n), f"there is no category {category}"


def _queues(book: RuleBook) -> Findings:
    for n, queue in enumerate(book.queues.values()):
        if queue.calendar not in book.calendars:
            yield ("queues", n, "calendar"), f"there is no calendar {queue.calendar}"
        for contact in queue.contacts:
            if contact not in book.contacts:
                yield ("queues", n, "contacts"), f"there is no contact {contact}"


def _phrases(book: RuleBook) -> Findings:
    for name in ("human", "human_not"):
        for n, expression in enumerate(getattr(book.phrases, name)):
            if why := _refused(expression):
                yield (name, n), why


PACK_RULES: tuple[tuple[str, Callable[[RuleBook], Findings]], ...] = (
    ("menu.yaml", _menu),
    ("queues.yaml", _queues),
    ("phrases.yaml", _phrases),
)


def _doubles(book: RuleBook, lines: Mapping[str, LineOf]) -> list[Problem]:
    """Ids of patterns, and example messages, may stand only once in all of the files."""
    found: list[Problem] = []
    ids: dict[str, str] = {}
    said: dict[str, str] = {}
    for c in book.categories.values():
        file = f"categories/{c.id}.yaml"
        for n, pattern in enumerate(c.patterns):
            if first := ids.get(pattern.id):
                found.append(Problem(file, lines[file](("patterns", n)), f"pattern id {pattern.id} is taken ({first})"))
            ids[pattern.id] = c.id
        for lang in ("zh", "en"):
            for n, text in enumerate(getattr(c.examples, lang)):
                bare = "".join(text.lower().split())
                if first := said.get(bare):
                    found.append(
                        Problem(file, lines[file](("examples", lang, n)), f"example stands already in {first}")
                    )
                said[bare] = c.id
    return found
