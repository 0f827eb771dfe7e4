"""What people correct is found in the log: their own redacted words, with the category that a person gave."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from tests.conftest import FakeClock
from tests.unit.house import FACE, MISSING, House
from triagebot.desk.corrections import corrections
from triagebot.desk.drift import Week, weekly
from triagebot.store.tables import Outbox


def found(house: House) -> list[tuple[str, str, str]]:
    return [(row.text, row.category, row.by) for row in house.store.read_now(corrections)]


def test_a_users_choice_and_an_agents_correction_are_examples(queued: House) -> None:
    queued.hear("两样都有点像", chat="8")
    reply = next(row for row in queued.rows(Outbox) if row.chat == "8")
    picks = [action for row in reply.payload["buttons"] for _, action in row if MISSING in action]
    queued.press(picks[0], chat="8")
    queued.verb("li", f"category 1 {MISSING}")
    assert found(queued) == [("两样都有点像", MISSING, "user"), ("刷脸不过", MISSING, "agent")]


def test_what_was_erased_is_no_example(queued: House) -> None:
    queued.verb("li", f"category 1 {MISSING}")
    assert len(found(queued)) == 1
    queued.hear("/forgetme")
    queued.press("forget:yes")
    assert found(queued) == []


def test_a_week_counts_doubt_and_corrections(queued: House, clock: FakeClock) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    clock.advance(days=7)
    queued.hear("两样都有点像", chat="8")
    queued.hear("嗯", chat="9")
    queued.verb("li", f"category 1 {MISSING}")
    queued.verb("li", f"category 1 {FACE}")
    assert queued.store.read_now(weekly, zone, clock(), 3) == [
        Week(date(2026, 11, 16)),
        Week(date(2026, 11, 23), judged=1),
        Week(date(2026, 11, 30), judged=2, asked=1, unclear=1, overridden=1),
    ]
