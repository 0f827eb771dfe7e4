"""When more wait than can be handled: known people come before strangers, nobody starves, and it costs no more than usual."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.sending import Network, goes_on, sender
from tests.storing import OWNERS, add_agent, arrived, claimed, say, take_in
from tests.unit.house import House
from triagebot.flow.bell import Bell
from triagebot.flow.intake import intake_into
from triagebot.messages import PRIORITY_FIRST, PRIORITY_REPLY, PRIORITY_URGENT, Address, Batch, Outgoing
from triagebot.store import inbox, inbox_ready, outbox, waits
from triagebot.store.inbox import Claim, Work
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Conversation, Outbox

LIMIT, SHARE = 8, 2


def meet(store: Store, clock: FakeClock, *chats: str) -> None:
    rows = [
        Conversation(channel="telegram", bot="1", chat=c, user=c, created_at=clock(), updated_at=clock()) for c in chats
    ]
    store.write_now(lambda s: s.add_all(rows))


def take(store: Store, clock: FakeClock) -> list[Work]:
    return store.write_now(inbox.take, OWNERS, clock(), LIMIT, Claim("a", clock(), clock() + timedelta(seconds=30)))


def test_who_is_in_a_conversation_is_heard_before_strangers_who_came_earlier(store: Store, clock: FakeClock) -> None:
    meet(store, clock, "7")
    take_in(store, clock, *(arrived(f"s{n}", chat=f"1{n}") for n in range(20)))
    take_in(store, clock, arrived("known"), arrived("s20", chat="120"), arrived("known again"))
    assert claimed(store, clock, LIMIT) == ["known", "known again", *(f"s{n}" for n in range(LIMIT - 1))]
    assert [work.message.external_id for work in take(store, clock)] == [
        "known",
        "known again",
        *(f"s{n}" for n in range(LIMIT - 1)),
    ]


def test_colleagues_are_heard_before_strangers_too(store: Store, clock: FakeClock) -> None:
    store.write_now(lambda s: add_agent(s, "li", clock()))
    store.write_now(lambda s: s.execute(sa.update(Agent).values(channel="telegram", user="55")).rowcount)
    take_in(store, clock, arrived("stranger", chat="8"), arrived("colleague", chat="55"))
    assert claimed(store, clock) == ["colleague", "stranger"]


def test_a_stranger_who_may_be_in_danger_is_heard_before_other_strangers(store: Store, clock: FakeClock) -> None:
    intake = intake_into(store, clock, Bell(), lambda text: "骗" in text)
    crowd = [arrived(f"s{n}", chat=f"1{n}") for n in range(20)]
    asyncio.run(intake(Batch([*crowd, arrived("danger", chat="9", text="我被骗了")])))
    assert claimed(store, clock, LIMIT)[0] == "danger"
    assert take(store, clock)[0].message.external_id == "danger"


def test_the_same_user_number_on_another_network_is_no_colleague(store: Store, clock: FakeClock) -> None:
    store.write_now(lambda s: add_agent(s, "li", clock()))
    store.write_now(lambda s: s.execute(sa.update(Agent).values(channel="wechat", user="55")).rowcount)
    take_in(store, clock, arrived("stranger", chat="8"), arrived("other", chat="55"))
    assert claimed(store, clock) == ["stranger", "other"]


def test_a_person_is_heard_in_order_whatever_they_were_when_they_wrote(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived("first"), arrived("other", chat="8"))
    meet(store, clock, "7")
    take_in(store, clock, arrived("second"))
    assert claimed(store, clock) == ["first", "second", "other"]


@pytest.mark.parametrize("shared", [False, True], ids=["claim", "take"])
def test_however_many_known_people_write_strangers_are_heard_too(store: Store, clock: FakeClock, shared: bool) -> None:
    """Each round as many known people write again as were heard; all strangers are heard after some rounds, in order."""
    known = [f"7{n}" for n in range(LIMIT * 2)]
    meet(store, clock, *known)
    strangers = [f"s{n}" for n in range(10)]
    take_in(store, clock, *(arrived(s, chat=f"1{s}") for s in strangers))
    heard: list[str] = []
    for turn in range(len(strangers) // SHARE):
        take_in(store, clock, *(arrived(f"{chat}-{turn}", chat=chat) for chat in known))
        works = take(store, clock) if shared else store.read_now(inbox.claim, OWNERS, clock(), LIMIT)
        heard += [name for name in (work.message.external_id for work in works) if name.startswith("s")]
        store.write_now(inbox.done, [work.id for work in works], clock(), "a" if shared else "")
    assert heard == strangers


def test_a_strangers_first_answer_waits_behind_all_others_and_danger_does_not(store: Store, clock: FakeClock) -> None:
    house = House(store, clock)
    house.hear("刷脸不过")
    house.hear("被骗了", chat="8")
    house.hear("刷脸还是不过")
    found = {(row.chat, row.priority) for row in house.rows(Outbox) if row.bot == "1"}
    assert found == {("7", PRIORITY_FIRST), ("7", PRIORITY_REPLY), ("8", PRIORITY_URGENT)}


def test_an_answer_under_way_goes_before_a_thousand_first_ones_which_go_on(store: Store, clock: FakeClock) -> None:
    network = Network(clock)
    loop = sender(store, clock, network)

    def thousand(session: Session) -> None:
        for number in range(1000):
            to = Address("telegram", "1", f"1{number}")
            outbox.put(session, to, Outgoing("first"), now=clock(), priority=PRIORITY_FIRST)

    store.write_now(thousand)
    goes_on(loop, clock, 1, 0.05)
    assert 20 <= len(network.taken) <= 30
    for number in range(60):
        say(store, clock, f"7{number}", "an answer")
    before = len(network.taken)
    goes_on(loop, clock, 1, 0.05)
    in_order = network.texts()[before:]
    assert in_order.count("an answer") >= len(in_order) * 3 // 4 - 1
    assert in_order.count("first") >= len(in_order) // 4 - 1
    goes_on(loop, clock, 3, 0.05)
    assert network.texts().count("an answer") == 60


STEPS_AT_A_TIME = 100


def steps(session: Session, statement: sa.Executable, values: dict[str, object]) -> int:
    """How many hundreds of steps SQLite's machine takes for a query."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    raw = session.connection().connection.dbapi_connection
    raw.set_progress_handler(count, STEPS_AT_A_TIME)  # type: ignore[union-attr]
    session.connection().execute(statement, values).all()
    raw.set_progress_handler(None, STEPS_AT_A_TIME)  # type: ignore[union-attr]
    return taken


def many(store: Store, clock: FakeClock, first: int, count: int) -> None:
    take_in(store, clock, *(arrived(n, chat=f"1{n}") for n in range(first, first + count)))

    def put(session: Session) -> None:
        for number in range(first, first + count):
            outbox.put(session, Address("telegram", "1", f"1{number}"), Outgoing("…"), now=clock())

    store.write_now(put)


def test_what_is_next_costs_the_same_however_many_wait(sqlite_url: str, clock: FakeClock) -> None:
    store = Store.open(sqlite_url)
    owners = frozenset(OWNERS)
    next_in = (inbox_ready.all_of(owners), {**waits.at(clock()), "most": 8, "deep": 40, "lane": 0})
    next_out = (outbox._heads_of(owners, "sqlite"), {**waits.at(clock()), "most": 8, "least": 0})
    many(store, clock, 0, 100)
    few = [store.read_now(steps, *query) for query in (next_in, next_out)]
    many(store, clock, 100, 2000)
    lots = [store.read_now(steps, *query) for query in (next_in, next_out)]
    store.close()
    assert min(few) > 0
    assert lots == pytest.approx(few, rel=0.5)


@pytest.mark.parametrize("analysed", [False, True], ids=["nothing known of the queue", "analysed"])
def test_postgresql_asks_about_no_more_rows_than_it_hands_out(
    postgres_url: str, clock: FakeClock, analysed: bool
) -> None:
    """A queue that has just filled up, of which the planner knows nothing, is what a flood is."""
    store = Store.open(postgres_url)
    many(store, clock, 0, 2000)
    if analysed:
        store.write_now(lambda s: s.execute(sa.text("ANALYZE")).rowcount)
    owners = frozenset(OWNERS)
    values = {**waits.at(clock()), "most": 8, "deep": 40, "lane": 0, "least": 0, "holder": "a", "at": clock()}

    def most_asked(session: Session, statement: sa.Select[tuple[object]]) -> float:
        """How often the most repeated part of the plan was run."""

        def explain(conn: object, cursor: object, sql: str, parameters: object, *_: object) -> tuple[str, object]:
            return f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters

        connection = session.connection()
        sa.event.listen(connection, "before_cursor_execute", explain, retval=True)
        names = statement.compile(dialect=connection.dialect).bind_names.values()
        given = {name: value for name, value in values.items() if name in names}
        (plan,) = connection.execute(statement, given).cursor.fetchone()
        sa.event.remove(connection, "before_cursor_execute", explain)
        return max(float(part["Actual Loops"]) for part in parts(plan[0]["Plan"]))

    for statement in (
        inbox_ready.free(owners, "postgresql"),
        inbox_ready.any_free(owners, "postgresql"),
        outbox._heads_of(owners, "postgresql"),
    ):
        assert store.write_now(most_asked, statement) <= 50
    store.close()


def parts(plan: dict[str, object]) -> list[dict[str, object]]:
    return [plan, *(part for below in plan.get("Plans", []) for part in parts(below))]  # type: ignore[attr-defined]
