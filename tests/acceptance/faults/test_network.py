"""A network that refuses, fails, hangs up and forgets to answer: everybody hears everything in the end, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import col, select

from tests.acceptance.faults.conftest import Observe
from tests.acceptance.faults.network import Attempt, Fault, FaultyTelegram
from tests.acceptance.faults.people import People, opened, outcome, wait_until_all_is_done
from tests.acceptance.service import Service, environment, triagebot
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.store.tables import Event, Outbox

pytestmark = pytest.mark.xdist_group("faults of the network")


@dataclass
class Crew:
    """One service for all cases of this file; each has people of its own. ``long``: the long versions, on PostgreSQL."""

    telegram: FaultyTelegram
    service: Service
    store: Store
    long: bool
    first: int = 7001

    def people(self, count: int) -> People:
        self.first += 1000
        return People(self.telegram, count, self.first)

    def after(self, people: People, timeout: float = 90.0) -> None:
        wait_until_all_is_done(people, self.store, timeout)


@pytest.fixture(
    scope="module",
    params=[pytest.param(False, id="short-sqlite"), pytest.param(True, id="long-postgres", marks=pytest.mark.long)],
)
def one_crew(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    url = request.getfixturevalue("postgres_of_module") if request.param else f"sqlite:///{folder / 'bot.db'}"
    migrate.upgrade(url)
    env = environment(folder, models, TRIAGEBOT_DATABASE_URL=url, TRIAGEBOT_TELEGRAM_RATE="100000")
    with FaultyTelegram() as telegram, opened(url) as store:
        service = Service(env, telegram.base, folder)
        service.start()
        yield Crew(telegram, service, store, request.param)
        service.kill()


@pytest.fixture
def crew(one_crew: Crew) -> Iterator[Crew]:
    """Without the faults of the case before."""
    one_crew.telegram.faults.clear()
    one_crew.telegram.happened.clear()
    one_crew.telegram.attempts.clear()
    yield one_crew
    one_crew.telegram.faults.clear()


@pytest.mark.timeout(600)
@pytest.mark.fault("429 风暴，retry_after", "storm of 429, retry_after")
def test_a_storm_of_429_is_waited_out_and_nobody_is_spoken_to_too_early(crew: Crew, observe: Observe) -> None:
    """retry_after is 30 s in the long version; a chat that was named, and once two were named all chats, are left alone."""
    wait_s, storm, people = (30.0, 40, crew.people(50)) if crew.long else (1.0, 8, crew.people(10))
    crew.telegram.faults.append(Fault("429", "sendmessage", chance=0.3, times=storm, seconds=wait_s))
    people.say(3 * people.count)
    crew.after(people, 500)
    found = outcome(people, crew.store)
    early = sum(
        later.at - earlier.at < 0.95 * wait_s
        for chat in people.said
        for earlier, later in pairwise(
            a for a in crew.telegram.attempts if a.chat == chat and a.method == "sendmessage"
        )
        if earlier.fault == "429"
    )
    observe(refused=crew.telegram.happened["429"], retry_after_s=int(wait_s), too_early=early,
            **found.figures(people.messages))  # fmt: skip
    assert crew.telegram.happened["429"] > 1
    assert early == 0
    assert silences_were_kept(crew.telegram.attempts, wait_s)
    assert found.clean, found
    assert found.repeated == 0


def silences_were_kept(attempts: list[Attempt], wait_s: float) -> bool:
    """After a second chat has been refused while the first still waits, nobody is spoken to until that time is over: but for
    what was under way in that moment (a second, generously)."""
    refused = [a for a in attempts if a.fault == "429"]
    for one, other in pairwise(refused):
        if one.chat != other.chat and other.at - one.at < 0.5 * wait_s:
            quiet_from, quiet_to = other.at + min(1.0, 0.4 * wait_s), other.at + 0.9 * wait_s
            if any(quiet_from < a.at < quiet_to and a.method == "sendmessage" for a in attempts):
                return False
    return True


@pytest.mark.timeout(600)
@pytest.mark.fault("5xx、超时、断线、办了却没答复", "5xx, timeouts, resets, answers lost after the server did it")
def test_whatever_the_network_does_everybody_hears_everything(crew: Crew, observe: Observe) -> None:
    """A lost answer costs one repetition: nobody can know that the message had arrived."""
    times, people = (40, crew.people(100)) if crew.long else (3, crew.people(10))
    patience_s = 45.0 if crew.long else 2.0  # the product gives the network 35 s
    crew.telegram.faults += [
        Fault("500", "sendmessage", chance=0.1, times=times), Fault("502", "sendmessage", chance=0.1, times=times),
        Fault("drop", "sendmessage", chance=0.1, times=times), Fault("drop_after", "sendmessage", chance=0.1, times=times),
        Fault("slow", "sendmessage", chance=0.05, times=2, seconds=patience_s), Fault("502", "getupdates", times=2),
        Fault("drop", "getupdates", times=2), Fault("drop_after", "getupdates", times=2),
    ]  # fmt: skip
    people.say(3 * people.count)
    crew.after(people, 500)
    found = outcome(people, crew.store)
    met = sum(crew.telegram.happened.values())
    forgotten = sum(a.fault in ("drop_after", "slow") and a.method == "sendmessage" for a in crew.telegram.attempts)
    observe(faults=met, **found.figures(people.messages))
    assert met > times
    assert found.clean, found
    assert found.repeated <= forgotten


@pytest.mark.fault(
    "用户屏蔽了机器人（403），消息被拒（400）", "the user blocked the bot (403), a message is refused (400)"
)
def test_who_cannot_be_reached_is_a_dead_letter_on_the_ticket_and_holds_up_nobody(crew: Crew, observe: Observe) -> None:
    people = crew.people(4)
    blocked, refused, *others = range(people.first, people.first + people.count)
    crew.telegram.faults += [Fault("403", chat=blocked), Fault("400", "sendmessage", chat=refused, times=1)]
    people.say(2 * people.count)
    for person in others:
        crew.telegram.wait(lambda person=person: crew.telegram.count(person) > 0, f"an answer to {person}")
    gone = select(Outbox).where(Outbox.state == "dead", col(Outbox.chat).in_([str(blocked), str(refused)]))
    crew.telegram.wait(lambda: {one.chat for one in crew.store.read_now(lambda s: s.exec(gone).all())}
                       == {str(blocked), str(refused)}, "two dead letters")  # fmt: skip
    letters = crew.store.read_now(lambda s: list(s.exec(gone)))
    told = crew.store.read_now(
        lambda s: {e.ticket_id for e in s.exec(select(Event).where(Event.type == "undelivered"))}
    )
    listed = json.loads(triagebot(crew.service.env, "outbox", "list", "--json").stdout)
    observe(dead_letters=len(letters), told_on_their_tickets=sum(one.ticket_id in told for one in letters),
            others_answered=sum(crew.telegram.count(person) > 0 for person in others))  # fmt: skip
    assert {letter.ticket_id for letter in letters} <= told
    assert {letter.id for letter in letters} <= {one["id"] for one in listed}
    assert all("blocked" in letter.error for letter in letters if letter.chat == str(blocked))
    crew.telegram.says(refused, "验证码还是没有")
    crew.telegram.wait(lambda: crew.telegram.count(refused) > 0, "the next answer to the one whose message was refused")


@pytest.mark.fault("读不懂的更新（轮询）", "updates that nobody can read (polling)")
def test_updates_that_make_no_sense_are_put_aside_and_the_others_go_on(crew: Crew, observe: Observe) -> None:
    people = crew.people(3)
    deep = "x"
    for _ in range(200):
        deep = {"d": deep}  # type: ignore[assignment]
    poison = [
        {"message": "not an object"}, {"message": {"chat": 7}}, {"message": {"chat": {"id": [], "type": "private"}}},
        {"edited_message": None}, {"callback_query": {"from": 1}}, {"message": deep},
        {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}}},
    ]  # fmt: skip
    other_kinds = [{"a_kind_of_2031": {"id": 1}}, {"poll": {"id": "1"}}, {"message_reaction": {"chat": {"id": 1}}}]
    for update in (*poison, *other_kinds):
        crew.telegram.push(update)
        people.say(1)
    crew.telegram.wait(lambda: not crew.telegram.queue, "all to be confirmed")
    for person in people.said:
        crew.telegram.wait(lambda person=person: crew.telegram.count(person) > 0, f"an answer to {person}")
    crew.telegram.wait(lambda: outcome(people, crew.store).clean, "all words to be heard")
    letters = json.loads(triagebot(crew.service.env, "inbox", "list", "--json").stdout)
    observe(unreadable=len(poison), dead_letters=len(letters), of_other_kinds=len(other_kinds),
            **outcome(people, crew.store).figures(people.messages))  # fmt: skip
    assert len(letters) == len(poison)
    assert all(letter["error"] for letter in letters)


@pytest.mark.fault("负载下 SIGTERM", "SIGTERM under load")
def test_told_to_stop_under_load_it_stops_in_time_and_goes_on_afterwards(crew: Crew, observe: Observe) -> None:
    people = crew.people(60 if crew.long else 20)
    stops = 10 if crew.long else 1
    crew.telegram.wait(lambda: crew.service.says("run.started"), "the service")
    for _ in range(stops):
        people.say(2 * people.count // stops)
        seen = len(crew.telegram.sent)
        crew.telegram.wait(lambda seen=seen: len(crew.telegram.sent) > seen, "the first answers")
        assert crew.service.stop() == 0
        crew.service.start()
    crew.after(people)
    found = outcome(people, crew.store)
    observe(stops=stops, **found.figures(people.messages))
    assert found.clean, found
    assert found.repeated == 0
