"""Corrections in a candidate model: good ones pass, a pile of wrong ones is refused, and the messages are named."""

from __future__ import annotations

import pytest

from tests.unit.triage_pack import book, brain
from triagebot.rulebook.schema import Corrected
from triagebot.triage.evaluation.labelled import Labelled
from triagebot.triage.retraining import compare

FACE, SMS = "verification.face", "verification.sms_code"
REGRESSION = [
    Labelled(text, FACE)
    for text in ("刷脸还是不过", "人脸识别又失败了", "扫脸说光线太暗了", "眨眼也识别不到", "活体检测不通过")
]


def corrected(texts: list[str], category: str) -> list[Corrected]:
    return [Corrected(text=text, lang="zh", category=category, by="agent") for text in texts]


def test_a_good_correction_passes_both_trials() -> None:
    outcomes = compare(book(), brain().model, corrected(["圈转完又让我重来"], FACE), REGRESSION)
    assert [outcome.name for outcome in outcomes] == ["cross-validation", "regression"]
    assert [reason for outcome in outcomes for reason in outcome.reasons] == []
    assert outcomes[1].figures["accuracy"][0] == pytest.approx(1.0)


def test_many_wrong_ones_are_refused_and_the_lost_messages_named() -> None:
    wrong = [
        f"{text}{more}"
        for text in ("刷脸不过", "人脸识别失败", "扫脸光线太暗", "眨眼识别不到", "活体检测没通过")
        for more in ("啊", "了", "呢", "嘛")
    ]
    outcomes = compare(book(), brain().model, corrected(wrong * 3, SMS), REGRESSION)
    lost = [flip.text for outcome in outcomes for flip in outcome.flips if flip.kind == "lost"]
    assert any("accuracy" in reason for outcome in outcomes for reason in outcome.reasons)
    assert "人脸识别又失败了" in lost


def test_without_regression_messages_there_is_one_trial() -> None:
    assert [o.name for o in compare(book(), brain().model, corrected(["圈转完又让我重来"], FACE), [])] == [
        "cross-validation"
    ]
