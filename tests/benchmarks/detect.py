"""A million messages through the surge detector: the promise is 30 seconds, and memory that does not grow with the count."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterator
from time import process_time

from triagebot.detect.detector import Detector
from triagebot.detect.series import Report

MOST_S = 30.0
_MESSAGES, _FEWER = 1_000_000, 100_000
_DAYS = 30
_BEGIN = 1_767_542_400.0
_CATEGORIES, _PLATFORMS = [f"category{n:02}" for n in range(24)], ["", "wechat", "alipay", "web"]


def _messages(many: int, every_s: float) -> Iterator[Report]:
    """A third names a recognised wording, a tenth a version of an app; a fifth is said again by the same person."""
    chance = random.Random(1)
    for n in range(many):
        number = chance.randrange(96)
        category, platform = _CATEGORIES[number % 24], _PLATFORMS[number // 24]
        signatures = (f"{platform}.{number % 7}",) if chance.random() < 0.33 else ()
        version = f"8.0.{number % 9}" if chance.random() < 0.1 else ""
        person = n if chance.random() < 0.8 else n - chance.randrange(50)
        yield Report(_BEGIN + n * every_s, person, category, platform, signatures, version)


def _through(detector: Detector, many: int, every_s: float) -> None:
    for n, report in enumerate(_messages(many, every_s)):
        detector.see(report)
        if n % 1000 == 0:
            detector.advance(report.at)


def _held(many: int, every_s: float) -> float:
    """MB that a detector holds after so many messages."""
    gc.collect()
    tracemalloc.start()
    detector = Detector()
    _through(detector, many, every_s)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    assert list(detector.learned())
    return held


def run() -> dict[str, float | bool]:
    """Processor seconds for a month of a million messages, the same without the detector; MB held after the first tenth of them
    and after all."""
    every_s = _DAYS * 86400 / _MESSAGES
    begin = process_time()
    for _ in _messages(_MESSAGES, every_s):
        pass
    made = process_time() - begin
    begin = process_time()
    _through(Detector(), _MESSAGES, every_s)
    seconds = process_time() - begin - made
    fewer, all_ = _held(_FEWER, every_s), _held(_MESSAGES, every_s)
    return {
        "million_messages_s": round(seconds, 1),
        "within_30_s": seconds <= MOST_S,
        "us_a_message": round(seconds / _MESSAGES * 1e6, 1),
        "held_after_100000_mb": round(fewer, 2),
        "held_after_1000000_mb": round(all_, 2),
        "held_times": round(all_ / fewer, 2),
    }
