"""What is said of another program that uses the same token."""

from __future__ import annotations

import pytest
from aiogram.exceptions import TelegramConflictError
from aiogram.methods import GetMe
from structlog.testing import capture_logs

from triagebot.channels.telegram.rivals import Rivals

POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@pytest.mark.parametrize(
    ("told", "advice"), [(POLLER, "another program polls Telegram"), (WEBHOOK, "another program has set a webhook")]
)
def test_it_is_told_in_words_once_a_minute(told: str, advice: str) -> None:
    now = 5.0
    rivals = Rivals(lambda: now)
    with capture_logs() as said:
        for _ in range(3):
            rivals.seen(TelegramConflictError(GetMe(), told))
        now += 59
        rivals.seen(TelegramConflictError(GetMe(), told))
        assert len(said) == 1
        now += 1
        rivals.seen(TelegramConflictError(GetMe(), told))
    assert [line["event"] for line in said] == ["telegram.second_poller"] * 2
    assert all(advice in line["advice"] and line["log_level"] == "error" for line in said)
