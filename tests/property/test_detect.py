"""Whatever is read again, and in whatever order within minutes, the detector knows the same."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.detect.detector import Detector
from triagebot.detect.series import Report, Surge

_BEGIN = 1_767_600_000.0
_REPORTS = st.lists(
    st.builds(
        Report,
        at=st.floats(0, 6 * 3600).map(lambda s: _BEGIN + s),
        person=st.integers(0, 60),
        category=st.sampled_from(("verification.face", "report.stale")),
        platform=st.sampled_from(("", "wechat")),
    ),
    max_size=120,
).map(lambda reports: sorted(reports, key=lambda report: report.at))


def _surges(reports: Sequence[Report]) -> tuple[list[Surge], list[tuple[str, object]]]:
    detector = Detector()
    surges = [surge for report in reports for surge in detector.see(report)]
    detector.advance(_BEGIN + 7 * 3600)
    return surges, list(detector.learned())


@given(_REPORTS, st.lists(st.tuples(st.integers(0, 119), st.integers(1, 30)), max_size=10))
@settings(max_examples=60, deadline=None)
def test_reading_the_end_of_the_log_again_changes_nothing(reports: list[Report], again: list[tuple[int, int]]) -> None:
    doubled = list(reports)
    for place, many in sorted(again, reverse=True):
        doubled[place:place] = doubled[max(0, place - many) : place]
    assert _surges(doubled) == _surges(reports)


@given(_REPORTS)
@settings(max_examples=40, deadline=None)
def test_fewer_than_the_least_number_of_people_never_surge(reports: list[Report]) -> None:
    few = [report for report in reports if report.person < 4]
    assert _surges(few)[0] == []
