"""What belongs together: of which incident a surge is a part, which reports are about it, when a whole platform is out.

Pure: rows in, answers out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from triagebot.detect.series import Report, Series
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.store.incident_tables import Incident


def series_of(incident: Incident) -> Series:
    return Series(incident.category, incident.platform, incident.signature, incident.app_version)


def home(going: Iterable[Incident], series: Series, rules: IncidentRules) -> Incident | None:
    """Of the incidents that go on the one that ``series`` is a part of: the same, else the nearest that says more of it."""
    ranked = [(_kinship(incident, series, rules), -(incident.id or 0), incident) for incident in going]
    best = max(ranked, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] else None


def _kinship(incident: Incident, series: Series, rules: IncidentRules) -> int:
    """0 for strangers. Whoever names no platform may mean any: no second incident for them beside one that names its own;
    nor is there one for a wording or a version beside one of all who have the same trouble in the same place."""
    own = series_of(incident)
    if own == series:
        return 4
    if own.category and own.category == series.category:
        return 3 if own.platform == series.platform else 1 if "" in (own.platform, series.platform) else 0
    wide = own == Series(platform=own.platform) and bool(own.platform)
    return 2 if wide and own.platform == series.platform and is_outage(rules, series) else 0


def is_outage(rules: IncidentRules, series: Series) -> bool:
    """Whether reports of its category may be an outage: of danger, and of what is never an incident, they are none."""
    line = rules.of(series.category, series.platform)
    return bool(series.category) and line.tell and line.level != "off"


def out_as_a_whole(surging: Collection[Series], rules: IncidentRules) -> dict[str, Sequence[str]]:
    """Platforms on which so many categories surge at once that it is one incident -> these categories."""
    found: dict[str, set[str]] = defaultdict(set)
    for series in surging:
        if series.platform and is_outage(rules, series):
            found[series.platform].add(series.category)
    return {platform: sorted(them) for platform, them in found.items() if len(them) >= rules.platform_wide_from}


def is_its_own(incident: Incident, report: Report, rules: IncidentRules) -> bool:
    """Whether ``report`` is about ``incident``. Nothing is about one that names neither a category nor a platform."""
    own = series_of(incident)
    if not own.category and not (own.platform and is_outage(rules, Series(report.category, report.platform))):
        return False
    return (
        own.category in ("", report.category)
        and own.platform in ("", report.platform)
        and (not own.signature or own.signature in report.signatures)
        and own.app_version in ("", report.app_version)
    )
