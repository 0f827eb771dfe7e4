"""The clock is a day ahead, or behind, for a while: nobody is told of what did not happen, and nothing gets stuck."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from tests.acceptance.faults import altered
from tests.acceptance.faults.conftest import Observe, start
from tests.acceptance.faults.network import Fault, FaultyTelegram
from tests.acceptance.faults.people import opened, waiting
from tests.acceptance.faults.promised import breaches, tickets, told
from tests.acceptance.quick_rules import quick_rules
from tests.acceptance.service import Service
from triagebot.store.store import Store
from triagebot.store.tables import Notice, Ticket

BOSS, USER = 9001, 7001
DAY_S = 86_400
TARGET_S, PASSED_S = 40, 45
"""What is promised, and by how much the clock is put ahead for it to pass: less than what is taken for a wrong clock."""


class Clock:
    """How wrong the service's clock is, in seconds."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.put(0)

    def put(self, seconds: float) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.file)


def asks_for_a_person(telegram: FaultyTelegram, store: Store, person: int) -> int:
    """Returns the number of the ticket."""
    before = len(tickets(store))
    telegram.says(person, "转人工")
    telegram.wait(lambda: len(tickets(store)) > before, "a ticket")
    telegram.wait_text(person, f"#{before + 1}")
    return before + 1


def jumps(service: Service) -> int:
    return service.count('"clock.jumped"')


def steps(session: Session) -> list[tuple[int, str, str]]:
    found = select(Notice.ticket_id, Notice.clock, Notice.step).order_by(col(Notice.id))
    return [(number, clock, step) for number, clock, step in session.exec(found)]


@pytest.mark.timeout(400)
@pytest.mark.fault("时钟快一天、慢一天", "clock +-1 day")
@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True)
def test_a_clock_that_is_wrong_by_a_day_breaks_and_blocks_nothing(
    env: dict[str, str], database_url: str, tmp_path: Path, telegram: FaultyTelegram, services: Callable[..., Service],
    observe: Observe,
) -> None:  # fmt: skip
    rules = str(quick_rules(tmp_path, TARGET_S))
    env = {**env, "TRIAGEBOT_RULES_DIR": rules, "TRIAGEBOT_ADMINS": str(BOSS), "TRIAGEBOT_TICK_SECONDS": "0.2"}
    clock = Clock(tmp_path / "clock")
    service = services(env, call=altered.run(clock=clock.file))
    with opened(database_url) as store:
        start(telegram, service)
        first = asks_for_a_person(telegram, store, USER)
        clock.put(DAY_S)
        telegram.wait(lambda: jumps(service) == 1, "the jump to be noticed")
        telegram.faults.append(Fault("500", chat=USER + 1, times=1))
        telegram.says(USER + 1, "收不到验证码")
        telegram.wait(lambda: telegram.happened["500"], "an answer to be put off")
        telegram.says(USER + 2, "收不到验证码")
        telegram.wait(lambda: telegram.count(USER + 2), "an answer while the clock is wrong")
        assert store.read_now(steps) == []
        service.kill()
        clock.put(0)
        service.start()
        telegram.wait(lambda: telegram.count(USER + 1), "what was put off by the wrong clock to be said", 60)
        assert store.read_now(steps) == []
        clock.put(PASSED_S)
        telegram.wait(lambda: told(telegram, BOSS, first), "the broken promise to be told")

        before = asks_for_a_person(telegram, store, USER + 3)
        clock.put(PASSED_S - DAY_S)
        telegram.wait(lambda: jumps(service) == 1, "the jump back to be noticed")
        behind = asks_for_a_person(telegram, store, USER + 4)
        clock.put(2 * PASSED_S - DAY_S)
        telegram.wait(lambda: told(telegram, BOSS, behind), "the promise that was made meanwhile to be kept an eye on")
        assert told(telegram, BOSS, before) == 0
        clock.put(2 * PASSED_S)
        telegram.wait(lambda: told(telegram, BOSS, before), "the promise from before to be kept an eye on")
        telegram.wait(lambda: waiting(store) == 0, "all to be said")
        late = store.read_now(lambda s: s.exec(select(func.count()).select_from(Ticket)).one())
        heard = {number: told(telegram, BOSS, number) for number in tickets(store)}
        observe(breaches=sum(n > 0 for n in heard.values()), told_twice=sum(n > 1 for n in heard.values()),
                tickets=late)  # fmt: skip
        assert {first: 1, before: 1, behind: 1}.items() <= heard.items()
        assert max(heard.values()) == 1
        assert set(breaches(store)) == {number for number, n in heard.items() if n}
        assert len(store.read_now(steps)) == len(set(store.read_now(steps)))
        assert service.stop() == 0
