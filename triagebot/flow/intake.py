"""From a channel into the inbox: only after the commit may the network be told that we have the message."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from triagebot.flow.bell import Bell
from triagebot.messages import Batch, Intake
from triagebot.store import inbox
from triagebot.store.store import Store

LOOK_WITHIN = timedelta(seconds=60)
"""So long a conversation waits for somebody to look at a picture, if need be; then it is heard without."""


def intake_into(
    store: Store, clock: Callable[[], datetime], work: Bell, is_urgent: Callable[[str], bool] = lambda text: False,
    looked_at: Collection[str] = (), pictures: Bell | None = None,
) -> Intake:  # fmt: skip
    """The function that channels call with what they received; returns how many messages were new.

    ``is_urgent``: whether a message is to be heard before those of strangers, whoever wrote it. ``looked_at``: channels whose
    pictures are held for a look; then ``pictures`` is rung."""

    async def commit(batch: Batch) -> int:
        now = clock()
        urgent = frozenset(m.external_id for m in batch.messages if m.text and is_urgent(m.text))
        held = any(m.worth_a_look and m.address.channel in looked_at for m in batch.messages)
        new = await store.write(
            inbox.commit, batch.messages, batch.dead, now, dead_from=batch.source, urgent=urgent,
            look_until=now + LOOK_WITHIN if held else None,
        )  # fmt: skip
        if new:
            work.ring()
        if new and held and pictures is not None:
            pictures.ring()
        return new

    return commit
