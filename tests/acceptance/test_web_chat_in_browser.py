"""The chat's page in a real Chromium, before a real service: what a person sees, does, and is spared."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.acceptance.service import Service, environment
from tests.chromium import chromium

PATIENCE_MS = 60_000
XSS = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>刷脸"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[str, dict[str, str]]]:
    """Another site: its address, and its pages, which a test writes."""
    pages: dict[str, str] = {}

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", "style-src 'none'")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", pages
    server.shutdown()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, models: Path, host: tuple[str, dict[str, str]]) -> Iterator[str]:
    """Where the service is."""
    folder = tmp_path_factory.mktemp("service")
    elsewhere = host[0].replace("127.0.0.1", "localhost")
    env = environment(folder, models, TRIAGEBOT_TELEGRAM_TOKEN="", TRIAGEBOT_WEB_EMBED=f"{host[0]} {elsewhere}")
    service = Service(env, "", folder)
    service.start()
    end = time.monotonic() + 120
    while not (service.web and service.says("run.started")):
        assert time.monotonic() < end, service.log.read_text()
        time.sleep(0.1)
    yield service.web
    service.kill()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="zh-CN")
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, web: str) -> Page:
    return opened(context, web)


def opened(context: BrowserContext, web: str) -> Page:
    page = context.new_page()
    page.goto(web)
    return page


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def press(page: Page, label: str) -> None:
    page.locator(".buttons button", has_text=label).last.click()


def lines(page: Page) -> list[str]:
    return page.locator(".entry .bubble").all_inner_texts()


def see(page: Page, text: str) -> None:
    expect(page.locator(".entry .bubble", has_text=text).last).to_be_visible(timeout=PATIENCE_MS)


def test_a_newcomer_reaches_a_ticket_reloads_and_goes_on_in_a_second_tab(
    page: Page, context: BrowserContext, web: str
) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    write(page, "刷脸老是不过")
    for _ in range(2):
        expect(page.locator(".buttons button", has_text="还不行")).to_have_count(1, timeout=PATIENCE_MS)
        press(page, "还不行")
    see(page, "工单号 #")
    expect(page.locator(".dots")).to_be_hidden()
    before = lines(page)
    page.reload()
    see(page, "工单号 #")
    assert lines(page) == before
    second = opened(context, web)
    see(second, "工单号 #")
    write(second, "还有一句")
    see(page, "还有一句")
    assert complaints == []


def test_markup_is_text_wherever_it_comes_from(page: Page) -> None:
    write(page, XSS)
    see(page, "<script>")
    expect(page.locator(".entry.us")).to_have_count(2, timeout=PATIENCE_MS)
    page.reload()
    see(page, "<script>")
    assert page.locator(".entry img, .entry script").count() == 0
    assert "hacked" not in page.title()


def test_what_is_written_without_a_network_is_sent_when_it_is_back_and_once(
    page: Page, context: BrowserContext
) -> None:
    write(page, "第一句，刷脸不过")
    expect(page.locator(".entry.us")).to_have_count(2, timeout=PATIENCE_MS)
    context.set_offline(True)
    write(page, "断网时写的")
    expect(page.locator(".entry.unsent .state")).to_have_text("没发出去，正在重试……", timeout=PATIENCE_MS)
    context.set_offline(False)
    expect(page.locator(".entry.unsent")).to_have_count(0, timeout=PATIENCE_MS)
    page.reload()
    see(page, "断网时写的")
    assert lines(page).count("断网时写的") == 1


def test_an_answer_that_is_lost_does_not_double_the_message(page: Page) -> None:
    lost = []

    def lose(route: object) -> None:
        if not lost:
            lost.append(route.fetch())  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/chat/messages*", lose)
    write(page, "收不到验证码")
    expect(page.locator(".entry.unsent")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator(".entry.us")).to_have_count(2, timeout=PATIENCE_MS)
    page.reload()
    see(page, "收不到验证码")
    assert lost[0].status == 200
    assert lines(page).count("收不到验证码") == 1


def test_a_picture_is_taken_and_a_report_file_is_refused_in_words(page: Page) -> None:
    picture = {"name": "<b>.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 2000}
    page.locator("#file").set_input_files(files=[picture])  # type: ignore[list-item]
    see(page, "没能打开")
    report = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("#file").set_input_files(files=[report])  # type: ignore[list-item]
    expect(page.locator("#line")).to_contain_text("信用报告文件请不要发给任何人")


def test_the_menu_changes_the_language_and_forgets_by_keyboard(page: Page) -> None:
    write(page, "刷脸老是不过")
    expect(page.locator(".entry.us")).to_have_count(2, timeout=PATIENCE_MS)
    page.locator(".more summary").press("Enter")
    page.locator(".sheet a", has_text="English").press("Enter")
    expect(page.locator("h1")).to_have_text("Credit report helper", timeout=PATIENCE_MS)
    page.locator(".more summary").press("Enter")
    page.locator(".sheet button", has_text="Erase my data").press("Enter")
    expect(page.locator(".buttons button", has_text="rase")).to_be_visible(timeout=PATIENCE_MS)
    press(page, "rase")
    expect(page.locator(".entry")).to_have_count(2, timeout=PATIENCE_MS)
    assert "刷脸老是不过" not in lines(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_usable_by_everybody(browser: Browser, web: str, scheme: str) -> None:
    context = browser.new_context(locale="zh-CN", color_scheme=scheme, viewport={"width": 390, "height": 844})  # type: ignore[arg-type]
    page = opened(context, web)
    page.emulate_media(reduced_motion="reduce")
    write(page, "刷脸老是不过")
    expect(page.locator(".buttons button", has_text="转人工")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".more summary").click()
    found = [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page).response["violations"]]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than the phone"
    context.close()


def test_without_scripts_the_page_says_so(browser: Browser, web: str) -> None:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = opened(context, web)
    expect(page.locator("noscript p")).to_contain_text("JavaScript")
    context.close()


def test_another_site_shows_the_chat_in_a_corner_and_esc_closes_it(
    context: BrowserContext, web: str, host: tuple[str, dict[str, str]]
) -> None:
    site, pages = host
    pages["/"] = f"<!doctype html><html lang=zh><h1>店</h1><script src='{web}/widget.js' async></script></html>"
    page = opened(context, f"{site}/")
    button = page.get_by_role("button", name="征信查询遇到问题")
    button.click()
    chat = page.frame_locator("iframe")
    chat.locator("#text").fill("刷脸老是不过")
    chat.locator("#text").press("Enter")
    expect(chat.locator(".buttons button", has_text="转人工")).to_be_visible(timeout=PATIENCE_MS)
    assert chat.locator("a", has_text="坐席入口").count() == 0
    chat.locator("#text").press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_a_site_whose_frame_may_keep_no_cookie_offers_a_window_of_its_own(
    context: BrowserContext, web: str, host: tuple[str, dict[str, str]]
) -> None:
    site, pages = host
    pages["/"] = f"<!doctype html><html lang=zh><script src='{web}/widget.js' async></script></html>"
    page = opened(context, site.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="征信查询遇到问题").click()
    chat = page.frame_locator("iframe")
    chat.locator("#text").fill("刷脸老是不过")
    chat.locator("#text").press("Enter")
    expect(chat.locator("#line a")).to_have_attribute("href", "/", timeout=PATIENCE_MS)
    assert httpx.get(f"{web}/healthz").text == "ok\n"
