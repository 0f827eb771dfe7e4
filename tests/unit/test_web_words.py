"""Pages say nothing that the catalogues do not hold, and nothing in them is run or styled where the browser must refuse it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triagebot.desk.tickets import PRIORITIES
from triagebot.desk.verbs import VERBS
from triagebot.locale import catalogue
from triagebot.web import pages
from triagebot.web.desk.actions import ACTIONS
from triagebot.web.desk.asked import ORDERS, SHAPES, STATES, WHO
from triagebot.web.desk.shortcuts import KEYS

TEMPLATES = sorted((Path(pages.__file__).parent / "templates").rglob("*.html"))
_SAID = re.compile(r"say\('([a-z0-9_.]+)'[),]")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_every_key_in_a_template_exists(template: Path) -> None:
    said = set(_SAID.findall(template.read_text(encoding="utf-8")))
    assert said - catalogue("zh").keys() == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_template_holds_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|hx-vars|javascript:|js:", text) is None


def test_every_action_and_what_it_asks_for_has_words() -> None:
    asked = {f"web.field.{a.verb}.{field.name}" for a in ACTIONS.values() if a.place != "box" for field in a.fields}
    wanted = asked | {f"web.act.{verb}" for verb in ACTIONS} | {f"web.priority.{p.lower()}" for p in PRIORITIES}
    assert wanted - catalogue("en").keys() == set()


def test_every_choice_of_the_board_has_words() -> None:
    wanted = {f"web.board.state.{state or 'open'}" for state in STATES} | {f"web.board.who.{w or 'all'}" for w in WHO}
    wanted |= {f"web.board.sort.{order}" for order in ORDERS} | {f"web.board.shape.{shape}" for shape in SHAPES}
    assert wanted - catalogue("zh").keys() == set()


def test_every_key_on_the_keyboard_is_explained_and_belongs_to_something() -> None:
    rows = [row for _, rows in KEYS for row in rows]
    assert {words for _, words in rows} - catalogue("zh").keys() == set()
    shown = {pressed for place, rows in KEYS if place == "web.keys.on_ticket" for pressed, _ in rows}
    assert {action.key for action in ACTIONS.values() if action.key} <= shown


def test_an_action_that_asks_for_something_is_a_verb_that_takes_words() -> None:
    known = {verb: action for verb, action in ACTIONS.items() if verb in VERBS}
    assert {"take", "reply", "note", "resolve", "transfer"} <= known.keys()
    for verb, action in known.items():
        assert VERBS[verb].ticket, verb
        assert bool(action.fields) or not VERBS[verb].text, verb
