"""What is made at the moment at which it is sent: reports, which take seconds while everybody else is spoken to, and links that
work once, which are to be kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from triagebot.access.addresses import Addresses
from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.team import link_orders
from triagebot.errors import DeliveryError, MissingPartError, TriagebotError
from triagebot.flow.bell import Bell
from triagebot.messages import Attachment, LinkOrder, Order, Outgoing
from triagebot.report import build, forms
from triagebot.report.figures import Filters, Report
from triagebot.store.replica import Replica
from triagebot.store.store import Store

log = structlog.get_logger()

_MOST_KEPT = 12
"""Finished ones that are kept for the other people who get the same: forms times languages times a few periods."""
_REPORT = ("since", "until", "filters")


@dataclass
class Orders:
    """``store``: where links are written down; ``reading``: where reports are read. ``said`` is rung when something is
    finished. ``addresses``: where links lead to."""

    store: Store
    reading: Store | Replica
    office: Office
    clock: Callable[[], datetime]
    said: Bell
    addresses: Addresses
    _tasks: dict[Order | LinkOrder, asyncio.Task[Outgoing]] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _last: tuple[tuple[object, ...], Report] | None = None

    def ready(self, message: Outgoing) -> bool:
        """Whether it can be sent now; if it has still to be made, that begins."""
        if message.order is None:
            return True
        task = self._tasks.get(message.order)
        if task is None:
            task = self._tasks[message.order] = asyncio.create_task(self._make(message.order))
            task.add_done_callback(lambda _: self.said.ring())
            self._forget_old()
        return task.done()

    def carried_out(self, message: Outgoing) -> Outgoing:
        """What is to be sent; ``ready`` was true before. DeliveryError when it could not be made: it is tried again later."""
        if message.order is None:
            return message
        task = self._tasks[message.order]
        if task.cancelled() or task.exception() is not None:
            del self._tasks[message.order]
            reason = "stopped" if task.cancelled() else type(task.exception()).__name__
            raise DeliveryError(f"what was ordered could not be made: {reason}", permanent=False)
        if isinstance(message.order, LinkOrder):
            del self._tasks[message.order]  # nobody else gets the same one, and one that failed is made anew
        return replace(task.result(), card=message.card, ticket=message.ticket)

    def _forget_old(self) -> None:
        finished = [order for order, task in self._tasks.items() if task.done()]
        for order in finished[: max(0, len(self._tasks) - _MOST_KEPT)]:
            del self._tasks[order]

    async def _make(self, order: Order | LinkOrder) -> Outgoing:
        if isinstance(order, LinkOrder):
            return Outgoing(text=await self.store.write(link_orders.carry_out, self.addresses, order, self.clock()))
        return await self._make_report(order)

    async def _make_report(self, order: Order) -> Outgoing:
        """Where a package is missing, or the order names what is no longer there, that is what the person reads."""
        try:
            async with self._one_at_a_time:
                form = forms.check(order.form)
                report = await self._report(order)
                made = await asyncio.to_thread(forms.render, report, order.form, order.lang)
        except MissingPartError as error:
            return Outgoing(text=str(error))
        except TriagebotError as error:
            log.warning("report.failed", form=order.form, reason=str(error))
            return Outgoing(text=str(error))
        if not form.binary:
            return Outgoing(text=made.decode())
        name = forms.file_name(report, order.form)
        return Outgoing(text="", attachment=Attachment(name, made, picture=order.form == "png"))

    async def _report(self, order: Order) -> Report:
        """The figures, shared by the forms of one report."""
        wanted = tuple(getattr(order, name) for name in _REPORT)
        if self._last is None or self._last[0] != wanted:
            period = Period(datetime.fromisoformat(order.since), datetime.fromisoformat(order.until))
            filters = Filters(**dict(order.filters))
            self._last = (wanted, await self.reading.read(build.build, self.office, period, filters, self.clock()))
        return self._last[1]
