"""The whole story in a real browser: a person with a problem in one window, a colleague at the desk in another."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.acceptance.browser.house import House


def ask(page: Page, words: str) -> None:
    page.locator("#text").fill(words)
    page.keyboard.press("Enter")


def press_newest(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).last.click()


def ticket_number(page: Page) -> str:
    expect(page.locator("#log")).to_contain_text("工单号 #")
    found = re.search(r"工单号 #(\d+)", page.locator("#log").inner_text())
    assert found
    return found.group(1)


def test_a_problem_goes_from_the_first_word_to_five_stars(house: House) -> None:
    person = house.window()
    person.goto(house.url)
    desk = house.at_desk("小李")
    ask(person, "刷脸老是不过")
    expect(person.locator("#log")).to_contain_text("白天站到窗边")
    press_newest(person, "还不行")
    expect(person.locator("#log")).to_contain_text("相机权限")
    press_newest(person, "还不行")
    number = ticket_number(person)

    row = desk.locator(f"a[href='/desk/tickets/{number}']").first
    expect(row).to_be_visible()  # without a reload
    row.click()
    expect(desk.locator("h1")).to_contain_text(f"#{number}")
    desk.keyboard.press("t")
    expect(desk.locator("#head")).to_contain_text("小李")
    desk.keyboard.press("m")
    desk.locator("#macros button[data-fill]").first.click()
    written = desk.locator("#reply-text").input_value()
    assert written
    assert "{" not in written, "variables of a macro are filled in"
    desk.keyboard.press("Control+Enter")
    expect(person.locator("#log")).to_contain_text(written.splitlines()[0])  # without a reload
    expect(person.locator("#log")).to_contain_text("小李")

    desk.keyboard.press("Escape")
    desk.keyboard.press("e")
    desk.locator("#act-resolve button.main").click()
    expect(person.locator("#log")).to_contain_text("标记为解决")
    press_newest(person, "5 分")
    expect(person.locator("#log")).to_contain_text("谢谢您的评分")
    expect(desk.locator("#story")).to_contain_text("5")
    assert house.errors == []


def test_the_chat_is_there_again_after_a_reload(house: House) -> None:
    person = house.window()
    person.goto(house.url)
    ask(person, "收不到验证码")
    expect(person.get_by_role("button", name="还不行", exact=True).last).to_be_visible()
    before = person.locator("#entries").inner_text()
    person.reload()
    expect(person.locator("#entries")).to_contain_text("收不到验证码")
    expect(person.get_by_role("button", name="还不行", exact=True).last).to_be_visible()
    assert person.locator("#entries").inner_text() == before
