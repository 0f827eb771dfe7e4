"""From a channel into the inbox: only after the commit may the network be told that we have the message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from triagebot.flow.bell import Bell
from triagebot.messages import Batch, Intake
from triagebot.store import inbox
from triagebot.store.store import Store


def intake_into(
    store: Store, clock: Callable[[], datetime], work: Bell, is_urgent: Callable[[str], bool] = lambda text: False
) -> Intake:
    """The function that channels call with what they received; returns how many messages were new.

    ``is_urgent``: whether a message is to be heard before those of strangers, whoever wrote it."""

    async def commit(batch: Batch) -> int:
        urgent = frozenset(m.external_id for m in batch.messages if m.text and is_urgent(m.text))
        new = await store.write(
            inbox.commit, batch.messages, batch.dead, clock(), dead_from=batch.source, urgent=urgent
        )
        if new:
            work.ring()
        return new

    return commit
