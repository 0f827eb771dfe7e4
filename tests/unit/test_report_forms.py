"""The forms of a report: right, safe to open and to forward, legible, and one clear line where a package is missing."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from html.parser import HTMLParser

import openpyxl
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from tests.unit import reports
from triagebot import rulebook
from triagebot.errors import MissingPartError
from triagebot.locale import LANGUAGES, catalogue
from triagebot.report import fonts, forms
from triagebot.report.as_png import legible
from triagebot.report.headline import by_key
from triagebot.report.words import NONE
from triagebot.resources import bundled

EVIL = "=cmd|' /C calc'!A0\x07<script>alert(1)</script>"


def made(form: str, lang: str = "zh", **more: object) -> bytes:
    return forms.render(reports.report(**more), form, lang)  # type: ignore[arg-type]


def sheet(name: str, **more: object) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(made("xlsx", **more)))[name]


# -- text -----------------------------------------------------------------------------------------------------------------


def test_a_chat_message_is_short_and_says_what_matters() -> None:
    text = made("text").decode()
    assert "2026年11月16日（周一） – 2026年11月22日（周日），与此前 7 天对比" in text
    assert "进线 412（+12）；转人工 96（持平）；解决 380（持平）" in text
    assert "机器人独立解决 78.9%（300/380，🟢+2.6 个百分点）" in text
    assert "首次回复达标 96.2%（75/78，持平）" in text
    assert "首次回复：中位 12 分钟，P90 1 小时 40 分钟（工作时间）；15 分钟，13 小时 53 分钟（自然时间）" in text
    assert "· #1 P3 人工客服：首次回复已晚 1 小时 30 分钟，仍未完成" in text
    assert "等待回复 15，其中已超时 1；未结时长中位 25 小时，最久 6 天 22 小时（#7）" in text
    assert "用户评分 4.47" in text
    assert len(text.splitlines()) < 22


def test_many_breaches_are_counted_not_listed() -> None:
    text = made("text", breaches=40).decode()
    assert text.count("· #") == 5
    assert "另有 35 次" in text
    assert len(text) < 1500


def test_english_speaks_english() -> None:
    text = made("text", "en").decode()
    assert "Mon 16 Nov 2026 – Sun 22 Nov 2026, compared with the 7 d before" in text
    assert "Solved by the bot 78.9% (300/380, 🟢+2.6 pp)" in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", list(forms.FORMS))
def test_a_period_in_which_nothing_happened_has_a_report_too(form: str, lang: str) -> None:
    assert forms.render(reports.empty(), form, lang)


def test_a_change_is_better_or_worse_by_the_figures_own_measure() -> None:
    found = by_key(reports.report(breaches=3))
    assert (found["breaches"].change, found["breaches"].verdict) == (1, -1)
    assert found["by_bot"].verdict == 1
    assert (found["opened"].change, found["opened"].verdict) == (12, 0)


# -- JSON -----------------------------------------------------------------------------------------------------------------


def test_json_has_every_figure_by_its_name_and_both_periods() -> None:
    found = json.loads(made("json"))
    assert found["figures"]["by_bot"] == {"part": 300, "whole": 380, "share": 300 / 380}
    assert found["figures"]["period"] == {"since": "2026-11-16T00:00:00+08:00", "until": "2026-11-23T00:00:00+08:00"}
    assert found["figures"]["ratings"]["mean"] == pytest.approx((1 + 6 + 36 + 100) / 32)
    assert found["previous"]["opened"] == 400
    assert found["previous"].keys() == found["figures"].keys()
    assert [len(day) for day in found["figures"]["arrivals"]] == [24] * 7


def test_every_figure_of_the_json_is_defined() -> None:
    text = (bundled("rules").parent / "docs" / "reports.md").read_text(encoding="utf-8")
    undefined = [name for name in json.loads(made("json"))["figures"] if f"`{name}" not in text and name != "period"]
    assert undefined == []


# -- HTML -----------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser would load, and whether every tag that was opened was closed."""

    VOID = frozenset({"meta", "link", "br", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_asks_nobody_for_anything() -> None:
    text = made("html").decode()
    page = Page(text)
    assert (page.loads, page.open) == ([], [])
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import", text)
    assert "prefers-color-scheme: dark" in text
    assert page.tags.count("svg") == 5


def test_html_shows_what_people_typed_as_they_typed_it() -> None:
    text = made("html", agent="<script>alert(1)</script>&").decode()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_says_what_the_figures_say(lang: str) -> None:
    text = made("html", lang).decode()
    for value in ("412", "78.9%", "96.2%", "80.0%", "75/78", "#1", "4.47"):
        assert value in text
    assert ("人工客服" in text) or lang == "en"


# -- PNG ------------------------------------------------------------------------------------------------------------------


def test_a_picture_has_the_promised_size_and_is_not_blank() -> None:
    picture = Image.open(io.BytesIO(made("png")))
    assert picture.size == (1600, 2000)
    assert len(picture.convert("RGB").resize((160, 200)).getcolors(1 << 16) or ()) > 100


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_picture_needs_no_sign_that_the_font_lacks(lang: str, recwarn: pytest.WarningsRecorder) -> None:
    made("png", lang)
    assert [str(w.message) for w in recwarn if "Glyph" in str(w.message)] == []


def test_the_font_has_every_sign_of_the_texts_and_titles() -> None:
    known = set(TTFont(fonts.FILE).getBestCmap())
    book = rulebook.load(bundled("rules"))
    said = [text for lang in LANGUAGES for key, text in catalogue(lang).items()
            if key.partition(".")[0] in ("report", "column", "metric") and key != "report.head"]  # fmt: skip
    titles = [*book.queues.values(), *book.categories.values(), *book.platforms.values()]
    said += [title.title.in_(lang) for lang in LANGUAGES for title in titles]
    said += ["0123456789%+−–年月日周一二三四五六:/#.,()（）天小时分钟秒■□", NONE]
    assert {c for text in said for c in text if ord(c) not in known and c != "\n"} == set()


def test_a_sign_that_the_font_lacks_becomes_a_box() -> None:
    assert legible("李😀A") == "李□A"


def test_the_font_travels_with_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (fonts.FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    assert fonts.FILE.stat().st_size < 2_600_000


# -- XLSX -----------------------------------------------------------------------------------------------------------------


def test_a_workbook_has_numbers_to_reckon_with() -> None:
    book = openpyxl.load_workbook(io.BytesIO(made("xlsx")))
    assert book.sheetnames == ["概览", "超时", "分队列", "分坐席", "都是什么问题", "走势", "时间分布"]
    summary = {row[0].value: row for row in book["概览"].iter_rows() if row[0].value}
    assert (summary["进线"][1].value, summary["进线"][3].value) == (412, 400)
    assert summary["机器人独立解决"][1].value == pytest.approx(300 / 380)
    assert summary["机器人独立解决"][1].number_format == "0.0%"
    # openpyxl reads a length of time back as one: 720 s of the median first response.
    assert summary["首次回复时长，中位数"][1].value.total_seconds() == pytest.approx(720)
    assert book["超时"]["H2"].value.total_seconds() == pytest.approx(5400)
    assert book["超时"]["A2"].value == 1
    assert book["超时"]["G2"].value == datetime(2026, 11, 16, 10, 0)
    assert len(book["概览"]._charts) == 1
    assert len(book["走势"]._charts) == 1


def test_what_people_typed_is_never_a_formula() -> None:
    cell = sheet("分坐席", agent=EVIL)["A2"]
    assert cell.data_type == "s"
    assert cell.value == "=cmd|' /C calc'!A0<script>alert(1)</script>"
    assert all(row[5].data_type == "s" for row in sheet("超时", agent="+1+1").iter_rows(min_row=2))


@pytest.mark.parametrize("name", ["a\x00b", "a\x0bb", "a\ufffeb", "a\ud800b"])
def test_signs_that_would_break_the_file_are_left_out(name: str) -> None:
    assert sheet("分坐席", agent=name)["A2"].value == "ab"


# -- without the extra ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "needs"), [("html", "jinja2"), ("png", "matplotlib"), ("xlsx", "xlsxwriter")])
def test_without_the_extra_one_line_says_what_to_install(
    form: str, needs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "find_spec", lambda name: None)
    with pytest.raises(MissingPartError, match=rf"needs {needs}; install it with: pip install 'triagebot\[reports\]'"):
        made(form)
    assert made("text")
    assert made("json")
