"""Pictures in a real browser: what a person sends and is shown, and what is left of it. What the pictures show is made up
(tests.acceptance.seeing)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.browser.house import House, free_port
from tests.acceptance.seeing import HOLD, SEEING, asking
from tests.acceptance.service import environment
from tests.pictures import plain

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path, browser: Browser) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("pictures")
    port = free_port()
    env = environment(folder, models, TRIAGEBOT_WEB_PORT=str(port), **{HOLD: str(folder / "hold")})
    running = House(env, folder, browser, f"http://127.0.0.1:{port}", call=SEEING)
    running.start()
    yield running
    running.close()


def send(page: Page, data: bytes, chooser: str = "#file", kind: str = "image/png") -> None:
    page.locator(chooser).set_input_files(files=[{"name": "<b>.png", "mimeType": kind, "buffer": data}])


def said(page: Page, text: str) -> Locator:
    return page.locator(".entry.us .bubble", has_text=text).last


def is_drawn(picture: Locator) -> bool:
    return bool(picture.evaluate("image => image.complete && image.naturalWidth > 0"))


def test_a_screenshot_is_shown_read_and_after_a_reload_a_word(house: House) -> None:
    page = house.window()
    page.goto(house.url)
    hold = house.folder / "hold"
    hold.touch()
    send(page, asking(plain(), what="screen", text="人脸识别未通过\n请在光线充足的环境下重试"))
    expect(page.locator(".entry.unsent .state")).to_have_text("正在看图……")
    mine = page.get_by_role("img", name="您发的图片")
    expect(mine).to_be_visible()
    assert is_drawn(mine)
    hold.unlink()
    expect(said(page, "截图里写着")).to_contain_text("人脸识别未通过")
    expect(page.locator(".entry.unsent")).to_have_count(0)
    expect(mine).to_be_visible()
    page.reload()
    expect(said(page, "截图里写着")).to_be_visible()
    expect(page.locator(".entry.me .bubble")).to_have_text("图片")
    expect(mine).to_have_count(0)
    assert house.errors == []


def test_a_light_check_on_a_phone_is_taken_with_its_camera_and_shown_with_what_was_measured(house: House) -> None:
    page = house.window(**PHONE)
    page.goto(house.url)
    camera = page.locator("#camera-row")
    page.locator("#text").fill("刷脸老是不过")
    page.locator("#text").press("Enter")
    page.get_by_role("button", name="测一测光线").click()
    expect(said(page, "照片只用来量光线")).to_be_visible()
    expect(camera).to_be_visible()
    send(page, asking(plain(form="JPEG"), what="light", faults=["side_right"]), "#camera", "image/jpeg")
    expect(said(page, "脸的右半边太暗")).to_be_visible()
    measured = page.get_by_role("img", name="助手发来的图片")
    expect(measured).to_be_visible()
    assert is_drawn(measured)
    expect(camera).to_be_visible()  # for another try
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    expect(measured).to_be_visible()
    expect(page.locator(".entry.me").last).to_contain_text("图片")
    page.get_by_role("button", name="还不行", exact=True).last.click()
    expect(camera).to_be_hidden()
    assert house.errors == []


def test_what_cannot_be_shown_is_the_word_and_is_still_answered(house: House) -> None:
    page = house.window()
    page.goto(house.url)
    send(page, b"\x89PNG\r\n\x1a\n" + b"0" * 2000)
    expect(said(page, "没能打开")).to_be_visible()
    expect(page.locator(".entry.me .bubble")).to_have_text("图片")


def test_a_picture_comes_back_after_a_lost_connection_and_is_heard_once(house: House) -> None:
    page = house.window()
    page.goto(house.url)
    lost: list[int] = []

    def lose(route: object) -> None:
        if not lost:
            lost.append(route.fetch().status)  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/chat/pictures?*", lose)
    send(page, asking(plain(), what="screen", text="短信验证码已发送"))
    expect(said(page, "截图里写着")).to_be_visible()
    expect(page.locator(".entry.unsent")).to_have_count(0)
    page.reload()
    expect(page.locator(".entry.me")).to_have_count(1)
    assert lost == [200]
    house.errors.clear()
