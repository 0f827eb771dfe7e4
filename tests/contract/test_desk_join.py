"""Joining the web desk by an invitation, in a browser."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from tests.auditing import said
from tests.browsing import Browser, Desk
from tests.conftest import FakeClock
from triagebot.desk.team import invitations
from triagebot.desk.team.invitations import Grant
from triagebot.desk.team.people import SHELL
from triagebot.store.store import Store
from triagebot.store.tables import Agent, OneTimeLink
from triagebot.web.desk import door, routes
from triagebot.web.desk.door import Route, Visit


@pytest.fixture
def desk(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    async def who(visit: Visit) -> door.Response:
        return door.Response(f"{visit.agent.name} {visit.agent.role} {visit.agent.queues}")

    monkeypatch.setattr(routes, "ROUTES", (*routes.ROUTES, Route("GET", "/desk/who", who)))
    return Desk(store, clock)


def invited(desk: Desk, **grant: str) -> str:
    return desk.store.write_now(invitations.invite, SHELL, Grant(**grant), desk.clock())


def names(desk: Desk) -> list[str]:
    return desk.store.read_now(lambda s: [a.name for a in s.exec(select(Agent).order_by(col(Agent.id)))])


def test_who_is_invited_says_a_name_and_is_in(desk: Desk) -> None:
    token, browser = invited(desk, role="supervisor", queues="hotline"), desk.browser()
    page = browser.get(f"/desk/join?token={token}").text
    assert "您的称呼" in page
    assert browser.get("/desk/who").status_code == 303, "looking at the link changes nothing"
    assert browser.post("/desk/join", token=token, name="  小  陈 ").headers["location"] == "/desk"
    assert browser.get("/desk/who").text == "小 陈 supervisor hotline"
    assert [row[1] for row in said(desk.store)] == ["invited", "joined"]


def test_a_second_one_with_the_same_link_stays_outside(desk: Desk) -> None:
    token = invited(desk)
    desk.browser().post("/desk/join", token=token, name="小陈")
    other: Browser = desk.browser()
    answer = other.post("/desk/join", token=token, name="小陆")
    assert answer.status_code == 403
    assert "已经用过" in answer.text
    assert names(desk) == ["小陈"]
    assert said(desk.store)[-1] == ("user:web", "join", "", "denied")


def test_without_a_name_nothing_happens_and_the_link_still_works(desk: Desk) -> None:
    token, browser = invited(desk), desk.browser()
    answer = browser.post("/desk/join", token=token, name=" \n ")
    assert answer.status_code == 422
    assert f'value="{token}"' in answer.text
    assert browser.post("/desk/join", token=token, name="小陈").status_code == 303


def test_who_is_signed_in_already_does_not_use_it_up(desk: Desk) -> None:
    browser, token = desk.signed_in("小李"), invited(desk, role="admin")
    answer = browser.post("/desk/join", token=token, name="小李二号")
    assert answer.status_code == 409
    assert "小李" in answer.text
    assert names(desk) == ["小李"]
    assert (
        desk.store.read_now(
            lambda s: s.exec(select(OneTimeLink).where(OneTimeLink.purpose == "invitation")).one()
        ).used_at
        is None
    )


def test_a_form_of_another_site_brings_nobody_in(desk: Desk) -> None:
    token = invited(desk)
    assert (
        desk.browser().post("/desk/join", origin="https://evil.example.org", token=token, name="x").status_code == 403
    )
    assert names(desk) == []


def test_a_name_is_only_text(desk: Desk) -> None:
    browser = desk.browser()
    browser.post("/desk/join", token=invited(desk), name="<script>alert(1)</script>")
    again = browser.post("/desk/join", token=invited(desk), name="x").text
    assert "<script>alert" not in again
    assert "&lt;script&gt;" in again


def test_under_another_name_and_without_a_link_there_is_only_advice(desk: Desk) -> None:
    assert desk.browser().get("/desk/join", host="rebound.example.net").status_code == 421
    assert "/invite" in desk.browser().get("/desk/join").text
