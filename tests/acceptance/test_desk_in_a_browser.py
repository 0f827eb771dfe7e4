"""Two colleagues at the desk in a real browser: what one does, the other sees without asking for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from tests.browsing import Desk
from tests.chromium import chromium, served, watched
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.store.store import Store
from triagebot.web import pages
from triagebot.web.desk import routes
from triagebot.web.live import Live
from triagebot.web.site import Site

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def house(sqlite_url: str, clock: FakeClock) -> Iterator[House]:
    store = Store.open(sqlite_url)
    made = House(store, clock)
    made.agent("boss", role="supervisor")
    made.agent("zhao", queues=["customer_service"])
    yield made
    store.close()


@pytest.fixture
def url(house: House, clock: FakeClock) -> Iterator[str]:
    def build(url: str, stopping: asyncio.Event) -> FastAPI:
        site = Site(house.store, house.office, clock, url, Live(house.store, stopping, every_s=0.2), stopping)
        app = FastAPI(redirect_slashes=False)
        for path, give in pages.files().items():
            app.add_api_route(path, give, methods=["GET"], response_model=None)
        routes.mount(app, site)
        return app

    with served(build) as address:
        yield address


def _hear(house: House, words: str, **more: Any) -> None:
    """Playwright has an event loop of its own running here, so that the house is asked in another thread."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(house.hear, words, **more).result()


def _queued(house: House, words: str = "刷脸不过", **more: Any) -> None:
    """The person says so, and asks for people."""
    _hear(house, words, **more)
    _hear(house, "", kind="press", action="human:1")


def _enter(browser: Browser, url: str, house: House, number: int) -> tuple[Page, list[str]]:
    page, wrong = watched(browser, url, viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page.goto(f"{url}/desk/sign-in?token={Desk(house.store, house.clock).link(number)}")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{url}/desk")
    return page, wrong


def test_two_colleagues_share_a_board_and_a_ticket(browser: Browser, url: str, house: House) -> None:
    (boss, wrong), (zhao, wrong_too) = (_enter(browser, url, house, number) for number in (1, 2))
    expect(zhao.get_by_text("现在没有等人处理的工单")).to_be_visible()

    _queued(house, f"刷脸不过 {HOSTILE}", user_name=HOSTILE)
    for page in (boss, zhao):
        expect(page.locator("#t-1")).to_be_visible()
    expect(zhao.locator("time[data-due]")).to_have_text(re.compile("还剩 (2 小时|1 小时 59 分钟)"))

    zhao.keyboard.press("j")
    expect(zhao.locator("#t-1")).to_be_focused()
    zhao.keyboard.press("t")
    expect(zhao.locator(".toast")).to_contain_text("由您处理")
    expect(boss.locator(".row .has")).to_contain_text("zhao 处理中")
    expect(zhao.locator("#t-1")).to_be_focused()

    zhao.keyboard.press("Enter")
    zhao.wait_for_url(f"{url}/desk/tickets/1")
    boss.goto(f"{url}/desk/tickets/1")
    zhao.keyboard.press("r")
    expect(zhao.locator("#reply-text")).to_be_focused()
    zhao.keyboard.press("Escape")
    zhao.keyboard.press("m")
    zhao.keyboard.type("亮处")
    zhao.keyboard.press("Enter")
    expect(zhao.locator("#reply-text")).to_have_value("请站到窗边再试一次。")

    boss.locator("#reply-text").fill("我是主管，我来回复您")
    zhao.keyboard.press("Control+Enter")
    expect(boss.locator(".said.agent")).to_contain_text("请站到窗边")
    expect(zhao.locator("#reply-text")).to_have_value("")
    boss.keyboard.press("Control+Enter")
    expect(boss.locator("#crossed")).to_contain_text("zhao 刚刚已经回复了用户")
    expect(boss.locator("#reply-text")).to_have_value("我是主管，我来回复您")
    assert house.types().count("agent_replied") == 1
    boss.locator("#reply-text").press("Control+Enter")
    expect(zhao.locator(".said.agent")).to_have_count(2)

    _hear(house, "好了，谢谢")
    expect(zhao.locator(".said.user").last).to_contain_text("好了，谢谢")
    zhao.keyboard.press("Escape")
    zhao.keyboard.press("e")
    zhao.keyboard.type("换到亮处就好了")
    zhao.keyboard.press("Control+Enter")
    expect(zhao.locator("#head")).to_contain_text("已解决")
    expect(boss.locator("#head")).to_contain_text("已解决")
    expect(zhao.locator("#composer")).to_contain_text("这张工单已经结束")
    zhao.keyboard.press("u")
    zhao.wait_for_url(f"{url}/desk")
    assert (wrong, wrong_too) == ([], [])


def test_what_is_begun_is_not_disturbed_by_what_others_do(browser: Browser, url: str, house: House) -> None:
    _queued(house)
    zhao, wrong = _enter(browser, url, house, 2)
    zhao.goto(f"{url}/desk/tickets/1")
    zhao.locator("#reply-text").fill("写到一半")
    zhao.keyboard.press("Escape")
    zhao.keyboard.press("x")
    zhao.locator("#transfer-reason").fill("要查记录")
    house.verb("boss", "note 1 看一下")
    expect(zhao.locator(".said.note")).to_contain_text("看一下")
    expect(zhao.locator("#transfer-reason")).to_have_value("要查记录")
    expect(zhao.locator("#reply-text")).to_have_value("写到一半")
    zhao.keyboard.press("Escape")
    house.verb("boss", "priority 1 P2")
    expect(zhao.locator("#head")).to_contain_text("P2")
    zhao.wait_for_timeout(2000)
    zhao.reload()
    expect(zhao.locator("#reply-text")).to_have_value("写到一半")
    assert wrong == []


def test_a_session_that_is_over_leads_to_the_sign_in_page(
    browser: Browser, url: str, house: House, clock: FakeClock
) -> None:
    zhao, wrong = _enter(browser, url, house, 2)
    clock.advance(hours=13)
    zhao.keyboard.press("/")
    zhao.keyboard.type("刷脸")
    zhao.wait_for_url(re.compile("/desk/sign-in"))
    assert wrong == []


def test_the_dark_stays_and_the_page_fits_a_phone(browser: Browser, url: str, house: House) -> None:
    _queued(house)
    zhao, wrong = _enter(browser, url, house, 2)
    zhao.set_viewport_size({"width": 390, "height": 844})
    zhao.locator("#me summary").click()
    zhao.get_by_role("button", name="深色").click()
    for path in ("/desk", "/desk/tickets/1"):
        zhao.goto(url + path)
        assert zhao.locator("html").get_attribute("data-theme") == "dark"
        assert zhao.evaluate("document.documentElement.scrollWidth") == 390
    assert wrong == []
