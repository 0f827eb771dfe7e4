"""/metrics against a database whose contents are known, and what the loops tell the meter."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.site import HOLDER, Site
from tests.unit.house import House
from triagebot.desk import promises, vitals
from triagebot.errors import DeliveryError
from triagebot.flow.metered import Metered
from triagebot.messages import Address, Incoming, Outgoing, Receipt
from triagebot.store import inbox, leases, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Notice

Samples = dict[tuple[str, tuple[str, ...]], float]


def scraped(site: Site) -> Samples:
    """(name without its prefix, values of the labels) -> value."""
    answer = site.ask("GET", "/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (s.name.removeprefix("triagebot_"), tuple(s.labels[k] for k in sorted(s.labels))): s.value
        for family in families for s in family.samples
    }  # fmt: skip


@pytest.fixture
def site(store: Store, clock: FakeClock) -> Site:
    return Site(store, clock)


def test_an_empty_database_is_all_zeros(site: Site) -> None:
    seen = scraped(site)
    assert seen["database_up", ()] == 1
    for state in ("bot", "queued", "assigned", "pending", "on_hold", "resolved"):
        assert seen["tickets", (state,)] == 0
    for box in ("inbox", "outbox"):
        assert seen["dead_letters", (box,)] == 0
        assert not [key for key in seen if key[0] == f"{box}_pending"]
    assert seen["sla_due_tickets", ("0s",)] == seen["sla_due_tickets", ("1h",)] == seen["sla_breached_tickets", ()] == 0
    assert seen["lease_held", ("tick",)] == seen["lease_left_seconds", ("tick",)] == 0


def test_what_waits_and_how_long(site: Site, house: House, clock: FakeClock) -> None:
    house.arrive("刷脸不过")
    clock.advance(40)
    house.arrive("还在吗", chat="8")
    house.arrive("poison", chat="9")
    _say(house, "8", "一")
    clock.advance(20)
    for chat in ("8", "9", "9"):
        _say(house, chat, "二")
    house.store.write_now(lambda s: inbox.fail(s, 3, "broken", clock(), None))
    first = house.store.read_now(outbox.heads, {("telegram", "1")}, clock(), 1)[0]
    house.store.write_now(lambda s: outbox.dead(s, first.id, "blocked", clock()))
    seen = scraped(site)
    assert (seen["inbox_pending", ("telegram",)], seen["inbox_oldest_seconds", ("telegram",)]) == (2, 60)
    assert (seen["outbox_pending", ("telegram",)], seen["outbox_oldest_seconds", ("telegram",)]) == (3, 0)
    assert (seen["dead_letters", ("inbox",)], seen["dead_letters", ("outbox",)]) == (1, 1)


def _say(house: House, chat: str, words: str) -> None:
    house.store.write_now(outbox.put, Address("telegram", "1", chat), Outgoing(words), now=house.clock())


def test_tickets_by_state_and_promises(site: Site, queued: House, clock: FakeClock) -> None:
    """Ticket 1 has two hours to its first response; it is warned of, breached, and swept in the end."""
    queued.hear("没收到报告", chat="8")
    queued.hear("我要人工", chat="9")
    queued.verb("li", "take 3")
    queued.verb("li", "reply 3 您好")
    queued.verb("li", "resolve 3")
    seen = scraped(site)
    assert [seen["tickets", (state,)] for state in ("bot", "queued", "assigned", "resolved")] == [1, 1, 0, 1]
    due = queued.ticket(1).next_due_at
    assert due is not None
    clock.at = due - vitals.SOON
    assert _due(site) == (0, 1, 0, 0)
    clock.at = due + timedelta(seconds=30)
    assert _due(site) == (1, 1, 30, 0)
    queued.store.write_now(promises.sweep, queued.office, clock())
    assert queued.rows(Notice), "the warning was not taken"
    assert _due(site)[3] == 0, "a warning is no breach"
    clock.at = due + timedelta(hours=12)
    queued.store.write_now(promises.sweep, queued.office, clock())
    assert _due(site)[0] == 0
    assert _due(site)[3] == 1, "the broken promise of ticket 1"
    queued.verb("li", "take 1")
    queued.verb("li", "resolve 1")
    assert _due(site)[3] == 0, "a ticket that is no longer open"


def _due(site: Site) -> tuple[float, ...]:
    seen = scraped(site)
    keys = (("sla_due_tickets", ("0s",)), ("sla_due_tickets", ("1h",)), ("sla_overdue_seconds", ()),
            ("sla_breached_tickets", ()))  # fmt: skip
    return tuple(seen[key] for key in keys)


def test_no_query_walks_a_whole_table(sqlite_url: str, clock: FakeClock) -> None:
    """What was handled years ago is never looked at, however much of it there is."""
    store = Store.open(sqlite_url)

    def plan(session: Session) -> list[str]:
        asked: list[tuple[str, Any]] = []
        connection = session.connection()
        event.listen(
            connection, "before_cursor_execute", lambda c, cursor, sql, values, *_: asked.append((sql, values))
        )
        vitals.read(session, clock(), "tick", HOLDER)
        driver: Any = connection.connection.dbapi_connection
        return [row[3] for sql, values in list(asked) for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", values)]

    steps = store.read_now(plan)
    store.close()
    assert len(steps) > 8
    walks = [step for step in steps if step.startswith("SCAN ") and not step.startswith("SCAN anon_")]
    assert [step for step in walks if "_pending" not in step and "_dead" not in step] == []


def test_who_ticks(site: Site, clock: FakeClock) -> None:
    store = site.store
    now = store.read_now(lambda s: vitals.database_now(s, clock()))
    store.write_now(leases.acquire, "tick", "somebody-else", now, 60.0)
    seen = scraped(site)
    assert seen["lease_held", ("tick",)] == 0
    assert 0 < seen["lease_left_seconds", ("tick",)] <= 60
    store.write_now(leases.release, "tick", "somebody-else")
    store.write_now(leases.acquire, "tick", HOLDER, now, 60.0)
    assert scraped(site)["lease_held", ("tick",)] == 1
    store.write_now(leases.release, "tick", HOLDER)
    assert scraped(site)["lease_held", ("tick",)] == 0


def test_without_the_database_there_is_what_the_process_knows(site: Site) -> None:
    site.meter.judged(0.004)
    site.store.close()
    seen = scraped(site)
    assert seen["database_up", ()] == 0
    assert seen["triage_seconds_count", ()] == 1
    assert not [key for key in seen if key[0] == "tickets"]


def test_the_loop_tells_how_long_it_judged(site: Site, house: House) -> None:
    house.loop.meter = site.meter
    house.hear("刷脸不过")
    house.hear("/help", chat="8")
    seen = scraped(site)
    assert seen["triage_seconds_count", ()] == 1, "a command is not judged"
    assert 0 < seen["triage_seconds_sum", ()] < 5


class Network:
    """Answers each attempt with the next of ``errors``; None is a yes."""

    channel, bot = "telegram", "1"

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        error = self.errors.pop(0)
        if error is not None:
            raise error
        return Receipt("m1")

    async def acknowledge(self, message: Incoming) -> None: ...


def test_every_attempt_to_send_is_counted_by_how_it_ended(site: Site) -> None:
    errors = [
        None, None, DeliveryError("blocked", permanent=True), DeliveryError("slow", permanent=False, retry_after_s=3.0),
        DeliveryError("reset", permanent=False), RuntimeError("a bug"),
    ]  # fmt: skip
    steps = iter(range(100))
    metered = Metered(Network(*errors), site.meter, monotonic=lambda: float(next(steps)))

    async def attempt() -> Any:
        return await metered.send(Address("telegram", "1", "7"), Outgoing("hi"), "")

    for error in errors:
        if error is None:
            assert asyncio.run(attempt()) == Receipt("m1")
        else:
            with pytest.raises(type(error)):
                asyncio.run(attempt())
    seen = scraped(site)
    counted = {key[1][1]: value for key, value in seen.items() if key[0] == "send_attempts_total"}
    assert counted == {"sent": 2, "refused": 1, "flood": 1, "failed": 2}
    assert (seen["send_seconds_count", ("telegram",)], seen["send_seconds_sum", ("telegram",)]) == (6, 6)


def test_nothing_that_is_shown_names_a_person_or_a_chat(site: Site, queued: House) -> None:
    queued.hear("刷脸不过", chat="1234567")
    shown = site.ask("GET", "/metrics").text
    for private in ("1234567", "li", "刷脸", "zhao"):
        assert f'"{private}"' not in shown
    labels = {line.split("{")[1].split("=")[0] for line in shown.splitlines() if "{" in line}
    assert labels <= {"channel", "box", "state", "within", "lease", "version", "le", "outcome", "status"}


def test_every_metric_is_documented(site: Site) -> None:
    site.meter.attempted("telegram", "sent", 0.1)
    site.meter.answered("telegram", 200)
    shown = site.ask("GET", "/metrics").text
    names = {line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE triagebot_")}
    text = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    assert len(names) > 15
    assert [name for name in sorted(names) if not name.endswith("_created") and f"`{name}" not in text] == []
