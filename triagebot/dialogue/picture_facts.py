"""What a step of the dialogue knows of the pictures that were sent with it."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.messages import Seen


@dataclass(frozen=True)
class Pictures:
    """What was made out in the pictures of one turn.

    ``caption``: what the person wrote beside them; ``screens``: the words of each screen, ``quoted``: what of them is worth
    repeating; ``light``: of the last face that was measured. ``whys``: why the others gave nothing (vision.refusals), each
    once, "" where nobody looked; ``unread``: how many these are, among them ``left``: at which nobody looked because too many
    came together.
    """

    kind: str
    caption: str = ""
    screens: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    light: Seen | None = None
    whys: tuple[str, ...] = ()
    unread: int = 0
    left: int = 0
