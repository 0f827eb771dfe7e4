"""The vitals as Prometheus gauges: names and labels are a promise to whoever has dashboards and alerts on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from triagebot.desk.vitals import Depth, Vitals


class VitalsCollector(Collector):
    """``vitals``: what was read last; None while the database cannot be asked."""

    def __init__(self) -> None:
        self.vitals: Vitals | None = None

    def collect(self) -> Iterator[Metric]:
        yield _gauge("database_up", "Whether the database answered.", [((), float(self.vitals is not None))])
        if self.vitals is not None:
            yield from _of(self.vitals)


def _of(v: Vitals) -> Iterator[Metric]:
    yield from _box("inbox", "Messages of people that are not handled yet.", v.inbox)
    yield from _box("outbox", "Messages to people that are not sent yet.", v.outbox)
    yield _by("dead_letters", "Messages that were given up.", "box", v.dead)
    yield _by("tickets", "Tickets that are not closed.", "state", v.tickets)
    yield _by(
        "sla_due_tickets", "Tickets whose promise needs a look by then.", "within", {"0s": v.due_now, "1h": v.due_soon}
    )
    yield _gauge("sla_overdue_seconds", "How late the sweep of promises is.", [((), v.overdue_s)])
    yield _gauge("sla_breached_tickets", "Open tickets with a broken promise.", [((), v.breached)])
    yield _by("lease_held", "Whether this process holds the lease.", "lease", {"tick": int(v.lease.here)})
    yield _by("lease_left_seconds", "How long any process holds the lease.", "lease", {"tick": v.lease.left_s})


def _box(name: str, text: str, depths: Mapping[str, Depth]) -> Iterator[Metric]:
    yield _by(f"{name}_pending", text, "channel", {channel: d.count for channel, d in depths.items()})
    ages = {channel: d.oldest_s for channel, d in depths.items()}
    yield _by(f"{name}_oldest_seconds", f"Age of the oldest: {text}", "channel", ages)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    return _gauge(name, text, [((key,), value) for key, value in values.items()], label)


def _gauge(name: str, text: str, rows: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Metric:
    family = GaugeMetricFamily(f"triagebot_{name}", text, labels=labels)
    for key, value in rows:
        family.add_metric(key, value)
    return family
