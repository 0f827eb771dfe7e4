"""Every page of the desk in a real browser, over a made-up week in which somebody tries to break out of every field."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.house import House, free_port
from tests.acceptance.browser.test_newcomer import ticket_number
from tests.acceptance.service import environment, rules_folder, triagebot

BROKEN = "broken out"
HOSTILE = f"<img src=x onerror=\"document.title='{BROKEN}'\">\"'><script>document.title='{BROKEN}'</script>"
PAGES = (
    "/desk", "/desk?shape=list", "/desk/tickets/{ticket}", "/desk/users/{person}", "/desk/incidents", "/desk/incidents/1",
    "/desk/incidents/1/postmortem",
    "/desk/reports", "/desk/rules", "/desk/rules/verification.face", "/desk/people", "/desk/health", "/desk/me",
)  # fmt: skip
_TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll("main *")]
    .filter(e => e.getBoundingClientRect().right > window.innerWidth).map(e => e.outerHTML.slice(0, 80)).slice(-3)"""
_WIDTHS = {"light": (360, 820, 1280), "dark": (1100, 390)}
"""In pixels; the last one is that of the window in which all else is looked at."""
_GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, models: Path, browser: Browser) -> Iterator[House]:
    """The made-up week with hostile names, words, tags, titles and canned answers."""
    folder = tmp_path_factory.mktemp("week")
    rules = folder / "rules"
    shutil.copytree(rules_folder(), rules)
    port = free_port()
    env = environment(folder, models, TRIAGEBOT_WEB_PORT=str(port))
    filled = triagebot(env, "demo", "--people", "24", "--days", "2")
    assert filled.returncode == 0, filled.stderr
    assert triagebot(env, "demo").returncode == 2, "a database with data is refused"
    _made_hostile(folder / "bot.db")
    env |= {"TRIAGEBOT_RULES_DIR": str(_with_hostile_macro(rules))}
    running = House(env, folder, browser, f"http://127.0.0.1:{port}")
    running.start()
    yield running
    running.close()


def _made_hostile(file: Path) -> None:
    """Past every function that would clean it: pages must hold by themselves."""
    with sqlite3.connect(file) as database:
        database.execute("UPDATE conversation SET user_name = ?", (HOSTILE,))
        database.execute("UPDATE ticket SET summary = ?, tags = '<b>急</b>'", (HOSTILE,))
        database.execute("UPDATE incident SET title = ?, status_text = ?", (HOSTILE, HOSTILE))
        database.execute(
            "UPDATE event SET data = json_set(data, '$.text', ?) WHERE type IN ('user_replied', 'note', 'agent_replied')",
            (HOSTILE,),
        )
        database.execute("UPDATE agent SET name = ? WHERE name = '老赵'", (HOSTILE,))
        database.execute(
            "UPDATE ticket SET assignee_id = (SELECT id FROM agent WHERE name = ?), status = 'assigned' WHERE id = ?",
            (HOSTILE, _known(file)["ticket"]),
        )


def _with_hostile_macro(rules: Path) -> Path:
    file = rules / "macros.yaml"
    macros = yaml.safe_load(file.read_text(encoding="utf-8"))
    for macro in macros["macros"]:
        macro["title"] = {"zh": HOSTILE, "en": HOSTILE}
        macro["text"] = {"zh": f"您好，{HOSTILE}", "en": f"Hello, {HOSTILE}"}
    file.write_text(yaml.safe_dump(macros, allow_unicode=True), encoding="utf-8")
    return rules


def _known(file: Path) -> dict[str, int]:
    with sqlite3.connect(file) as database:
        ticket, person = database.execute(
            "SELECT id, conversation_id FROM ticket WHERE escalated_at IS NOT NULL AND status <> 'closed' ORDER BY id LIMIT 1"
        ).fetchone()
    return {"ticket": ticket, "person": person}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_lets_anything_out_of_its_field_and_each_can_be_used_by_everyone(week: House, theme: str) -> None:
    page = week.at_desk("周主管", color_scheme=theme, viewport={"width": _WIDTHS[theme][-1], "height": 900})
    seen, known = 0, _known(week.folder / "bot.db")
    for path in PAGES:
        page.goto(week.url + path.format(**known))
        expect(page.locator("main h1, main h2").first).to_be_visible()
        if path == "/desk/reports":
            expect(page.locator("main svg").first).to_be_visible()
        assert page.title() != BROKEN, path
        seen += page.get_by_text("<script>document.title").count()
        assert _found_by_axe(page) == [], path
        for width in _WIDTHS[theme]:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(_TOO_WIDE) == [], f"{path} scrolls sideways at {width} px"
    assert seen > 5, "what is hostile is shown as the words that it is"
    assert week.errors == []


def test_a_hostile_canned_answer_is_words_in_the_box_and_in_the_chat(week: House) -> None:
    desk = week.at_desk("周主管")
    person = week.window()
    person.goto(week.url)
    person.locator("#text").fill(f"转人工 {HOSTILE}")
    person.keyboard.press("Enter")
    desk.goto(f"{week.url}/desk/tickets/{ticket_number(person)}")
    desk.locator("button[data-macros]").click()
    desk.locator("#macros button[data-fill]").first.click()
    expect(desk.locator("#reply-text")).to_have_value(f"您好，{HOSTILE}")
    desk.locator("#box-reply button.main").click()
    expect(person.locator("#log")).to_contain_text("您好，<img src=x")
    assert BROKEN not in (desk.title(), person.title())
    assert week.errors == []


def test_a_session_that_is_over_leads_to_the_way_in_and_nothing_is_done(week: House) -> None:
    page = week.at_desk("周主管")
    page.goto(f"{week.url}/desk/me")
    with sqlite3.connect(week.folder / "bot.db") as database:
        database.execute("DELETE FROM web_session")
    page.get_by_role("button", name="开始接单").or_(page.get_by_role("button", name="停止接单")).first.click()
    expect(page.get_by_role("heading", name="登录坐席台")).to_be_visible()


def test_a_link_that_was_used_or_changed_lets_nobody_in(week: House) -> None:
    link = week.link("周主管")
    week.at_desk_by(link)
    second = week.window()
    second.goto(link)
    second.get_by_role("button", name="登录").click()
    expect(second.get_by_role("alert")).to_contain_text("已经用过")
    second.goto(link[:-1] + ("A" if link[-1] != "A" else "B"))
    second.get_by_role("button", name="登录").click()
    expect(second.get_by_role("alert")).to_contain_text("打不开")


def test_a_page_elsewhere_can_post_nothing_to_the_desk(week: House) -> None:
    """The other site is the same service under its other name: another origin for a browser."""
    page = week.at_desk("周主管")
    ticket = _known(week.folder / "bot.db")["ticket"]
    elsewhere = week.url.replace("127.0.0.1", "localhost")
    page.goto(f"{elsewhere}/")
    status = page.evaluate(
        """([url, body]) => fetch(
             url, {method: 'POST', credentials: 'include', mode: 'no-cors', body: new URLSearchParams(body)}
           ).then(() => 'sent', () => 'refused')""",
        [f"{week.url}/desk/tickets/{ticket}/note", {"text": "forged"}],
    )
    assert status in ("sent", "refused")
    with sqlite3.connect(week.folder / "bot.db") as database:
        assert database.execute("SELECT count(*) FROM event WHERE data LIKE '%forged%'").fetchone() == (0,)
    week.errors.clear()


def _found_by_axe(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in _GRAVE]
