"""The two catalogues say the same things, and everything that the code says exists in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import triagebot
from triagebot.desk.tickets import PROJECTIONS
from triagebot.desk.verbs import VERBS
from triagebot.dialogue.signals import COMMANDS
from triagebot.locale import catalogue, map_language
from triagebot.sla.clocks import EVENT_TYPES
from triagebot.sla.policy import METRICS

PACKAGE = Path(triagebot.__file__).parent
_LITERAL = re.compile(r"""(?:\.say\(|say\([^"()]+,\s*|\.done\(|key = )"([a-z]+\.[a-z_]+)\"""")
ACTORS = {"user", "bot", "system"}
_FIELD = re.compile(r"{(\w+)}")


def test_both_languages_have_the_same_words_to_fill_in() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    for key in zh:
        assert set(_FIELD.findall(zh[key])) == set(_FIELD.findall(en[key])), key


def test_every_key_that_the_code_names_exists() -> None:
    named = {k for file in PACKAGE.rglob("*.py") for k in _LITERAL.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 60
    made_up = {"status.line"}  # spelled out by dialogue.rendering
    assert named - made_up - catalogue("zh").keys() == set()


def test_everything_that_can_happen_to_a_ticket_can_be_told() -> None:
    recorded = {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(
            r'(?<!story\.)(?:record|Record)\((?:[^"()]*,)?\s*"([a-z_]+)"', file.read_text(encoding="utf-8")
        )
    }
    missing = {f"event.{name}" for name in (recorded - ACTORS) | set(PROJECTIONS)} - catalogue("zh").keys()
    assert missing == set()


def test_everything_that_can_happen_to_an_incident_can_be_told() -> None:
    recorded = {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(r'story\.record\([^"()]*"([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert recorded >= {"opened", "said", "resolved"}
    assert {f"incident.story.{name}" for name in recorded} - catalogue("zh").keys() == set()


def test_every_clock_and_every_reason_for_its_running_or_pausing_can_be_told() -> None:
    states = ("running", "paused", "met", "breached", "cancelled")
    wanted = {*(f"metric.{m}" for m in METRICS), *(f"clock.{s}" for s in states), *(f"event.{t}" for t in EVENT_TYPES)}
    assert wanted - catalogue("zh").keys() == set()


def test_every_verb_and_command_explains_itself() -> None:
    wanted = {f"verb.{verb}.help" for verb in VERBS} | {f"menu.{c}" for c in COMMANDS - {"start"}}
    assert wanted - catalogue("en").keys() == set()


@pytest.mark.parametrize("key", sorted(catalogue("zh")))
def test_chinese_words_use_chinese_punctuation(key: str) -> None:
    assert not re.search(r"[\u4e00-\u9fff][,?!;][\u4e00-\u9fff]?", catalogue("zh")[key])


@pytest.mark.parametrize(
    ("tag", "ours"), [("zh-hans", "zh"), ("zh_TW", "zh"), ("yue", "zh"), ("en-GB", "en"), ("de", "en"), ("", "")]
)
def test_languages_of_networks_are_mapped(tag: str, ours: str) -> None:
    assert map_language(tag) == ours
