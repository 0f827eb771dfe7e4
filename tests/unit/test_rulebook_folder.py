"""The folder as a whole: what must be there, what must not, in which words, and what comes of it."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from tests.unit import rulepack
from triagebot import rulebook
from triagebot.errors import RulesError
from triagebot.resources import bundled

FACE = "categories/verification.face.yaml"


def test_the_small_pack_is_valid_and_typed(tmp_path: Path) -> None:
    place = rulepack.write(tmp_path, rulepack.files())
    assert rulebook.problems(place) == []
    book = rulebook.load(place)
    assert list(book.categories) == sorted(book.categories)
    assert book.categories["security.scam"].priority == "P1"
    assert book.platforms["wechat"].aliases == ("mywechat",)
    assert book.menu == ("verification.face", "security.scam")
    assert book.calendars["24x7"]["timezone"] == "Asia/Shanghai"
    assert book.sources["SEED"].kind == "community"
    with pytest.raises(ValueError, match="frozen"):
        book.menu = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        book.categories["security.scam"].priority = "P4"  # type: ignore[misc]


def test_the_rules_that_ship_have_no_problems() -> None:
    assert rulebook.problems(bundled("rules")) == []


def test_reading_the_rules_that_ship_is_quick() -> None:
    began = time.process_time()
    rulebook.load(bundled("rules"))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sla.yaml", None, "sla.yaml:1: the file is missing"),
        ("menu.yaml", "", "menu.yaml:1: the file is empty"),
        ("plattforms.yaml", "a: 1", "plattforms.yaml:1: nothing reads this file"),
        ("categories/new.topic.yml", "a: 1", "categories/new.topic.yml:1: rule files end in .yaml"),
        ("categories/service.human.yaml", None, "categories/service.human.yaml:1: the file is missing"),
        ("slots.yaml", "- a\n", "slots.yaml:1: must hold a list under the key `slots:`"),
        ("slots.yaml", "slots: []\nmore: 1\n", "slots.yaml:2: more: unknown key"),
        ("slots.yaml", "slots: 5\n", "slots.yaml:1: must hold a list under the key `slots:`"),
        ("calendars/24x7.yaml", "- a\n", "calendars/24x7.yaml:1: a calendar is a mapping"),
        (FACE, b"id: \xff", f"{FACE}:1: the file is not UTF-8"),
    ],
)
def test_files(tmp_path: Path, name: str, content: object, said: str) -> None:
    place = rulepack.write(tmp_path, {**rulepack.files(), name: content})
    found = rulebook.problems(place)
    assert any(p.startswith(f"{place}/{said}") for p in found), found


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    place = rulepack.write(
        tmp_path, {**rulepack.files(), "README.md": "x", "categories/.#lock.yaml": "x", "a.yaml~": "x"}
    )
    assert rulebook.problems(place) == []


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    place = rulepack.write(tmp_path, {**rulepack.files(), FACE: None})
    (place / FACE).mkdir()
    assert any(p.startswith(f"{place}/{FACE}:1: cannot be read") for p in rulebook.problems(place))


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="TRIAGEBOT_RULES_DIR"):
        rulebook.load(tmp_path / "none")


def test_an_empty_folder_says_all_that_is_missing(tmp_path: Path) -> None:
    assert len(rulebook.problems(tmp_path)) == 11


def test_all_problems_come_sorted_by_file_and_line(tmp_path: Path) -> None:
    pack = rulepack.files()
    pack["menu.yaml"] = {"menu": ["no.such"]}
    pack[FACE]["neighbours"] = ["no.such"]
    pack[FACE]["slots"] = ["nothing"]
    place = rulepack.write(tmp_path, pack)
    found = [p.removeprefix(f"{place}/").partition(": ")[0] for p in rulebook.problems(place)]
    assert [name.partition(":")[0] for name in found] == [FACE, FACE, "menu.yaml"]
    assert found[0] < found[1]
    with pytest.raises(RulesError, match="and 2 more") as e:
        rulebook.load(place)
    assert len(e.value.problems) == 3


def test_files_are_named_as_one_would_type_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = rulepack.write(tmp_path, {**rulepack.files(), "menu.yaml": None})
    monkeypatch.chdir(tmp_path)
    assert rulebook.problems(place) == ["rules/menu.yaml:1: the file is missing"]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (FACE, True),
        ("platforms.yaml", True),
        ("phrases.yaml", True),
        ("triage.yaml", True),
        ("contacts.yaml", False),
        ("sla.yaml", False),
    ],
)
def test_the_digest_follows_what_matters_to_the_classifier(tmp_path: Path, name: str, changes: bool) -> None:
    place = rulepack.write(tmp_path, rulepack.files())
    before = rulebook.load(place).digest
    assert rulebook.load(place).digest == before
    path = place / name
    path.write_bytes(path.read_bytes() + b"# note\n")
    assert (rulebook.load(place).digest != before) is changes


def test_the_digest_follows_names(tmp_path: Path) -> None:
    place = rulepack.write(tmp_path, rulepack.files())
    other = rulepack.write(
        tmp_path / "other", {**rulepack.files(), "categories/new.topic.yaml": rulepack.category("new.topic")}
    )
    assert rulebook.load(place).digest != rulebook.load(other).digest


def test_overdue_names_what_to_review(tmp_path: Path) -> None:
    pack = rulepack.files()
    day = date(2027, 5, 31)
    pack[FACE]["fixes"][1]["review_by"] = day
    pack["contacts.yaml"]["contacts"][0]["review_by"] = date(2027, 5, 30)
    fact = {"id": "wechat.fact", **rulepack.words("事实", "fact"), "source": ["SEED"], "review_by": day}
    pack["platforms.yaml"]["platforms"][0]["facts"] = [fact]
    book = rulebook.load(rulepack.write(tmp_path, pack))
    assert rulebook.overdue(book, date(2027, 5, 30)) == []
    assert len(rulebook.overdue(book, day)) == 1
    assert [line.partition(":")[0] for line in rulebook.overdue(book, date(2027, 6, 1))] == [
        "contacts.yaml",
        FACE,
        "platforms.yaml",
    ]


def test_another_sla_is_read_with_the_rest_of_the_folder(tmp_path: Path) -> None:
    pack = rulepack.files()
    place = rulepack.write(tmp_path, pack)
    rows = [{**row, "first_response": "1h"} for row in pack["sla.yaml"]["policies"]]
    other = rulepack.write(tmp_path / "tried", {"other.yaml": {"version": 7, "policies": rows}}) / "other.yaml"
    book = rulebook.load_with_sla(place, other)
    assert (book.sla.version, book.sla.policies[0].first_response) == (7, "1h")
    assert book.categories == rulebook.load(place).categories
    (place / "sla.yaml").unlink()
    assert rulebook.load_with_sla(place, other) == book


def test_what_is_wrong_with_another_sla_comes_first_by_its_own_path(tmp_path: Path) -> None:
    """What is wrong in the rest of the folder follows; its own sla.yaml does not matter."""
    pack = rulepack.files()
    pack["sla.yaml"] = "version: x\n"
    pack["menu.yaml"] = "menu: [nothing.such]\n"
    place = rulepack.write(tmp_path, pack)
    override = {"category": "no.such", "first_response": "1h"}
    tried = {**rulepack.files()["sla.yaml"], "overrides": [override]}
    other = rulepack.write(tmp_path / "tried", {"other.yaml": tried}) / "other.yaml"
    with pytest.raises(RulesError) as caught:
        rulebook.load_with_sla(place, other)
    first, *rest = caught.value.problems
    assert first.startswith(f"{other}:")
    assert "overrides.1.category: `no.such` is not in categories/" in first
    assert [problem.partition(":")[0] for problem in rest] == [str(place / "menu.yaml")]
    assert str(caught.value).endswith("(and 1 more)")
