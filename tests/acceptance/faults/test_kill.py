"""kill -9, again and again, under load: what was accepted is handled, once in effect, in order per person."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.acceptance.faults.conftest import Observe, posting
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, handled, opened, outcome, wait_until_all_is_done
from tests.acceptance.service import Service

SHORT, LONG = (2, 60, 20), (30, 1000, 100)
"""Kills, messages, people."""


@pytest.mark.timeout(1500)
@pytest.mark.fault("负载下反复 kill -9", "kill -9 in a loop under load")
def test_killed_again_and_again_under_load(
    receiving: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    long: bool, observe: Observe,
) -> None:  # fmt: skip
    """Each time a share of the messages is said, some of it is handled, and at a random moment after that comes the kill."""
    kills, messages, count = LONG if long else SHORT
    dice, people, service = random.Random(20261129), People(telegram, count), services(receiving)
    share = messages // (kills + 1)
    with opened(database_url) as store, posting(telegram, receiving):
        for _ in range(kills):
            before = handled(people, store)
            people.say(share)
            service.start()
            some = before + dice.randint(1, max(1, share - 1))
            telegram.wait(lambda some=some: handled(people, store) >= some, "some to be handled", 60)
            service.kill()
        people.say(messages - people.messages)
        service.start()
        wait_until_all_is_done(people, store, 240)
        found = outcome(people, store)
        observe(kills=kills, **found.figures(people.messages))
        assert found.clean, found
        assert service.stop() == 0
