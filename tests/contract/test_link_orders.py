"""Links that are asked for in chat: made when they are sent, to that chat only; afterwards the database cannot give one."""

from __future__ import annotations

import asyncio
import re

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from tests.auditing import said
from tests.conftest import FakeClock
from tests.contract.test_people import attempt
from tests.sending import Network, run, sender
from tests.unit.house import House
from triagebot.access import links, tokens
from triagebot.access.addresses import Addresses
from triagebot.desk.team import people
from triagebot.desk.team.people import SHELL
from triagebot.errors import DeliveryError, DeniedError
from triagebot.flow.deliver import Deliver
from triagebot.flow.orders import Orders
from triagebot.store import engines
from triagebot.store.tables import OneTimeLink, Outbox


def everything(url: str) -> str:
    """All rows of all tables, in one text."""
    engine = sa.create_engine(engines.parse(url))
    with engine.connect() as connection:
        found = [str(connection.execute(sa.select(table)).all()) for table in SQLModel.metadata.sorted_tables]
    engine.dispose()
    return "\n".join(found)


@pytest.fixture
def network(clock: FakeClock) -> Network:
    return Network(clock)


@pytest.fixture
def loop(queued: House, clock: FakeClock, network: Network) -> Deliver:
    queued.agent("root", role="admin")
    made = sender(queued.store, clock, network)
    made.addresses = Addresses("https://desk.example.com", "triage_bot")
    made.orders = Orders(made.store, made.store, made.office, clock, made.said, made.addresses)
    return made


def sent(loop: Deliver, network: Network, clock: FakeClock, chat: str) -> list[str]:
    """What ``chat`` hears once everything that waits has gone out, however long making it takes."""

    async def scene() -> None:
        for _ in range(60):
            await loop.once()
            await asyncio.gather(*loop.orders._tasks.values(), return_exceptions=True)
            clock.advance(seconds=1)

    run(scene())
    return network.texts(chat)


def token_in(text: str) -> str:
    found = re.search(r"token=([\w-]{43})", text)
    assert found is not None, text
    return found[1]


def test_a_link_to_the_web_desk_comes_into_the_agents_own_chat_and_works_once(
    queued: House, loop: Deliver, network: Network, clock: FakeClock, database_url: str
) -> None:
    assert attempt(queued, "li", "desk").text == ""
    assert queued.rows(OneTimeLink) == [], "nothing is made before it is sent"
    told = sent(loop, network, clock, "li")[-1]
    assert "https://desk.example.com/desk/sign-in?token=" in told
    assert [one.chat for one in network.taken if "token=" in one.text] == ["li"]
    token = token_in(told)
    kept = everything(database_url)
    assert token not in kept
    assert tokens.hashed(token) in kept
    link = queued.store.write_now(links.redeem, "sign_in", token, clock())
    assert link.agent_id == next(a.id for a in queued.store.read_now(lambda s: [people.named(s, SHELL, "li")]))
    with pytest.raises(DeniedError, match="used"):
        queued.store.write_now(links.redeem, "sign_in", token, clock())
    assert (f"agent:{link.agent_id}", "sign-in link", f"agent:{link.agent_id}", "done") in said(queued.store)


def test_nobody_who_reads_the_database_can_use_what_is_in_it(
    queued: House, loop: Deliver, network: Network, clock: FakeClock, database_url: str
) -> None:
    attempt(queued, "li", "desk")
    attempt(queued, "boss", "invite agent")
    sent(loop, network, clock, "boss")
    words = set(re.findall(r"[\w-]{43,}", everything(database_url)))
    assert words
    for word in words:
        for purpose in ("sign_in", "invitation"):
            with pytest.raises(DeniedError, match=r"link\.unknown"):
                queued.store.write_now(links.redeem, purpose, word, clock())  # type: ignore[arg-type]


def test_two_that_are_asked_for_are_two(queued: House, loop: Deliver, network: Network, clock: FakeClock) -> None:
    attempt(queued, "li", "desk")
    clock.advance(seconds=1)
    attempt(queued, "li", "desk")
    told = [text for text in sent(loop, network, clock, "li") if "token=" in text]
    assert len({token_in(text) for text in told}) == 2


def test_one_that_the_network_did_not_take_is_made_anew(
    queued: House, loop: Deliver, network: Network, clock: FakeClock
) -> None:
    attempt(queued, "boss", "desk")
    network.trouble["boss"] = [DeliveryError("out of reach", permanent=False)] * 3
    told = [text for text in sent(loop, network, clock, "boss") if "token=" in text]
    assert len(told) == 1
    assert queued.store.write_now(links.redeem, "sign_in", token_in(told[0]), clock()) is not None


def test_who_was_removed_before_it_was_sent_gets_none(
    queued: House, loop: Deliver, network: Network, clock: FakeClock
) -> None:
    attempt(queued, "li", "desk")
    queued.store.write_now(
        lambda s: people.remove(s, SHELL, queued.office, people.named(s, SHELL, "li"), clock()) and None
    )
    assert not any("token=" in text for text in sent(loop, network, clock, "li"))
    assert queued.rows(OneTimeLink) == []


def test_an_invitation_whose_maker_may_no_longer_invite_is_not_made(
    queued: House, loop: Deliver, network: Network, clock: FakeClock
) -> None:
    attempt(queued, "boss", "invite agent")
    attempt(queued, "root", "role boss agent")
    told = sent(loop, network, clock, "boss")
    assert any("权限已经变了" in text for text in told)
    assert not any("token=" in text for text in told)


def test_an_invitation_is_a_message_to_be_passed_on(
    queued: House, loop: Deliver, network: Network, clock: FakeClock
) -> None:
    attempt(queued, "boss", "invite agent hotline")
    told = next(text for text in sent(loop, network, clock, "boss") if "token=" in text)
    assert "https://t.me/triage_bot?start=join_" in told
    link = queued.rows(OneTimeLink)[-1]
    assert (link.purpose, link.data) == ("invitation", {"role": "agent", "queues": "hotline", "name": ""})
    assert [row.payload["order"]["grants"] for row in queued.rows(Outbox) if "order" in row.payload] == [
        [["queues", "hotline"], ["role", "agent"]]]  # fmt: skip


def test_who_has_no_chat_is_told_where_to_get_one(queued: House) -> None:
    queued.agent("web-only", channel="", user="")
    done = attempt(queued, "web-only", "desk")
    assert done.refusal is not None
    assert "triagebot agents link" in done.text
