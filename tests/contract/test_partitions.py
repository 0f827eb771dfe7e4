"""The SQL of docs/scaling.md, as it stands there, on a database in use; and the product on what it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import erase
from triagebot.desk.periods import Period
from triagebot.report import build
from triagebot.report.figures import Filters
from triagebot.store import engines, integrity
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Outbox

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"


@pytest.fixture
def clock() -> FakeClock:
    """Today: the SQL goes by the server's clock."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = Store.open(postgres_url)
    yield opened
    opened.close()


def documented(name: str) -> str:
    """The SQL under ``<!-- sql: name -->``."""
    found = re.search(rf"<!-- sql: {name} -->\n```sql\n(.*?)```", _DOCUMENT.read_text(), re.DOTALL)
    assert found is not None, f"docs/scaling.md has no SQL called {name!r}"
    return found.group(1)


def apply(store: Store, name: str) -> None:
    """As psql would: transactions are the script's own."""
    engine = engines.postgres_engine(store.url, 1).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.connection.cursor().execute(documented(name))
    engine.dispose()


def partitions(store: Store) -> dict[str, int]:
    """How many events each holds, without the empty ones."""
    count = "SELECT tableoid::regclass::text AS place, count(*) FROM event GROUP BY place"
    return {
        row.place.removeprefix("partitions."): row.count for row in store.read_now(lambda s: s.execute(text(count)))
    }


def month(at: datetime) -> str:
    return f"event_{at:%Y_%m}"


def test_events_by_month_change_nothing_but_where_they_lie(queued: House, clock: FakeClock) -> None:
    store, began = queued.store, clock()
    told = queued.types(1)
    before = partitions(store)["event"]
    apply(store, "event by month")
    for _ in range(2):
        apply(store, "months ahead")
    assert partitions(store) == {"event_before": before}
    assert queued.types(1) == told
    assert integrity.check(store.url.render_as_string(False)) == []

    later = clock.at = datetime.now(UTC).replace(day=15) + timedelta(days=60)
    queued.verb("li", "take 1")
    queued.verb("li", "reply 1 您好，换个亮处")
    queued.hear("还是不行", chat="7")
    queued.hear("刷脸不过", chat="8")
    assert queued.types(1)[: len(told)] == told
    assert set(queued.types(1)[len(told) :]) >= {"taken", "agent_replied", "user_replied"}
    assert set(partitions(store)) == {"event_before", month(later)}

    much_later = clock.at = later + timedelta(days=500)
    queued.verb("li", "resolve 1 好了")
    assert set(partitions(store)) == {"event_before", month(later), "event_other"}
    period = Period(began - timedelta(days=1), much_later + timedelta(days=1))
    report = store.read_now(build.build, queued.office, period, Filters(), much_later)
    assert report.now.opened == 2

    assert store.write_now(erase.erase_user, queued.office, "7", much_later) == 1
    assert all("text" not in event.data for event in queued.rows(Event) if event.ticket_id == 1)
    clock.advance(days=400)
    assert store.write_now(erase.purge, queued.office, clock(), timedelta(days=180)) == 1
    assert all("text" not in event.data for event in queued.rows(Event))
    assert integrity.check(store.url.render_as_string(False)) == []
    assert store.read_now(lambda s: s.exec(select(Inbox).where(Inbox.state != "done")).all()) == []
    assert store.read_now(lambda s: s.exec(select(Outbox).where(Outbox.chat == "7")).all()) == []
