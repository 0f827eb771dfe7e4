"""The shape of rules/watch.yaml: what people may ask to hear of unasked, in which words they say so, and what they are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from triagebot.rulebook.words import Ident, PlatformId, Strict, Text, Told

Does = Literal["menu", "remind", "news", "mute", "stop"]
"""menu: shows what there is; remind: of one's own report, regularly; news, mute: of a platform, or no longer; stop: all."""
Months = Literal[3, 6, 12]
PLATFORM, EVERY = "{platform}", "{every}"


class Interval(Strict):
    """``re``: an RE2 expression for how people say it."""

    months: Months
    re: Text


class Order(Strict):
    """A whole short message that does it. ``re``: an RE2 expression on normalised text; ``{platform}`` stands for any name of
    a platform in platforms.yaml, ``{every}`` for any interval."""

    does: Does
    re: Text

    def spelled_out(self, platforms: str, intervals: str) -> str:
        """The expression with these two in the place of what stands for them."""
        return self.re.replace(PLATFORM, f"(?:{platforms})").replace(EVERY, f"(?:{intervals})")


class WatchRules(Strict):
    """The file may be missing: then the words are judged like any others. ``platforms``: of which news can be heard.
    ``how``: how to query one's own report, told with each reminder. ``offer_after``: categories after whose end a reminder is
    offered, beside tickets that were rated well. ``every``: the first interval that a message holds counts."""

    platforms: tuple[PlatformId, ...] = ()
    how: tuple[Told, ...] = Field(default=(), max_length=4)
    offer_after: tuple[Ident, ...] = ()
    every: tuple[Interval, ...] = ()
    orders: tuple[Order, ...] = ()
