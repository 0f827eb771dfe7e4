"""One look at one person's picture: what for, by whom, and what of it stays: words and numbers, and for a while a picture that
may be shown, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session

from triagebot.dialogue import situation
from triagebot.dialogue.state import LIGHT
from triagebot.messages import Address, Seen
from triagebot.store.store import Store
from triagebot.vision.eyes import Eyes
from triagebot.vision.keepsakes import Keepsakes
from triagebot.vision.look import Purpose


@dataclass(frozen=True)
class Viewing:
    """``eyes``: who looks; ``keepsakes``: where a picture to show is kept, in this process."""

    store: Store
    eyes: Eyes
    keepsakes: Keepsakes

    async def look(self, address: Address, data: bytes) -> Seen:
        """What is in the picture ``data`` that the person at ``address`` sends now; refused as ``blind`` without eyes. Raises
        only what the database does. It cannot be told afterwards what the picture was."""
        if not self.eyes.open:
            return Seen("refused", why="blind")
        found = await self.eyes.look(data, await self.store.read(purpose_of, address))
        if not found.shown or found.seen.what not in ("screen", "light"):
            return found.seen
        return replace(found.seen, keepsake=self.keepsakes.keep(found.shown))


def purpose_of(session: Session, address: Address) -> Purpose:
    """Light only for who has just chosen that; everything else is read as a screen."""
    known = situation.memory_of(situation.find(session, address))
    return "light" if known.awaits == LIGHT else "screen"
