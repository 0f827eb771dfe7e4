"""Several processes on one PostgreSQL: what only one may do is done by one, whoever is killed, stopped, or wakes up late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlmodel import Session, col, func, select

from tests.acceptance.faults import altered
from tests.acceptance.faults.conftest import Observe, start
from tests.acceptance.faults.databases import blocked, busy, connected, locked
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, handled, opened, outcome, wait_until_all_is_done, waiting
from tests.acceptance.faults.promised import breaches, holder, tickets, told
from tests.acceptance.quick_rules import quick_rules
from tests.acceptance.service import Service
from triagebot.messages import Address, Outgoing
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Event, Notice, Outbox

BOSS, USER = 9001, 7001
LEASE_S = 3.0
LOOK, SWEEP = "outbox.priority >=", "SKIP LOCKED"
"""By what the queries of a sender that looks for messages, and of a sweep that looks for tickets, are known."""
_LOOK_S, _MOST_LOOKS = 1.0, 5
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
pytestmark = [pytest.mark.timeout(900), on_postgres]


def hurried(env: dict[str, str], folder: Path, target_s: int) -> dict[str, str]:
    """Promises of seconds, looked at all the time; the boss hears of those that break."""
    rules = str(quick_rules(folder, target_s, breach_only=True))
    more = {"TRIAGEBOT_RULES_DIR": rules, "TRIAGEBOT_ADMINS": str(BOSS), "TRIAGEBOT_TICK_SECONDS": "0.2"}
    return {**env, **more, "TRIAGEBOT_WEB_PORT": "0"}


def only(*parts: str, lease_s: float = LEASE_S) -> list[str]:
    return altered.run(*(word for part in parts for word in ("--only", part)), lease_s=lease_s)


def once_each(of: list[int]) -> dict[int, int]:
    return dict.fromkeys(of, 1)


@pytest.mark.fault("两个调度进程、几个副本", "two schedulers and several replicas")
def test_each_broken_promise_is_told_once(
    env: dict[str, str], database_url: str, tmp_path: Path, telegram: FaultyTelegram, services: Callable[..., Service],
    long: bool, observe: Observe,
) -> None:  # fmt: skip
    """Half of the promises break, then the scheduler that told of them is killed, then the others break. In the short
    version there is one replica, in the long version there are three."""
    replicas, people = (3, 40) if long else (1, 6)
    env = hurried(env, tmp_path, 5)
    schedulers = [services(env, name=name, call=only("scheduler")) for name in ("scheduler1", "scheduler2")]
    bots = [services(env, name=f"bot{n}", call=only("web", "worker", "sender")) for n in range(replicas)]
    with opened(database_url) as store:
        start(telegram, *schedulers, *bots)
        for wave in range(2):
            for person in range(people // 2):
                telegram.says(USER + wave * people + person, "转人工")
            so_far = (wave + 1) * people // 2
            telegram.wait(lambda so_far=so_far: len(breaches(store)) == so_far, "promises to break", 120)
            if wave == 0:
                [killed] = [s for s in schedulers if s.pid == holder(store, "tick")]
                schedulers.remove(killed)
                killed.kill()
        telegram.wait(lambda: waiting(store) == 0, "all to be told, a message a second", 300)
        everything = tickets(store)
        heard = {n: told(telegram, BOSS, n) for n in everything}
        observe(schedulers=2, replicas=replicas, breaches=len(heard), told_twice=sum(n > 1 for n in heard.values()),
                untold=sum(n == 0 for n in heard.values()))  # fmt: skip
        assert len(everything) == people
        assert breaches(store) == once_each(everything)
        assert heard == once_each(everything), telegram.texts(BOSS)
        for service in schedulers + bots:
            assert service.stop() == 0


def written(session: Session) -> list[int]:
    """How much the event log, the notices and the outbox hold."""
    return [session.exec(select(func.count()).select_from(table)).one() for table in (Event, Notice, Outbox)]


def paused_between_transactions(service: Service, beside: psycopg.Connection) -> bool:
    service.pause()
    if busy(beside, service.env["PGAPPNAME"]):
        service.wake()
        return False
    return True


def paused_in_its_sweep(
    service: Service, telegram: FaultyTelegram, url: str, beside: psycopg.Connection, store: Store
) -> bool:
    """False when the lock held something else of the tick, so that it never came to its sweep: another look may do."""
    with locked(url, "ticket", "ACCESS EXCLUSIVE"):
        if not telegram.sees(lambda: service.env["PGAPPNAME"] in blocked(beside, "ticket", SWEEP), _LOOK_S):
            return False
        # What is under way when it is stopped may be said again by the next one: that is not what is asked here.
        telegram.wait(lambda: waiting(store) == 0, "what was to be said before to be said")
        service.pause()
    return True


def _said(telegram: FaultyTelegram) -> int:
    """How often anything was said or changed in a chat. A card that is drawn anew while it is under way is said twice."""
    return sum(method in ("sendmessage", "editmessagetext") for method, _ in telegram.calls)


@pytest.mark.fault("持有租约的进程被 SIGSTOP，比租约还久", "SIGSTOP of the lease holder for longer than the lease")
def test_a_process_that_was_stopped_wakes_up_and_changes_nothing(
    env: dict[str, str], database_url: str, tmp_path: Path, telegram: FaultyTelegram, services: Callable[..., Service],
    observe: Observe,
) -> None:  # fmt: skip
    """Each is stopped at the worst moment, to which a lock leads it: the sender with a message in its hands, the one that
    ticks in the middle of its sweep."""
    env = hurried(env, tmp_path, 8)
    sender = services({**env, "PGAPPNAME": "sender"}, name="sender", call=only("sender", "scheduler"))
    other = services({**env, "PGAPPNAME": "other"}, name="other", call=only("web", "worker", "sender", "scheduler"))
    with opened(database_url) as store, connected(database_url) as beside:
        start(telegram, sender)
        telegram.wait(lambda: holder(store, "send") == holder(store, "tick") == sender.pid, "the first to have all")
        start(telegram, other)

        telegram.wait(
            lambda: paused_between_transactions(sender, beside), "the sender to see all that comes from now on"
        )
        to = Address("telegram", str(telegram.bot_id), str(USER))
        store.write_now(outbox.put, to, Outgoing(text="只说一次"), now=datetime.now(UTC))
        with locked(database_url, "outbox", "ACCESS EXCLUSIVE"):
            sender.wake()
            telegram.wait(lambda: "sender" in blocked(beside, "outbox", LOOK), "the sender to look for what waits")
            sender.pause()
        telegram.wait_text(USER, "只说一次")
        telegram.wait(lambda: holder(store, "send") == holder(store, "tick") == other.pid, "the other to have all")
        sender.wake()
        # It finds out by what it looks at (delivery.too_late) or by its next beat, whichever the kernel lets go on first.
        telegram.wait(lambda: sender.count('"lease.lost"', '"send:'), "the sender to find that it is none any more")
        assert telegram.count(USER) == 1

        telegram.says(USER + 1, "转人工")
        telegram.wait(lambda: tickets(store), "a ticket")
        assert any(paused_in_its_sweep(other, telegram, database_url, beside, store) for _ in range(_MOST_LOOKS))
        telegram.wait(lambda: told(telegram, BOSS, 1), "the first to tell of the breach", 60)
        telegram.wait(lambda: waiting(store) == 0, "all to be said", 60)
        before, said = store.read_now(written), _said(telegram)
        other.wake()
        telegram.wait(
            lambda: other.count('"tick.failed"') or other.count('"lease.lost"', '"tick"'),
            "the one that ticked to find that it is too late: PostgreSQL ended its transaction, or the fence did",
        )
        telegram.wait(lambda: other.count('"lease.lost"', '"send:'), "it to find that it does not send any more")
        assert store.read_now(written) == before
        assert breaches(store) == {1: 1}
        assert told(telegram, BOSS, 1) == 1
        sent = store.read_now(lambda s: s.exec(select(func.count()).where(col(Outbox.state) == "sent")).one())
        observe(
            stopped=2,
            breaches=1,
            said_again=max(0, _said(telegram) - sent),
            changed_after_waking=0,
            fenced="sender and tick",
        )
        assert _said(telegram) == said, "who wakes says nothing"
        assert said <= sent
        for service in (sender, other):
            assert service.stop() == 0


@pytest.mark.fault("两个 run 轮询同一个机器人", "two pollers on one database")
def test_who_polls_is_killed_and_the_other_takes_over(
    env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service], long: bool,
    observe: Observe,
) -> None:  # fmt: skip
    kills, messages = (10, 440) if long else (1, 40)
    share, people = messages // (kills + 1), People(telegram, messages // 4)
    running = [services({**env, "TRIAGEBOT_WEB_PORT": "0"}, name=name) for name in ("one", "two")]
    with opened(database_url) as store:
        start(telegram, *running)
        for number in range(kills):
            telegram.wait(lambda: holder(store, "poll:") in [s.pid for s in running], "one of them to poll")
            people.say(share)
            telegram.wait(lambda number=number: handled(people, store) > number * share, "some to be handled", 60)
            poller = next(s for s in running if s.pid == holder(store, "poll:"))
            if number < kills - 1:
                poller.kill()
                start(telegram, poller)
            else:
                poller.kill()
                running.remove(poller)
        people.say(messages - people.messages)
        wait_until_all_is_done(people, store, 240)
        found = outcome(people, store)
        observe(pollers_killed=kills, conflicts=telegram.conflicts, **found.figures(people.messages))
        assert found.clean, found
        assert holder(store, "poll:") == running[0].pid
        assert running[0].stop() == 0
