"""What can be done to a ticket from its page: a table of verbs, what each asks for, and how that becomes the verb's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from triagebot.desk.dossier import Dossier
from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES, PRIORITIES
from triagebot.desk.verbs import VERBS
from triagebot.locale import say
from triagebot.store.tables import Agent
from triagebot.web.desk.words import Words

Options = Callable[[Dossier, Words], list[tuple[str, str]]]
"""What may be chosen: the value, and its words."""
_EVERY_STATE = OPEN_STATES | {"resolved", "closed", "merged"}
_NAPS = ("30m", "2h", "4h", "tomorrow", "3d", "7d")


@dataclass(frozen=True)
class Field:
    """One thing to fill in. ``options`` without ``free``: one of them; with it: they are suggestions."""

    name: str
    options: Options | None = None
    free: bool = False
    needed: bool = True
    big: bool = False


@dataclass(frozen=True)
class Action:
    """``place``: a button in the bar, an entry under "more", or the box to write in. ``key``: presses it.
    ``holding``: not while somebody else holds the ticket, unless a supervisor steps in."""

    verb: str
    fields: tuple[Field, ...] = ()
    states: frozenset[str] = OPEN_STATES
    place: Literal["bar", "more", "box"] = "more"
    key: str = ""
    holding: bool = False

    def words(self, given: Callable[[str], str]) -> str:
        """What follows the ticket's number, as an agent would type it after the command."""
        return " ".join(value for field in self.fields if (value := given(field.name)))


def _queues(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(queue, w.queue(queue)) for queue in w.office.book.queues if queue != d.ticket.queue]


def _priorities(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(p, say(w.lang, f"web.priority.{p.lower()}")) for p in PRIORITIES if p != d.ticket.priority]


def _categories(d: Dossier, w: Words) -> list[tuple[str, str]]:
    likely = [row["category"] for row in d.verdict.get("candidates", ())]
    known = [name for name in w.office.book.categories if name != d.ticket.category]
    return [(name, w.category(name)) for name in sorted(known, key=lambda n: likely.index(n) if n in likely else 99)]


def _mergeable(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(str(t.id), f"#{t.id} {w.category(t.category)}") for t in d.others if t.status in OPEN_STATES]


def _naps(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(nap, say(w.lang, f"web.nap.{nap}")) for nap in _NAPS]


def _tags(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(tag, tag) for tag in tags_of(d.ticket.tags)]


def _incidents(d: Dossier, w: Words) -> list[tuple[str, str]]:
    return [(str(number), f"#{number} {title}") for number, title in d.incidents]


_REASON = Field("reason", needed=False)
ACTIONS: Mapping[str, Action] = {
    action.verb: action
    for action in (
        Action("reply", (Field("text", big=True),), place="box", key="r", holding=True),
        Action("note", (Field("text", big=True),), _EVERY_STATE, place="box", key="n"),
        Action("take", place="bar", key="t", holding=True),
        Action("resolve", (Field("reason", needed=False, big=True),), place="bar", key="e", holding=True),
        Action("transfer", (Field("queue", _queues), _REASON), HUMAN_STATES, place="bar", key="x", holding=True),
        Action("snooze", (Field("until", _naps, free=True), _REASON), HUMAN_STATES, place="bar", key="s", holding=True),
        Action("reopen", (_REASON,), frozenset({"resolved"}), place="bar", holding=True),
        Action("wake"),
        Action(
            "pending",
            (Field("text", needed=False, big=True),),
            frozenset({"queued", "assigned", "on_hold"}),
            holding=True,
        ),
        Action("resume", states=frozenset({"pending", "on_hold"}), holding=True),
        Action("ack"),
        Action("escalate", (Field("queue", _queues), _REASON), holding=True),
        Action("priority", (Field("priority", _priorities),), holding=True),
        Action("category", (Field("category", _categories),), _EVERY_STATE),
        Action("tag", (Field("tag"),), _EVERY_STATE),
        Action("untag", (Field("tag", _tags),), _EVERY_STATE),
        Action("merge", (Field("into", _mergeable, free=True),), holding=True),
        Action("attach", (Field("incident", _incidents),)),
        Action("detach", states=_EVERY_STATE),
    )
}
"""In the order in which they are shown. A verb that the desk does not know is left out."""

_FITS: Mapping[str, Callable[[Dossier, Agent], bool]] = {
    "take": lambda d, agent: d.ticket.assignee_id != agent.id,
    "snooze": lambda d, agent: d.ticket.snoozed_until is None,
    "wake": lambda d, agent: d.ticket.snoozed_until is not None,
    "untag": lambda d, agent: bool(d.ticket.tags),
    "ack": lambda d, agent: d.called,
    "attach": lambda d, agent: d.ticket.incident_id is None and bool(d.incidents),
    "detach": lambda d, agent: d.ticket.incident_id is not None,
}
"""What a state alone does not say."""


def fitting(d: Dossier, agent: Agent) -> list[Action]:
    """What ``agent`` may do to this ticket as it is now."""
    return [
        action for action in ACTIONS.values()
        if action.verb in VERBS and agents.may(agent, VERBS[action.verb].role) and d.ticket.status in action.states
        and (not action.holding or may_hold(d, agent)) and _FITS.get(action.verb, _always)(d, agent)
    ]  # fmt: skip


def may_hold(d: Dossier, agent: Agent) -> bool:
    return d.ticket.assignee_id in (None, agent.id) or agents.may(agent, "supervisor")


def _always(d: Dossier, agent: Agent) -> bool:
    return True


def tags_of(tags: str) -> list[str]:
    return [tag for tag in tags.split(",") if tag]
