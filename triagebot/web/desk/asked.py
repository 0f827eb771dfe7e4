"""What the board is asked for, as it stands in the address: read with kindness, written without what says nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from triagebot.desk.board import Order, View
from triagebot.desk.finding.filters import LATE, NONE
from triagebot.desk.finding.find import Filter, parse
from triagebot.desk.office import Office
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES, PRIORITIES
from triagebot.store.codec import storable
from triagebot.store.tables import Agent

STATES: Mapping[str, frozenset[str]] = {
    "": HUMAN_STATES, "queued": frozenset({"queued"}), "assigned": frozenset({"assigned"}),
    "waiting": frozenset({"pending", "on_hold"}), "late": HUMAN_STATES, "bot": frozenset({"bot"}),
    "resolved": frozenset({"resolved"}), "all": OPEN_STATES | {"resolved", "closed", "merged"},
}  # fmt: skip
"""Name in the address -> states of a ticket; "" is what people are to do something about."""
WHO = ("", "none", "me")
ORDERS: tuple[Order, ...] = ("due", "newest", "priority")
SHAPES = ("columns", "list")
_MOST_CHARS = 200
_MOST_PAGE = 10_000
_ORDER_BY_NAME: Mapping[str, Order] = {order: order for order in ORDERS}


@dataclass(frozen=True)
class Asked:
    """``q``: words and filters as in the search. ``who``: "" | none (nobody has it) | me. ``page``: from 0."""

    q: str = ""
    queue: str = ""
    state: str = ""
    who: str = ""
    priority: str = ""
    tag: str = ""
    sort: str = "due"
    shape: str = "columns"
    page: int = 0

    @property
    def address(self) -> str:
        """What follows the ``?``, "" for the plain board."""
        plain = Asked()
        told = {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}
        return urlencode(told)

    @property
    def narrowed(self) -> bool:
        """Whether something is left out that an agent could see."""
        return replace(self, sort="due", shape="columns", page=0) != Asked()

    def but(self, **changes: Any) -> str:
        """The address of the same with ``changes``, from its first page on."""
        return replace(self, **{"page": 0, **changes}).address


def read(given: Mapping[str, str], office: Office) -> Asked:
    """What the address says, as far as it means something; the rest is as on the plain board."""
    told = {field.name: storable(given[field.name]).strip() for field in fields(Asked) if field.name in given}
    known = {"queue": ("", *office.book.queues), "state": STATES, "who": WHO, "priority": ("", *PRIORITIES),
             "sort": ORDERS, "shape": SHAPES}  # fmt: skip
    chosen = {name: value for name, value in told.items() if name not in known or value in known[name]}
    page = chosen.pop("page", "")
    number = min(int(page), _MOST_PAGE) if page.isdecimal() and page.isascii() and len(page) < 9 else 0
    return Asked(**{name: value[:_MOST_CHARS] for name, value in chosen.items()}, page=number)


def view(asked: Asked, office: Office, lang: str) -> View:
    """DeskError, in the words of ``lang``, for a filter in ``q`` that means nothing."""
    query = parse(asked.q, office, lang)
    more = [Filter("assignee", NONE)] if asked.who == "none" else []
    if asked.state == "late":
        more.append(Filter("due", LATE))
    states = STATES[asked.state]
    if asked.state == "" and any(one.name == "status" for one in query.filters):
        states = STATES["all"]
    return View(
        queues=(asked.queue,) if asked.queue else (), states=states, mine=asked.who == "me", tag=asked.tag,
        priorities=frozenset({asked.priority} - {""}), query=replace(query, filters=(*query.filters, *more)),
        order=_ORDER_BY_NAME[asked.sort], columns=asked.shape == "columns", page=asked.page,
    )  # fmt: skip


def seen_by(agent: Agent, asked: Asked, all_queues: bool) -> tuple[str, int]:
    """What of the agent the answer depends on: their queues, and who they are where the question says "me"."""
    personal = asked.who == "me" or "me" in asked.q.lower()
    return ("" if all_queues else agent.queues, agent.id or 0 if personal else 0)
