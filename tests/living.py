"""A real process in which people come to the bot one after the other, for ever, until it is killed. As a program: that process.

Each reported number is a person whose message was taken in and answered: inbox, conversation, ticket, events, outbox.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_S = 60.0


class Living:
    """``reported``: the numbers that the process said were on disk, oldest first; grows until it is killed."""

    def __init__(self, url: str, first: int = 1) -> None:
        self.reported: list[int] = []
        self._more = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.living", url, str(first)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                with self._more:
                    self.reported.append(int(line))
                    self._more.notify_all()

    def wait(self, more: int) -> list[int]:
        """Until ``more`` numbers than now were reported; returns all so far."""
        with self._more:
            wanted = len(self.reported) + more
            assert self._more.wait_for(lambda: len(self.reported) >= wanted, _PATIENCE_S), "the writer says nothing"
            return list(self.reported)

    def kill(self) -> list[int]:
        """kill -9; returns all numbers that were reported."""
        self.process.kill()
        self.process.wait(30)
        self._reader.join(30)
        return list(self.reported)


def served(session: Session) -> list[int]:
    """The persons who have a ticket, in order of it; each must have all that belongs to it."""
    from triagebot.store.tables import Conversation, Event, Inbox, Outbox, Ticket

    query = select(Ticket.id, Conversation.chat).join(Conversation, col(Conversation.id) == Ticket.conversation_id)
    chats = dict(session.exec(query.order_by(col(Ticket.id))).all())
    kinds: dict[int, list[str]] = {}
    for number, type in session.exec(select(Event.ticket_id, Event.type).order_by(col(Event.id))):
        kinds.setdefault(number, []).append(type)
    handled = session.exec(select(Inbox.chat).where(Inbox.state == "done").order_by(col(Inbox.id))).all()
    told = session.exec(select(Outbox.chat).order_by(col(Outbox.id))).all()
    assert list(handled) == list(told) == list(chats.values()), "something is half done"
    assert all(kinds[number] == ["opened", "user_replied", "answered", "bot_replied"] for number in chats)
    assert kinds.keys() == chats.keys()
    return [int(chat) for chat in chats.values()]


def wrong_with(url: str) -> list[str]:
    """What ``triagebot db check`` would say of a database of the small house; a tenth of the time of a process."""
    from tests.unit.house import office
    from triagebot.app import utc_now
    from triagebot.desk import books
    from triagebot.desk.finding import indexing
    from triagebot.store import integrity
    from triagebot.store.store import Store

    found, store = integrity.check(url), Store.open(url)
    try:
        found += store.read_now(lambda s: [str(finding) for finding in books.read(s, office(), utc_now())])
        return found + store.read_now(lambda s: list(indexing.differences(s)))
    finally:
        store.close()


def _live(url: str, first: int) -> None:
    from tests.unit.house import House
    from triagebot.store.store import Store

    house = House(Store.open(url), lambda: datetime.now(UTC), holder=f"living-{first}")
    house._number = first
    for number in itertools.count(first):
        house.hear("刷脸不过", str(number))
        print(number, flush=True)


if __name__ == "__main__":
    _live(sys.argv[1], int(sys.argv[2]))
