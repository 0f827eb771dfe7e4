"""The board in a browser: what stands on it, for whom, narrowed how, and how little is done for those who only look again."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from tests.browsing import URL, Browser, Desk
from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import FACE, House, office
from triagebot.desk import board, escalation, tickets
from triagebot.desk.team import agents
from triagebot.desk.tickets import Opening
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Ticket
from triagebot.web.desk import routes

HOSTILE = '<img src=x onerror="alert(1)">&"\''


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock)


def _numbers(page: httpx.Response) -> list[int]:
    return [int(n) for n in re.findall(r'class="what" id="t-(\d+)"', page.text)]


def _columns(page: httpx.Response) -> dict[str, str]:
    return dict(re.findall(r'<h2 id="head-([a-z_]+)">[^<]*</h2> <span class="count">(\d+)', page.text))


def _fill(desk: Desk, count: int, **more: Any) -> None:
    """So many tickets of customer service, with people for an hour."""

    def write(session: Session) -> None:
        at = desk.clock() - timedelta(hours=1)
        person = Conversation(channel="telegram", bot="1", chat="9", user="9", created_at=at, updated_at=at,
                              user_name=more.pop("user_name", ""))  # fmt: skip
        session.add(person)
        session.flush()
        facts = {"category": FACE, "platform": "wechat", "priority": "P3"}
        opening = Opening(person, "zh", facts, more.pop("summary", "刷脸不过"))
        for ticket in tickets.open_all(session, office(), [opening] * count, at):
            escalation.escalate(session, office(), ticket, "bot", at, queue="customer_service", priority="P3",
                                reason="asked_for_human")  # fmt: skip
            for name, value in more.items():
                setattr(ticket, name, value)

    desk.store.write_now(write)


def test_columns_are_the_queues_with_their_tickets_and_counts(queued: House, desk: Desk) -> None:
    page = desk.at("boss").get("/desk")
    assert page.status_code == 200
    assert _columns(page) == {"customer_service": "1", "hotline": "0", "security": "0"}
    assert _numbers(page) == [1]
    for words in ("标题 verification.face", "刷脸不过", "还剩 2 小时", "接手"):
        assert words in page.text


@on_sqlite
def test_an_agent_sees_the_columns_of_their_queues_only(queued: House, desk: Desk) -> None:
    wang, li = desk.at("wang"), desk.at("li")
    assert _numbers(wang.get("/desk?shape=list&state=all")) == []
    assert _columns(li.get("/desk")) == {"customer_service": "1"}
    queued.verb("boss", "transfer 1 hotline")
    assert _columns(wang.get("/desk")) == {"hotline": "1"}
    assert _numbers(li.get("/desk?state=all")) == []


def test_the_board_is_narrowed_by_what_stands_in_the_address(queued: House, desk: Desk, clock: FakeClock) -> None:
    queued.hear("没收到报告", chat="8")
    queued.press("human:2", chat="8")
    queued.verb("li", "take 1")
    boss, li = desk.at("boss"), desk.at("li")
    clock.advance(hours=3)
    for address, found in (
        ("", {1, 2}), ("who=none", {2}), ("who=me", set()), ("state=assigned", {1}), ("state=bot", set()),
        ("state=late", {1, 2}), ("priority=P1", set()), ("queue=hotline", set()), ("q=没收到", {2}), ("q=due:>1d", set()),
        ("q=assignee:li", {1}), ("tag=急", set()), ("shape=list&sort=newest", {1, 2}), ("queue=nonsense&page=x", {1, 2}),
        ("tag=%00&q=%00", {1, 2}),
    ):  # fmt: skip
        assert set(_numbers(boss.get(f"/desk?{address}"))) == found, address
    assert _numbers(li.get("/desk?who=me")) == [1]
    assert _numbers(boss.get("/desk?shape=list&sort=newest")) == [2, 1]


@on_sqlite
def test_a_search_that_is_not_understood_is_told_beside_the_search_box(queued: House, desk: Desk) -> None:
    page = desk.at("boss").get("/desk?q=due:soonish")
    assert page.status_code == 200
    assert "「due:soonish」看不懂" in page.text
    assert 'value="due:soonish"' in page.text


@on_sqlite
def test_what_is_empty_says_something(desk: Desk) -> None:
    browser = desk.signed_in()
    assert "现在没有等人处理的工单" in browser.get("/desk").text
    narrowed = browser.get("/desk?who=me").text
    assert "没有符合条件的工单" in narrowed
    assert 'href="/desk">清除条件' in narrowed


def test_taking_from_the_board_and_who_comes_second_hears_who_was_first(queued: House, desk: Desk) -> None:
    li, zhao = desk.at("li"), desk.at("zhao")
    taken = li.post("/desk/tickets/1/take", part=True)
    assert (taken.status_code, "由您处理" in taken.text) == (200, True)
    assert '"desk:done"' in taken.headers["hx-trigger"]
    second = zhao.post("/desk/tickets/1/take", part=True)
    assert second.status_code == 403
    assert "li" in second.text
    assert "10:00" in second.text
    assert 'class="toast bad"' in second.text
    assert queued.ticket().assignee_id == li.agent_id
    assert "接手 #1" not in zhao.get("/desk").text


@on_sqlite
def test_more_than_a_page_is_a_link_away(desk: Desk) -> None:
    _fill(desk, board.PAGE + 3)
    browser = desk.signed_in(role="supervisor")
    page = browser.get("/desk")
    assert (_columns(page)["customer_service"], len(_numbers(page))) == ("43", board.PAGE)
    assert "还有 3 张" in page.text
    first, rest = browser.get("/desk?shape=list"), browser.get("/desk?shape=list&page=1")
    assert "page=1" in first.text
    assert len(_numbers(rest)) == 3
    assert set(_numbers(first)) | set(_numbers(rest)) == set(range(1, board.PAGE + 4))


@on_sqlite
def test_nothing_a_person_wrote_is_taken_for_a_page(desk: Desk) -> None:
    _fill(desk, 1, summary=HOSTILE, user_name=HOSTILE, tags=HOSTILE, category=HOSTILE)
    browser = desk.signed_in(HOSTILE)
    for address in ("/desk", f"/desk?q={HOSTILE}&tag={HOSTILE}", "/desk?shape=list", "/desk/board"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert "&lt;img src=x" in page.text or "tag=" in address


@on_sqlite
def test_a_colleague_who_speaks_english_reads_english(queued: House, desk: Desk) -> None:
    page = desk.signed_in("Kim", lang="en").get("/desk").text
    assert 'lang="en"' in page
    for words in ("2 h left", "Take", "Filter and sort"):
        assert words in page
    assert "接手" not in page


def _part(browser: Browser, address: str) -> httpx.Response:
    return browser.get(address, part=True)


@on_sqlite
def test_who_has_the_board_as_it_is_is_sent_nothing(queued: House, desk: Desk) -> None:
    boss = desk.at("boss")
    again = re.search(r'hx-get="(/desk/board\?[^"]*)"', boss.get("/desk?who=none").text)
    assert again is not None
    address = again[1].replace("&amp;", "&")
    assert _part(boss, address).status_code == 204
    queued.verb("li", "take 1")
    changed = _part(boss, address)
    assert (changed.status_code, _numbers(changed)) == (200, [])
    assert changed.headers["hx-replace-url"] == "/desk?who=none"


async def _ask(app: FastAPI, browser: Browser, address: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, cookies=browser.cookies) as client:
        return await client.get(address)


def test_what_many_look_at_is_made_once_and_holds_nothing_of_one_of_them(
    queued: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = board.board

    def counted(*args: Any) -> Any:
        made.append(1)
        return real(*args)

    monkeypatch.setattr(board, "board", counted)
    site = desk.site()
    app = FastAPI(redirect_slashes=False)
    routes.mount(app, site)
    li, zhao, wang, boss = (desk.at(name) for name in ("li", "zhao", "wang", "boss"))

    async def look(*browsers: Browser) -> list[str]:
        return [a.text for a in await asyncio.gather(*(_ask(app, b, "/desk/board") for b in browsers))]

    async def run() -> None:
        same = await look(li, zhao, li, zhao)
        assert len(set(same)) == 1
        assert len(made) == 1
        assert li.csrf() not in same[0]
        others = await look(wang, boss)
        assert len({*others, *same}) == 3
        assert len(made) == 3
        await site.store.write(_say_something, desk)
        await look(li, zhao)
        assert len(made) == 4
        assert "等了 1 分钟" not in same[0]
        desk.clock.advance(seconds=61)
        assert "等了 1 分钟" in (await look(li))[0]

    asyncio.run(run())


def _say_something(session: Session, desk: Desk) -> None:
    ticket = session.get_one(Ticket, 1)
    tickets.record(session, office(), ticket, "note", "agent:1", desk.clock(), {"text": "看一下"})


@on_sqlite
def test_a_board_that_could_not_be_made_is_made_by_the_next_who_asks(queued: House, desk: Desk) -> None:
    app = FastAPI(redirect_slashes=False)
    site = desk.site()
    routes.mount(app, site)
    boss = desk.at("boss")

    async def run() -> None:
        unknown = await _ask(app, boss, "/desk/board?q=assignee:nobody")
        assert "nobody" in unknown.text
        await site.store.write(_hire, desk, "nobody")
        assert "nobody" not in re.sub(
            r'hx-get="[^"]*"', "", (await _ask(app, boss, "/desk/board?q=assignee:nobody")).text
        )

    asyncio.run(run())


def _hire(session: Session, desk: Desk, name: str) -> None:
    agents.add(session, name, desk.clock())
