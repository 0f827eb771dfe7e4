"""The rule pack to read, and what people corrected to look over: what is accepted becomes examples with the next training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.responses import Response

from triagebot.desk import corrections
from triagebot.desk.corrections import Correction, Decision
from triagebot.desk.team import agents
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.rulebook.holdings import ENOUGH, Holding, holding
from triagebot.rulebook.schema import Category
from triagebot.web.desk.door import Visit

_LOOKED_AT = 400
"""Corrections, counted from the newest, that the page looks at."""
_MOST_SHOWN = 40


@dataclass(frozen=True)
class Row:
    category: Category
    holds: Holding


async def show(visit: Visit, told: str = "") -> Response:
    wanted = visit.request.query_params.get("q", "").strip()
    rows = [Row(c, holding(c)) for c in visit.site.office.book.categories.values() if _fits(c, wanted)]
    found = await _to_review(visit)
    return visit.page("desk/rules.html", heading=say(visit.lang, "web.nav.rules"), told=told, rows=rows, q=wanted,
                      office=visit.site.office, found=found[:_MOST_SHOWN], undecided=corrections.undecided(found),
                      enough=ENOUGH, thin=sum(not row.holds.enough for row in rows))  # fmt: skip


async def _to_review(visit: Visit) -> list[Correction]:
    """What nobody decided on first; nothing for who may not decide."""
    if not agents.may(visit.agent, "supervisor"):
        return []
    found = await visit.site.store.read(corrections.to_review, visit.site.office, _LOOKED_AT)
    return sorted(found, key=lambda correction: bool(correction.decision))


def _fits(category: Category, wanted: str) -> bool:
    words = (category.id, category.title.zh, category.title.en, category.definition, category.boundary)
    said = (*words, *category.examples.zh, *category.examples.en)
    return all(any(part in text.casefold() for text in said) for part in wanted.casefold().split())


async def one(visit: Visit) -> Response:
    """DeskError for a category that the rules do not know."""
    name = visit.request.path_params["category"]
    category = visit.site.office.book.categories.get(name)
    if category is None:
        known = say(visit.lang, "web.rules.no_category", category=name)
        raise DeskError(known)
    tests = [(test.text, test.model_dump(exclude={"text"}, exclude_none=True)) for test in category.tests]
    return visit.page("desk/category.html", heading=category.title.in_(visit.lang), c=category,
                      holds=holding(category), tests=tests, office=visit.site.office,
                      slots=visit.site.office.book.slots)  # fmt: skip


async def review(visit: Visit) -> Response:
    """Accept, reject or ("") leave open what a person said a message is about."""
    event, decision = visit.field("event"), visit.field("decision")
    if not event.isdecimal() or len(event) > corrections.MOST_DIGITS:
        raise DeskError(say(visit.lang, "desk.no_such_correction"))
    await visit.site.store.write(corrections.review, visit.site.office, visit.agent, int(event),
                                 cast(Decision, decision), visit.now)  # fmt: skip
    return await show(visit, say(visit.lang, f"web.rules.{decision or 'left_open'}_done"))
