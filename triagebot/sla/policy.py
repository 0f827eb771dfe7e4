"""What is promised: a target for each metric, and the shares of it at which people are warned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triagebot.errors import SlaError
from triagebot.sla.durations import Duration, parse_duration

METRICS = ("first_response", "next_response", "resolution", "update")
WARN_AT = (0.5, 0.8)


@dataclass(frozen=True)
class Policy:
    """Targets in business time; None: no clock for that metric. ``warn_at``: shares of the target, ascending.

    ``update``: the user hears from an agent at least this often, while the ticket is open (rule 14). ``marks``: further
    shares, also beyond 1, whose moments somebody wants to know (Clock.marks_at).
    """

    first_response: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None
    update: Duration | None = None
    warn_at: tuple[float, ...] = WARN_AT
    marks: tuple[float, ...] = ()

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any] | Any, where: str = "policy") -> Policy:
        """From rules/sla.yaml or a case of ``sla simulate``; SlaError names what is wrong where."""
        if not isinstance(spec, Mapping):
            raise SlaError(f'{where}: must be an object such as {{"first_response": "2h"}}')
        shares = spec.get("warn_at", WARN_AT)
        if not isinstance(shares, (list, tuple)) or not all(
            isinstance(s, (int, float)) and not isinstance(s, bool) and 0 < s <= 1 for s in shares
        ):
            raise SlaError(f"{where}.warn_at: must be shares between 0 and 1, such as [0.5, 0.8]")
        targets: dict[str, Any] = {m: parse_duration(spec.get(m), f"{where}.{m}") for m in METRICS}
        return cls(**targets, warn_at=tuple(sorted(float(s) for s in shares)))

    def target(self, metric: str) -> Duration | None:
        found: Duration | None = getattr(self, metric)
        return found
