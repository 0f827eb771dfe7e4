"""Buttons under what agents read: a verb with its ticket, and what is chosen where a verb offers a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.tables import Ticket

Rows = tuple[tuple[Button, ...], ...]

FITTING: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "bot": (("take", "show"), ("escalate",)),
    "queued": (("take", "show", "macro"), ("transfer", "priority", "resolve")),
    "assigned": (("macro", "resolve", "show"), ("pending", "snooze"), ("transfer", "priority")),
    "pending": (("resume", "resolve", "show"), ("macro", "transfer", "priority")),
    "on_hold": (("resume", "resolve", "show"), ("macro", "transfer", "priority")),
}
"""By a ticket's status: verbs that make sense then, in rows. Replying is done by answering the card itself."""

_MOST_LISTED = 5
_BESIDE = 2


@dataclass(frozen=True)
class Answer:
    """What an agent is told about a verb. ``done``: False when nothing happened yet: the agent is to choose, or to confirm."""

    text: str
    buttons: Rows = ()
    done: bool = True


def button(verb: str, number: int | None, lang: str) -> Button:
    return Button(say(lang, f"verb.{verb}.button"), f"{verb}:{number}")


def of_ticket(ticket: Ticket, lang: str) -> Rows:
    return tuple(tuple(button(verb, ticket.id, lang) for verb in row) for row in FITTING.get(ticket.status, ()))


def of_list(tickets: Iterable[Ticket]) -> Rows:
    """The first ones of a list, to be opened."""
    numbers = [ticket.id for ticket in tickets][:_MOST_LISTED]
    return (tuple(Button(f"#{number}", f"show:{number}") for number in numbers),) if numbers else ()


def choice(verb: str, ticket: Ticket, options: Iterable[tuple[str, str]], beside: int = _BESIDE) -> Rows:
    """``options``: what follows the ticket's number, and its label; so many ``beside`` each other."""
    found = [Button(label, f"{verb}:{ticket.id}:{word}") for word, label in options]
    return tuple(tuple(found[n : n + beside]) for n in range(0, len(found), beside))


def queues(verb: str, office: Office, ticket: Ticket, lang: str) -> Rows:
    """The queues that ``ticket`` is not in."""
    others = (queue for queue in office.book.queues if queue != ticket.queue)
    return choice(verb, ticket, ((queue, office.queue_title(queue, lang)) for queue in others), beside=3)
