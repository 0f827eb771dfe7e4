"""/metrics for Prometheus: what this process did since it started, and how the service as a whole is doing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from triagebot import __version__
from triagebot.desk.vitals import Vitals
from triagebot.errors import StoreError
from triagebot.meter import Outcome
from triagebot.web.gauges import VitalsCollector
from triagebot.web.recent import Recent

log = structlog.get_logger()

_KEEP_S = 5.0
_PATIENCE_S = 5.0
_TRIAGE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_SEND_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class PrometheusMeter:
    """``meter.Meter`` on a registry of its own, so that two in one program (tests) do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._judged = Histogram(
            "triagebot_triage_seconds", "Time to judge one message.", buckets=_TRIAGE_S, registry=self.registry
        )
        self._attempts = Counter(
            "triagebot_send_attempts_total", "Attempts to send a message, by how they ended.", ("channel", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self._took = Histogram(
            "triagebot_send_seconds", "Time until the network answered an attempt to send.", ("channel",),
            buckets=_SEND_S, registry=self.registry,
        )  # fmt: skip
        self._requests = Counter(
            "triagebot_webhook_requests_total", "Posts of a network, by the status of our answer.", ("channel", "status"),
            registry=self.registry,
        )  # fmt: skip
        Info("triagebot_build", "The version that runs.", registry=self.registry).info({"version": __version__})
        ProcessCollector(registry=self.registry)

    def judged(self, seconds: float) -> None:
        self._judged.observe(seconds)

    def attempted(self, channel: str, outcome: Outcome, seconds: float) -> None:
        self._attempts.labels(channel, outcome).inc()
        self._took.labels(channel).observe(seconds)

    def answered(self, channel: str, status: int) -> None:
        """A webhook's request got its answer."""
        self._requests.labels(channel, str(status)).inc()


@dataclass
class Metrics:
    """``vitals`` reads the database; however many scrape, it is asked every few seconds at most."""

    meter: PrometheusMeter
    vitals: Callable[[], Awaitable[Vitals]]
    keep_s: float = _KEEP_S
    patience_s: float = _PATIENCE_S
    _recent: Recent[Vitals] = field(init=False)
    _gauges: VitalsCollector = field(init=False)

    def __post_init__(self) -> None:
        self._recent = Recent(self.vitals, self.keep_s, self.patience_s)
        self._gauges = VitalsCollector()
        self.meter.registry.register(self._gauges)

    async def show(self, request: Request) -> Response:
        """Without the database there is still what the process itself knows, and ``triagebot_database_up 0``."""
        try:
            self._gauges.vitals = await self._recent.get()
        except (StoreError, TimeoutError) as error:
            self._gauges.vitals = None
            log.warning("metrics.no_database", reason=str(error) or type(error).__name__)
        return Response(generate_latest(self.meter.registry), media_type=CONTENT_TYPE_LATEST)
