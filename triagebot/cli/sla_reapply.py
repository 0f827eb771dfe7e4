"""``triagebot sla reapply``: open tickets get what the rules promise now, after a look at what that would change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from triagebot.cli import common
from triagebot.desk import reapply as reapplying
from triagebot.desk.office import Office
from triagebot.desk.reapply import Change
from triagebot.errors import UsageError
from triagebot.opening import utc_now


def reapply(
    queue: Annotated[str, typer.Option("--queue", help="只看这个队列 / only this queue")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会改什么 / only show what would change")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """把现在的时限用到还没办完的工单上。 / Give open tickets what rules/sla.yaml promises now."""
    with common.desk() as (store, office):
        if queue and queue not in office.book.queues:
            raise UsageError(f"there is no queue {queue!r}; known: {', '.join(office.book.queues)}")
        changes: list[Change] = []
        after: int | None = 0
        now = utc_now()
        while after is not None:
            if dry_run:
                found, after = store.read_now(reapplying.look, office, now, queue, after)
            else:
                found, after = store.write_now(reapplying.apply, office, now, queue, after)
            changes += found
        version = office.book.sla.version
    if json:
        common.print_json({"version": version, "dry_run": dry_run, "tickets": [change.to_json() for change in changes]})
        return
    for change in changes:
        print(_change_in_words(change, office))
    done = "会改，什么都没动 / would change, nothing was done" if dry_run else "已改 / changed"
    print(f"{len(changes)} 张工单{done} (version {version})")


def _change_in_words(change: Change, office: Office) -> str:
    def said(at: datetime | None) -> str:
        return f"{at.astimezone(office.zone):%Y-%m-%d %H:%M:%S}" if at is not None else "-"

    clocks = "; ".join(f"{m.metric} {said(m.old_due_at)} -> {said(m.new_due_at)}" for m in change.clocks)
    versions = f"v{change.old_version} -> v{change.new_version}"
    return f"#{change.ticket} {change.queue} {change.priority} {versions}" + (f": {clocks}" if clocks else "")
