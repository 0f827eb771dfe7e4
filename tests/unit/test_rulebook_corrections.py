"""Corrections go out as YAML that a person reviews, and come in as examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import rulepack
from triagebot import rulebook
from triagebot.errors import RulesError
from triagebot.rulebook.corrections import fresh, to_yaml
from triagebot.rulebook.schema import Corrected

FACE, SCAM = "verification.face", "security.scam"


def said(text: str, category: str = FACE, by: str = "agent", lang: str = "zh") -> Corrected:
    return Corrected.model_validate({"text": text, "category": category, "by": by, "lang": lang})


def loaded(folder: Path, corrections: str | None = None) -> rulebook.RuleBook:
    return rulebook.load(rulepack.write(folder, {**rulepack.files(), "corrections.yaml": corrections}))


def test_what_is_written_is_read_back_as_examples(tmp_path: Path) -> None:
    rows = [
        said("圈转完又让我重来: 第三次了 # 真的"),
        said("they want a fee first", SCAM, "user", "en"),
        said("'引号'\"和\""),
    ]
    before = loaded(tmp_path / "before")
    after = loaded(tmp_path / "after", to_yaml(fresh(before, rows)))
    for row in rows:
        assert row.text in getattr(after.categories[row.category].examples, row.lang)
    assert before.digest != after.digest
    assert fresh(after, rows) == []


def test_the_last_word_counts_and_an_agents_more(tmp_path: Path) -> None:
    book = loaded(tmp_path)
    rows = [
        said("扣了我两次", FACE, "agent"),
        said("扣了我两次", SCAM, "user"),
        said("卡住了", FACE, "user"),
        said("卡 住了", SCAM, "user"),
        said("退我钱", FACE, "agent"),
        said("退我钱", SCAM, "agent"),
    ]
    assert {row.text: row.category for row in fresh(book, rows)} == {
        "扣了我两次": FACE,
        "卡 住了": SCAM,
        "退我钱": SCAM,
    }


def test_what_is_known_already_or_fits_nowhere_is_left_out(tmp_path: Path) -> None:
    book = loaded(tmp_path)
    known = book.categories[FACE].examples.zh[0]
    assert fresh(book, [said(known, SCAM), said("旧分类的话", "gone.category")]) == []


def test_a_pack_without_corrections_is_whole_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    wrong = "corrections:\n  - {text: 一句话, lang: zh, category: no.such, by: agent}\n"
    with pytest.raises(RulesError) as refused:
        loaded(tmp_path, wrong)
    assert any("corrections.yaml:2:" in line and "no.such" in line for line in refused.value.problems)
