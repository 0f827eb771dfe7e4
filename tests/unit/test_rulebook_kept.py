"""A rule book that was found to be in order is found again, and never an old one."""

import sys
from pathlib import Path

import pytest

from tests.unit import rulepack
from triagebot import rulebook
from triagebot.errors import RulesError
from triagebot.resources import bundled
from triagebot.rulebook import kept


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return rulepack.write(tmp_path / "rules", rulepack.files())


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    return tmp_path / "data" / "models"


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(*_: object) -> None:
        raise AssertionError("the pack is read and checked again")

    monkeypatch.setattr(sys.modules["triagebot.rulebook.load"], "_checked", checked)


def test_what_was_checked_is_not_checked_again(keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = rulebook.load(bundled("rules"), keep)
    unchecked(monkeypatch)
    assert rulebook.load(bundled("rules"), keep) == fresh


def test_a_changed_file_is_read_and_its_mistakes_are_told_with_their_lines(place: Path, keep: Path) -> None:
    rulebook.load(place, keep)
    file = place / "queues.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"queues\.yaml:\d+: nonsense"):
        rulebook.load(place, keep)


@pytest.mark.parametrize("name", ["categories/new.yml", "unknown.yaml"])
def test_a_new_file_that_nobody_reads_is_still_told(place: Path, keep: Path, name: str) -> None:
    rulebook.load(place, keep)
    (place / name).write_text("x: 1\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"rename it|nothing reads this file"):
        rulebook.load(place, keep)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"categories": 3}'])
def test_what_is_damaged_is_made_anew(place: Path, keep: Path, content: str) -> None:
    fresh = rulebook.load(place, keep)
    file = kept.path_of(place, keep)
    whole = file.read_bytes()
    file.write_text(content, encoding="utf-8")
    assert rulebook.load(place, keep) == fresh
    assert file.read_bytes() == whole


def test_where_nothing_can_be_written_the_rules_are_read_all_the_same(place: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert rulebook.load(place, tmp_path / "file" / "models") == rulebook.load(place)


def test_a_folder_that_is_missing_is_told_as_ever(tmp_path: Path, keep: Path) -> None:
    with pytest.raises(RulesError, match="there is no such folder"):
        rulebook.load(tmp_path / "none", keep)


def test_only_the_newest_are_kept(place: Path, keep: Path) -> None:
    file = place / "queues.yaml"
    for n in range(kept.KEPT + 2):
        file.write_text(file.read_text(encoding="utf-8") + f"# {n}\n", encoding="utf-8")
        rulebook.load(place, keep)
    assert len(list(keep.iterdir())) == kept.KEPT
    assert kept.path_of(place, keep).exists()
