"""The shape of rules/clocks.yaml: how long things outside of the bot take, and the reminders that people may accept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from triagebot.rulebook.words import Ident, Priority, Strict, Text, Words

ClockId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=24)]
"""Short enough to stand in a button together with a day and a ticket's number."""
Wait = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}(m|h|d|wd)$")]
"""30m, 24h and 20d of wall time, or 10wd: working days of the calendar."""
When = Literal["advice", "handed_over", "solved"]


class Offer(Strict):
    """Where a reminder is offered: under advice for one of ``categories``, with the hand-over, or when it is solved. ``said``:
    an RE2 expression on normalised text; only to people who said something like it."""

    when: When
    categories: tuple[Ident, ...] = Field(min_length=1)
    said: Text | None = None


class NotYet(Strict):
    """What is done for people who say at the reminder that it has not happened. ``category``: it is that problem now.
    ``people``: colleagues take over at once, with this ``priority``. Neither: the next advice of the ticket's own problem."""

    category: Ident | None = None
    people: bool = False
    priority: Priority = "P3"


class Clock(Strict):
    """A time that something outside takes, and the reminder at its end, for whoever wants one.

    ``title``: what it is about, in a list of reminders. ``after``: counted from the moment at which it is accepted or, with
    ``asks``, from the day that the person then names (the day itself is not counted). ``remind``: what is said then;
    ``{since}`` in it is that day. ``steps``: what to do now. ``done``, ``undone``: the answers under it. ``then``: the clock
    that begins when it is done. ``until_solved``: makes no sense once the ticket is over. ``source``: only with a primary or
    official one may a figure be told.
    """

    id: ClockId
    title: Words
    after: Wait
    calendar: Ident | Literal["24x7", "cn-business"] = "cn-business"
    asks: Words | None = None
    offers: tuple[Offer, ...] = ()
    button: Words
    remind: Words
    steps: tuple[Words, ...] = Field(default=(), max_length=4)
    done: Words
    undone: Words
    not_yet: NotYet = NotYet()
    then: ClockId | None = None
    until_solved: bool = False
    source: tuple[str, ...] = Field(min_length=1)

    @property
    def amount(self) -> int:
        return int(self.after.rstrip("mhdw"))

    @property
    def in_working_days(self) -> bool:
        return self.after.endswith("wd")

    @property
    def is_short(self) -> bool:
        """Who accepted it is still sitting there when it is over."""
        return self.after.endswith("m")


class ClockRules(Strict):
    """rules/clocks.yaml, which may be missing. Of the clocks whose offer fits the first two are offered."""

    clocks: tuple[Clock, ...] = ()

    def of(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.id == name), None)
