"""Pages say nothing that the catalogues do not know, and hold no script or style that a browser would refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import triagebot
from triagebot.locale import catalogue

WEB = Path(triagebot.__file__).parent / "web"
TEMPLATES = sorted([*(WEB / "templates").rglob("*.html"), WEB.parent / "report" / "sections.html.j2"])
_SAID = re.compile(r"""say\(\s*['"]([a-z_0-9.]+[a-z_0-9])['"]\s*[,)]""")
_KEY = re.compile(r"""["'](web\.[a-z_0-9.]+[a-z_0-9])["']""")


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_every_word_of_a_template_is_in_both_catalogues(file: Path) -> None:
    named = set(_SAID.findall(file.read_text(encoding="utf-8")))
    assert named - catalogue("zh").keys() == set()
    assert named - catalogue("en").keys() == set()


def test_every_word_that_the_pages_code_names_is_there() -> None:
    named = {key for file in (WEB / "desk").glob("*.py") for key in _KEY.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 20
    beginnings = {key for key in named if any(known.startswith(f"{key}.") for known in catalogue("zh"))}
    assert named - beginnings - catalogue("zh").keys() == set()


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_template_holds_what_the_content_policy_refuses(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.search(r"""\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|https?://""", text) is None
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_what_is_put_in_as_it_is_was_made_by_our_own_charts_and_templates(file: Path) -> None:
    raw = set(re.findall(r"{{ *([a-z_.]+) *\| *safe *}}", file.read_text(encoding="utf-8")))
    assert raw <= {"sections", "chart", "attainment", "flow", "backlog", "arrivals", "breach_hours", "part"}
