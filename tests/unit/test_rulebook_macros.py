"""Canned answers in the rules: what may stand in them, and what the bundled ones say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit import rulepack
from tests.unit.rulepack import words
from triagebot import rulebook
from triagebot.resources import bundled
from triagebot.rulebook.canned import VARIABLES, filled, variables
from triagebot.rulebook.schema import RuleBook


def macro(**changes: Any) -> dict[str, Any]:
    return {
        "id": "hello",
        "title": words("您好", "Hello"),
        "text": words("您好，{agent} 在看。", "{agent} here."),
        **changes,
    }


def problems(folder: Path, *macros: Any) -> list[str]:
    pack = {**rulepack.files(), "macros.yaml": {"macros": list(macros)}}
    place = rulepack.write(folder, pack)
    return [p.removeprefix(f"{place}/") for p in rulebook.problems(place)]


def test_a_pack_may_have_none(tmp_path: Path) -> None:
    assert rulebook.load(rulepack.write(tmp_path, rulepack.files())).macros == {}


def test_what_is_well_written_is_found_by_its_id(tmp_path: Path) -> None:
    assert problems(tmp_path, macro(), macro(id="bye", categories=["security.scam"], queues=["security"])) == []
    book = rulebook.load(tmp_path / "rules")
    assert list(book.macros) == ["hello", "bye"]
    assert book.macros["bye"].queues == ("security",)


BROKEN = [
    (macro(text=words("{nmae} 您好", "{nmae}")), "text.zh: `{nmae}` is not known; write one of {ticket}, {due}"),
    (macro(text=words("您好{}", "{} there")), "text.en: `{}` is not known"),
    (macro(text=words("您好 {agent", "x")), "text.zh: a brace stands alone"),
    (macro(text=words("工单 #{ticket}", "your ticket")), "text.en: lacks `{ticket}`, which the other language has"),
    (macro(text={"zh": "您好"}), "text.en: is missing; add it"),
    (macro(title={"en": "Hello"}), "title.zh: is missing; add it"),
    (macro(id="Hello"), "id: `Hello` does not have the right form"),
    (macro(id="m" * 25), "id: "),
    (macro(categories=["no.such"]), "categories.1: `no.such` is not in categories/"),
    (macro(queues=["nowhere"]), "queues.1: `nowhere` is not known; write one of"),
    (macro(txet="x"), "txet: unknown key; did you mean `text`?"),
    (
        macro(text=words("1. 一\n2. 二\n3. 三\n4. 四\n5. 五", "x")),
        "text.zh: 5 steps are too many for one message; at most 4",
    ),
    (macro(text=words("请把身份证号码发给我", "x")), "text.zh: asks for what we never ask for"),
    (macro(text=words("x", "Please tell us the verification code.")), "text.en: asks for what we never ask for"),
    (macro(text=words("挂上梯子再试。", "x")), "text.zh: recommends `梯子`"),
    (macro(text=words("打 95588 问问。", "x")), "text.zh: `95588` is not in contacts.yaml"),
]


@pytest.mark.parametrize(("row", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_one_thing_broken_is_told_with_its_line(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    found = problems(tmp_path, macro(id="fine"), row)
    assert {problem.partition(":")[0] for problem in found} == {"macros.yaml"}
    lines = [int(p.split(":")[1]) for p in found if p.partition(": ")[2].startswith(f"macros.2.{said}")]
    assert lines, found
    assert lines[0] > 5


def test_the_same_id_twice(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, macro(), macro())
    assert "macros.2.id: `hello` is taken" in found


def test_variables_are_filled_in_and_nothing_else_is_touched() -> None:
    assert filled("{ticket}：{agent}", {"ticket": "12", "agent": "{due} %s"}) == "12：{due} %s"
    assert variables("{ticket} {due}{due}") == {"ticket", "due"}
    with pytest.raises(KeyError, match="due"):
        filled("{due}", {})


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return rulebook.load(bundled("rules"))


def test_there_is_one_for_each_problem_that_keeps_agents_busy(book: RuleBook) -> None:
    assert len(book.macros) >= 14
    covered = {category for m in book.macros.values() for category in m.categories}
    busy = {c.id for c in book.categories.values() if c.id.startswith(("verification.", "report."))} - {
        "report.explain"
    }
    assert busy <= covered


def test_both_languages_use_the_same_variables(book: RuleBook) -> None:
    for m in book.macros.values():
        assert variables(m.text.zh) == variables(m.text.en) <= set(VARIABLES), m.id
        assert m.text.zh.count("\n") == m.text.en.count("\n"), f"{m.id} has other lines in English"


def test_titles_fit_on_a_button(book: RuleBook) -> None:
    assert max(len(m.title.zh) for m in book.macros.values()) <= 12
    assert max(len(m.title.en) for m in book.macros.values()) <= 24
