"""Who works at the desk: roles and queues that count from the next command on, and what is left when somebody goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from tests.auditing import said, verified
from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import House
from triagebot.access import links, sessions
from triagebot.desk import books, verbs
from triagebot.desk.team import agents, people
from triagebot.desk.team.people import SHELL, By
from triagebot.desk.verbs import Attempt
from triagebot.errors import DeniedError, DeskError
from triagebot.store.tables import Agent, Audit, OneTimeLink, Outbox


@pytest.fixture
def staffed(queued: House) -> House:
    """As ``queued``, with an admin: root."""
    queued.agent("root", role="admin")
    return queued


def attempt(house: House, name: str, line: str) -> Attempt:
    """As a chat or a page does it."""
    verb, _, rest = line.partition(" ")

    def run(session: Session) -> Attempt:
        agent = agents.by_name(session, name, house.clock())
        return verbs.attempt(session, house.office, agent, verb, rest, house.clock())

    return house.store.write_now(run)


def agent(house: House, name: str) -> Agent:
    return next(a for a in house.rows(Agent) if a.name == name)


def target(house: House, name: str) -> str:
    return f"agent:{agent(house, name).id}"


def test_a_role_counts_from_the_next_command_on(staffed: House) -> None:
    refused = attempt(staffed, "li", "agents").refusal
    assert isinstance(refused, DeniedError)
    assert "主管" in attempt(staffed, "root", "role li supervisor").text
    assert "boss" in attempt(staffed, "li", "agents").text
    attempt(staffed, "root", "role li agent")
    assert isinstance(attempt(staffed, "li", "agents").refusal, DeniedError)
    root, li = target(staffed, "root"), target(staffed, "li")
    assert said(staffed.store) == [
        (li, "agents", "", "denied"), (root, "role changed", li, "done"), (root, "role changed", li, "done"),
        (li, "agents", "", "denied"),
    ]  # fmt: skip
    assert [row.data for row in staffed.rows(Audit)][1] == {"role": "supervisor", "was": "agent"}


@on_sqlite
@pytest.mark.parametrize(
    ("who", "line"),
    [("li", "role li admin"), ("boss", "role boss admin"), ("boss", "remove li"), ("li", "invite agent"),
     ("boss", "invite admin"), ("boss", "invite supervisor"), ("boss", "queues li -"), ("li", "remove boss")],
)  # fmt: skip
def test_nobody_gives_more_than_they_may(staffed: House, who: str, line: str) -> None:
    before = [a.model_dump() for a in staffed.rows(Agent)]
    done = attempt(staffed, who, line)
    assert isinstance(done.refusal, DeniedError)
    assert [a.model_dump() for a in staffed.rows(Agent)] == before
    assert said(staffed.store) == [(target(staffed, who), line.partition(" ")[0], "", "denied")]
    assert [row for row in staffed.rows(Outbox) if "order" in row.payload] == []


@on_sqlite
@pytest.mark.parametrize(
    ("line", "words"),
    [("role nobody agent", "nobody"), ("role li chief", "agent, supervisor, admin"), ("role li", "/role NAME ROLE"),
     ("queues li sales", "customer_service, hotline, security"), ("remove nobody", "nobody"), ("invite chief", "chief"),
     ("invite agent sales", "sales"), ("role", "/role NAME ROLE")],
)  # fmt: skip
def test_what_cannot_be_done_is_explained(staffed: House, line: str, words: str) -> None:
    done = attempt(staffed, "root", line)
    assert done.refusal is not None
    assert words in done.text
    assert said(staffed.store) == []


def test_queues_are_changed_and_kept_in_the_order_of_the_rules(staffed: House) -> None:
    assert "客服、热线" in attempt(staffed, "root", "queues li hotline，customer_service").text
    assert agent(staffed, "li").queues == "customer_service,hotline"
    assert "全部队列" in attempt(staffed, "root", "queues li -").text
    assert agent(staffed, "li").queues == ""
    attempt(staffed, "root", "queues li -")
    assert [row.data for row in staffed.rows(Audit)] == [
        {"queues": ["customer_service", "hotline"], "was": ["customer_service"]},
        {"queues": [], "was": ["customer_service", "hotline"]},
    ]


def test_a_name_may_have_spaces(staffed: House) -> None:
    staffed.agent("Li Lei")
    attempt(staffed, "root", "role Li Lei supervisor")
    assert agent(staffed, "Li Lei").role == "supervisor"


def test_the_last_admin_stays_while_anybody_works_here(house: House) -> None:
    house.agent("root", role="admin")
    house.agent("li")
    house.store.write_now(agents.by_name, agents.LOCAL, house.clock())
    for line in ("role root agent", "remove root"):
        done = attempt(house, "root", line)
        assert done.refusal is not None
        assert "唯一的管理员" in done.text
    attempt(house, "root", "role li admin")
    assert attempt(house, "root", "remove root").refusal is None
    assert attempt(house, "li", "role li agent").refusal is not None


def test_who_works_alone_may_close_the_desk(house: House) -> None:
    house.agent("root", role="admin")
    assert attempt(house, "root", "remove root").refusal is None
    assert agent(house, "root").active is False


def test_who_is_removed_loses_everything_at_once(staffed: House, clock: FakeClock) -> None:
    number = agent(staffed, "li").id or 0
    key = staffed.store.write_now(sessions.begin, number, clock())
    for purpose in ("sign_in", "invitation"):
        staffed.store.write_now(links.issue, purpose, clock(), by=f"agent:{number}", agent_id=number)  # type: ignore[arg-type]
    assert staffed.store.read_now(sessions.look, key, clock()) is not None
    attempt(staffed, "root", "remove li")
    assert staffed.store.read_now(sessions.look, key, clock()) is None
    assert staffed.rows(OneTimeLink) == []
    staffed.hear("/take 1", chat="li")
    assert staffed.ticket().status == "queued"
    assert said(staffed.store)[-1] == ("user:telegram:li", "take", "ticket:1", "denied")


def test_a_press_on_a_card_that_stayed_behind_does_nothing_and_is_noted(staffed: House) -> None:
    attempt(staffed, "root", "remove li")
    staffed.hear(chat="li", kind="press", action="take:1")
    assert staffed.ticket().assignee_id is None
    assert said(staffed.store)[-1] == ("user:telegram:li", "take", "ticket:1", "denied")


def test_a_user_who_tries_a_command_of_agents_is_answered_and_noted(staffed: House) -> None:
    staffed.hear("/resolve 1", chat="mallory")
    staffed.hear("/help", chat="mallory")
    staffed.hear("/ ", chat="mallory")
    assert staffed.ticket().status == "queued"
    assert staffed.told("mallory") != []
    assert said(staffed.store) == [("user:telegram:mallory", "resolve", "ticket:1", "denied")]


def test_a_forwarded_command_is_nobodys(staffed: House) -> None:
    staffed.hear("/take 1", chat="li", forwarded=True)
    staffed.hear("/take 1", chat="mallory", forwarded=True)
    assert staffed.ticket().status == "queued"
    assert "/help" in staffed.told("li")[-1]
    assert said(staffed.store) == []


def test_who_is_removed_while_their_command_is_decided_is_heard_as_anybody(staffed: House) -> None:
    """The command was seen as an agent's, and is carried out after the removal."""
    staffed.arrive("/take 1", chat="li")
    looks = staffed.loop._looks

    def look_then_remove(*seen: Any) -> Any:
        found = looks(*seen)
        if agent(staffed, "li").active:
            attempt(staffed, "root", "remove li")
        return found

    staffed.loop._looks = look_then_remove  # type: ignore[method-assign]
    staffed.converse()
    assert staffed.ticket().status == "queued"
    assert said(staffed.store)[-1] == ("user:telegram:li", "take", "ticket:1", "denied")


def test_what_they_held_goes_back_and_those_concerned_hear_it(staffed: House, clock: FakeClock) -> None:
    staffed.hear("被骗了", chat="8")
    staffed.verb("boss", "take 2")
    staffed.verb("li", "take 1")
    staffed.verb("li", "reply 1 您好")
    staffed.deliver()
    before = len(staffed.told("wang"))
    assert "1 张工单" in attempt(staffed, "root", "remove li").text
    ticket = staffed.ticket()
    assert (ticket.status, ticket.assignee_id, ticket.queue) == ("queued", None, "customer_service")
    assert staffed.types()[-1] == "returned"
    for concerned in ("zhao", "boss", "root"):
        assert "li 不再处理工单" in staffed.told(concerned)[-1]
        assert "#1（P3）" in staffed.told(concerned)[-1]
    assert len(staffed.told("wang")) == before, "it is not their queue"
    assert [row.data["tickets"] for row in staffed.rows(Audit) if row.action == "agent removed"] == [[1]]
    staffed.verb("zhao", "take 1")
    assert staffed.ticket().assignee_id == agent(staffed, "zhao").id
    assert staffed.ticket(2).status == "assigned", "others keep theirs"
    assert staffed.store.read_now(lambda s: list(books.read(s, staffed.office, clock()))) == []


def test_a_ticket_that_waits_for_its_person_goes_on_waiting(staffed: House, clock: FakeClock) -> None:
    from triagebot.desk import tickets

    staffed.verb("li", "take 1")
    staffed.store.write_now(
        lambda s: tickets.record(
            s, staffed.office, tickets.get(s, 1, to_change=True), "pending_user", "agent:1", clock()
        )
    )
    attempt(staffed, "root", "remove li")
    assert (staffed.ticket().status, staffed.ticket().assignee_id) == ("pending", None)
    staffed.hear("窗边也不行")
    assert staffed.ticket().status == "queued"


def test_what_comes_back_to_somebody_who_has_left_waits_for_anybody(staffed: House, clock: FakeClock) -> None:
    staffed.verb("li", "take 1")
    staffed.verb("li", "resolve 1 好了")
    attempt(staffed, "root", "remove li")
    assert staffed.ticket().assignee_id is not None, "who solved it is who is rated"
    heard = len(staffed.told("li"))
    clock.advance(hours=1)
    staffed.press("reopen:1")
    ticket = staffed.ticket()
    assert (ticket.status, ticket.assignee_id) == ("queued", None)
    assert staffed.types()[staffed.types().index("reopened") + 1] == "returned"
    assert "刷脸" in staffed.told("zhao")[-1]
    assert len(staffed.told("li")) == heard, "what people say is no longer sent to who has left"


def test_words_of_people_that_still_waited_for_them_are_not_sent(staffed: House) -> None:
    assert staffed.told("li") != []
    attempt(staffed, "root", "remove li")
    rows = [row for row in staffed.rows(Outbox) if row.chat == "li"]
    assert [row.state for row in rows][-1] == "pending"
    assert {row.state for row in rows[:-1]} == {"dropped"}
    assert {str(row.payload) for row in rows[:-1]} == {"{}"}
    assert "已经收回" in rows[-1].payload["text"]


def test_who_is_an_admin_by_the_settings_would_come_back_and_the_remover_is_told(
    staffed: House, clock: FakeClock
) -> None:
    from dataclasses import replace

    staffed.store.write_now(agents.ensure_admins, "telegram", ["5"], clock())
    staffed.office = replace(staffed.office, admins=frozenset({"5"}))
    assert "TRIAGEBOT_ADMINS" in attempt(staffed, "root", "remove admin-5").text
    assert said(staffed.store)[0] == ("system", "agent added", target(staffed, "admin-5"), "done")


def test_at_the_shell_everything_is_noted_as_the_operators(staffed: House, clock: FakeClock) -> None:
    def run(session: Session) -> None:
        added = people.add(session, SHELL, "周", clock(), queues=["hotline"])
        people.change_role(session, SHELL, added, "supervisor", clock())
        people.change_queues(session, SHELL, staffed.office, added, "-", clock())
        people.remove(session, SHELL, staffed.office, added, clock())

    staffed.store.write_now(run)
    rows = staffed.rows(Audit)
    assert [row.action for row in rows] == ["agent added", "role changed", "queues changed", "agent removed"]
    assert {(row.actor, row.target, row.data["shell"]) for row in rows} == {("system", target(staffed, "周"), True)}
    assert verified(staffed.store).broken is None


def test_a_refusal_at_the_shell_is_in_both_languages(staffed: House) -> None:
    with pytest.raises(DeskError, match=r"没有叫「谁」的同事.* / Nobody here is called 谁"):
        staffed.store.read_now(people.named, SHELL, "谁")


def test_the_list_of_people_says_what_they_do_and_hold(staffed: House) -> None:
    staffed.verb("li", "take 1")
    told = attempt(staffed, "boss", "agents").text
    assert "共 5 人" in told
    assert "li（坐席）客服，手上 1 张" in told
    assert "root（管理员）全部队列，手上 0 张" in told


def test_links_that_ran_out_a_week_ago_are_forgotten(staffed: House, clock: FakeClock) -> None:
    from triagebot.desk import erase

    staffed.store.write_now(links.issue, "sign_in", clock(), by="system")
    clock.advance(days=8)
    staffed.store.write_now(links.issue, "sign_in", clock(), by="system")
    staffed.store.write_now(erase.purge, staffed.office, clock(), timedelta(days=180))
    kept = staffed.store.read_now(lambda s: len(s.exec(select(OneTimeLink).order_by(col(OneTimeLink.id))).all()))
    assert kept == 1


def test_two_admins_who_remove_each_other_leave_one(house: House) -> None:
    from concurrent.futures import ThreadPoolExecutor

    house.agent("one", role="admin")
    house.agent("two", role="admin")
    house.agent("li")
    with ThreadPoolExecutor(2) as both:
        tries = [both.submit(attempt, house, who, f"remove {whom}") for who, whom in (("one", "two"), ("two", "one"))]
        done = [each.exception() or each.result() for each in tries]
    assert sum(isinstance(d, Attempt) and d.refusal is None for d in done) == 1
    assert sum(a.active and a.role == "admin" for a in house.rows(Agent)) == 1


def test_who_acts_is_named_by_number() -> None:
    assert By.agent(Agent(id=3, name="li", lang="en")) == By("agent:3", "en")
