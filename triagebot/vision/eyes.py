"""Who looks at pictures. The only names of this room that others need, with ``look`` and ``keepsakes``."""

from __future__ import annotations

from typing import Protocol

from triagebot.vision.look import Look, Purpose, refused


class Eyes(Protocol):
    @property
    def open(self) -> bool:
        """Whether pictures can be looked at at all: the extra is installed."""
        ...

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        """What is in the picture ``data`` (a whole file). Never raises for any bytes; takes seconds at most. Nothing of the
        picture is written anywhere."""
        ...

    async def close(self) -> None:
        """Ends what looks."""


class Blind:
    """Without the extra: nothing is looked at."""

    open = False

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        return refused("blind")

    async def close(self) -> None: ...
