"""Who reports more than usual, and since when: on the first day, in quiet weeks, and in surges that come, stay and go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

from triagebot.detect.detector import Detector, Limits
from triagebot.detect.series import BIN_S, Calm, Report, Series, Surge

MONDAY = 1_767_542_400.0  # 5 January 2026, 00:00 in China
HOUR, DAY = 3600.0, 86400.0
FACE = Series("verification.face", "wechat")


def people(begin: float, end: float, per_hour: float, seed: int = 0) -> Iterator[Report]:
    """So many different people an hour, at random moments."""
    random = np.random.default_rng(seed)
    for n, at in enumerate(np.sort(random.uniform(begin, end, random.poisson((end - begin) / HOUR * per_hour)))):
        yield Report(float(at), int(begin) + n, FACE.category, FACE.platform)


def seen(detector: Detector, reports: Iterable[Report]) -> list[Surge]:
    return [surge for report in reports for surge in detector.see(report)]


def lived(
    days: int = 14, per_hour: float = 30, limits: Callable[[Series], Limits] = lambda series: Limits()
) -> Detector:
    """A detector that has seen quiet days."""
    detector = Detector(limits, learn_until=MONDAY + DAY)
    assert seen(detector, people(MONDAY, MONDAY + days * DAY, per_hour)) == []
    detector.advance(MONDAY + days * DAY)
    return detector


def ticks(detector: Detector, begin: float, end: float) -> list[Calm]:
    return [calm for at in np.arange(begin, end, 60.0) for calm in detector.advance(float(at))]


def test_forty_people_in_ten_minutes_are_a_surge_on_the_first_day() -> None:
    detector = Detector()
    surges = seen(detector, (Report(MONDAY + 10 * HOUR + 15 * n, n, "verification.face", "wechat") for n in range(40)))
    assert [surge.series for surge in surges] == [FACE]
    assert surges[0].since == MONDAY + 10 * HOUR
    assert surges[0].people < 20


def test_one_angry_person_is_no_surge() -> None:
    detector = lived(days=7, per_hour=1)
    begin = MONDAY + 14 * DAY
    assert seen(detector, (Report(begin + n, 7, "verification.face", "wechat") for n in range(500))) == []


def test_a_handful_of_people_below_the_least_is_no_surge() -> None:
    detector = lived(per_hour=0.2, limits=lambda series: Limits(least_people=10))
    begin = MONDAY + 14 * DAY
    assert seen(detector, (Report(begin + n, n, FACE.category, FACE.platform) for n in range(9))) == []
    assert seen(detector, [Report(begin + 10, 10, FACE.category, FACE.platform)])


def test_four_times_the_usual_is_noticed_within_ten_minutes_and_dated() -> None:
    detector = lived()
    begin = MONDAY + 14 * DAY + 3 * HOUR
    seen(detector, people(begin - 3 * HOUR, begin, 30, seed=1))
    surges = seen(detector, people(begin, begin + HOUR, 120, seed=2))
    assert len(surges) == 1
    assert surges[0].at - begin <= 600
    assert abs(surges[0].since - begin) <= BIN_S
    assert surges[0].people > 2 * surges[0].expected


def test_an_hour_of_the_week_that_is_always_busy_is_usual() -> None:
    detector = Detector(learn_until=MONDAY + DAY)
    surges = []
    for day in range(21):
        begin = MONDAY + day * DAY
        surges += seen(detector, people(begin, begin + 9 * HOUR, 6, seed=day))
        surges += seen(detector, people(begin + 9 * HOUR, begin + 11 * HOUR, 60, seed=100 + day))
        surges += seen(detector, people(begin + 11 * HOUR, begin + DAY, 6, seed=200 + day))
    assert [surge for surge in surges if surge.at > MONDAY + 7 * DAY] == []
    morning = detector.expected(FACE, MONDAY + 21 * DAY + 9 * HOUR, MONDAY + 21 * DAY + 11 * HOUR)
    night = detector.expected(FACE, MONDAY + 21 * DAY, MONDAY + 21 * DAY + 2 * HOUR)
    assert len(morning) == 24
    assert sum(morning) > 4 * sum(night)


def test_a_surge_is_over_when_it_has_been_quiet_for_as_long_as_is_asked() -> None:
    detector = lived()
    begin = MONDAY + 14 * DAY
    seen(detector, people(begin, begin + 2 * HOUR, 300, seed=3))
    assert detector.advance(begin + 2 * HOUR) == ()
    seen(detector, people(begin + 2 * HOUR, begin + 4 * HOUR, 30, seed=4))
    calm = detector.advance(begin + 4 * HOUR)
    assert [one.series for one in calm] == [FACE]
    assert abs(calm[0].since - begin - 2 * HOUR) <= 4 * BIN_S


def test_a_surge_teaches_nothing() -> None:
    detector = lived()
    before = detector.expected(FACE, MONDAY + 15 * DAY, MONDAY + 16 * DAY)
    begin = MONDAY + 14 * DAY
    seen(detector, people(begin, begin + 10 * HOUR, 600, seed=5))
    after = detector.expected(FACE, MONDAY + 15 * DAY, MONDAY + 16 * DAY)
    assert sum(after) < 1.2 * sum(before)


def test_what_lasts_for_two_days_is_the_new_level() -> None:
    detector = lived()
    begin = MONDAY + 14 * DAY
    surges, calm = [], []
    for hour in range(80):
        surges += seen(detector, people(begin + hour * HOUR, begin + (hour + 1) * HOUR, 150, seed=hour))
        calm += ticks(detector, begin + (hour + 1) * HOUR, begin + (hour + 1) * HOUR + 1)
    assert len(surges) == len(calm) == 1
    assert 47 * HOUR <= calm[0].at - begin <= 52 * HOUR
    assert sum(detector.expected(FACE, begin + 4 * DAY, begin + 5 * DAY)) == pytest.approx(150 * 24, rel=0.3)


def test_after_a_restart_nothing_is_said_twice_and_what_is_usual_is_known() -> None:
    first = lived()
    begin = MONDAY + 14 * DAY
    burst = list(people(begin, begin + HOUR, 300, seed=6))
    assert len(seen(first, burst)) == 1
    second = Detector()
    for key, values in json.loads(json.dumps(list(first.learned()))):
        second.remember(key, values)
    assert seen(second, burst) == []
    assert second.expected(FACE, begin, begin + DAY) == pytest.approx(
        first.expected(FACE, begin, begin + DAY), rel=0.01
    )
    assert len(ticks(second, begin + HOUR, begin + 3 * HOUR)) == 1


def test_only_what_changed_is_to_be_kept_again() -> None:
    detector = lived()
    assert {key for key, _ in detector.learned()} == {FACE.key, Series().key}
    assert list(detector.learned()) == []
    detector.advance(MONDAY + 14 * DAY + 2 * HOUR)
    assert FACE.key in dict(detector.learned())


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("no series", {}),
        (FACE.key, {"v": 99}),
        (FACE.key, {"level": [1, 2]}),
        (FACE.key, {"level": ["a"] * 6}),
        (FACE.key, {"hours": -1}),
        (FACE.key, {"surging": [1]}),
        (FACE.key, {"season": {"v": 1, "people": [1.0] * 168}}),
        (FACE.key, {"season": 3}),
    ],
)
def test_what_was_not_written_by_it_is_not_remembered(key: str, change: dict[str, object]) -> None:
    values = dict(lived(days=2).learned())[FACE.key]
    with pytest.raises(ValueError):
        Detector().remember(key, {**values, **change})


def test_versions_that_strangers_invent_do_not_fill_the_memory_nor_push_out_what_is_known() -> None:
    detector = lived(days=2)
    begin = MONDAY + 2 * DAY
    for n in range(5000):
        detector.see(Report(begin + n / 10, n, "report.stale", "web", app_version=f"{n}.0"))
    kept = dict(detector.learned())
    assert len(kept) < 1010
    assert FACE.key in kept


def test_a_wording_and_a_version_surge_by_themselves() -> None:
    detector = lived(per_hour=60)
    begin = MONDAY + 14 * DAY
    surges = seen(
        detector,
        (
            Report(begin + n * 20, n, FACE.category, FACE.platform, signatures=("face.7001",), app_version="8.0.50")
            for n in range(15)
        ),
    )
    assert {surge.series for surge in surges} >= {
        Series(FACE.category, FACE.platform, "face.7001"),
        Series(FACE.category, FACE.platform, "", "8.0.50"),
    }


def test_a_series_that_is_off_never_surges() -> None:
    detector = Detector(lambda series: Limits(off=True))
    assert seen(detector, (Report(MONDAY + n, n, "access.howto", "wechat") for n in range(500))) == []


def test_silence_of_our_own_for_a_month_is_not_learned() -> None:
    detector = lived()
    before = detector.expected(FACE, MONDAY, MONDAY + DAY)
    detector.advance(MONDAY + 28 * DAY)
    assert detector.expected(FACE, MONDAY, MONDAY + DAY) == before


def test_while_it_is_to_learn_only_nothing_is_noticed() -> None:
    detector = Detector(learn_until=MONDAY + DAY)
    assert seen(detector, people(MONDAY, MONDAY + DAY, 200)) == []
    assert seen(detector, people(MONDAY + DAY, MONDAY + 2 * DAY, 200, seed=1)) == []


def test_a_series_that_strays_more_wildly_than_chance_does_not_alarm_for_ever() -> None:
    random = np.random.default_rng(5)
    detector, surges = Detector(learn_until=MONDAY + DAY), 0
    for n in range(30 * 288):
        detector.advance(MONDAY + n * BIN_S)
        wild = int(random.poisson(30 * np.exp(random.normal(0, 0.8))))
        surges += detector.see_many(FACE, MONDAY + n * BIN_S, wild) is not None
    assert surges <= 5
