"""What rules/incidents.yaml says about a series of reports, in the words of the detector."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from triagebot.detect.detector import Detector, Limits
from triagebot.detect.series import Series
from triagebot.rulebook.incident_rules import IncidentRules, Level
from triagebot.text import span

_FACTORS: Mapping[Level, float] = {"off": 1.0, "low": 0.1, "normal": 1.0, "high": 5.0}
"""How much more often than its share of the false alarms a series may alarm."""


def limits_of(rules: IncidentRules) -> Callable[[Series], Limits]:
    """What holds for each series, for a Detector."""

    def limits(series: Series) -> Limits:
        line = rules.of(series.category, series.platform)
        least = rules.least_people if line.least_people is None else line.least_people
        return Limits(least_people=least, factor=_FACTORS[line.level], off=line.level == "off")

    return limits


def detector_of(rules: IncidentRules) -> Detector:
    """A detector that has seen nothing yet."""
    return Detector(
        limits_of(rules), false_alarms=rules.false_alarms, calm_after_s=span(rules.calm_after).total_seconds()
    )
