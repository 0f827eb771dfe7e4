"""What must hold of triage for any text whatever."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.triage.brain import Brain, Context
from triagebot.triage.calibration import expected_calibration_error, set_threshold
from triagebot.triage.classifier import softmax
from triagebot.triage.features import content, terms
from triagebot.triage.language import language
from triagebot.triage.negation import denied
from triagebot.triage.normalise import MOST_CHARS, normalise
from triagebot.triage.signatures import squeeze

_LIKELY = "刷脸不是过验证码没有微信支付宝官网的问题吗跟无关证征转人工,。!? \u200b\ud800😂abc0123[]"
ANY = st.text(max_size=200) | st.text(alphabet=_LIKELY, max_size=60)


@given(ANY)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(ANY)
def test_normal_text_is_one_short_line_that_utf8_can_hold(text: str) -> None:
    normal = normalise(text)
    assert len(normal) <= MOST_CHARS
    assert normal == " ".join(normal.split())
    assert normal == normal.lower()
    normal.encode()


@given(ANY, ANY)
def test_full_width_and_half_width_are_the_same(text: str, other: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert squeeze(normalise(wide)) == squeeze(normalise(text))
    assert language(normalise(other)) in ("zh", "en")


@given(ANY)
def test_what_the_classifier_reads_is_part_of_the_text_and_counts_its_characters(text: str) -> None:
    kept = content(normalise(text))
    assert [term for term in terms(kept) if len(term) == 1] == list(kept)
    assert set(kept) - {" "} <= set(normalise(text))


@given(ANY, st.integers(0, 60), st.integers(0, 60))
def test_denial_is_decided_by_the_neighbourhood_alone(text: str, start: int, length: int) -> None:
    normal = normalise(text)
    start = min(start, len(normal))
    end = min(start + length, len(normal))
    near = normal[max(0, start - 24) : end + 36]
    shift = max(0, start - 24)
    assert denied(normal, start, end) == denied(near, start - shift, end - shift)


@settings(max_examples=150, deadline=None)
@given(ANY, st.lists(ANY, max_size=4))
def test_any_text_gets_a_sound_verdict(brain: Brain, text: str, earlier: list[str]) -> None:
    verdict = brain.triage(text, Context(earlier=tuple(earlier)))
    shares = [p for _, p in verdict.candidates]
    assert verdict.category in brain.book.categories
    assert shares == sorted(shares, reverse=True)
    assert 0 <= verdict.confidence <= 1
    assert len(verdict.candidates) >= 3
    assert verdict.queue in brain.book.queues
    assert verdict.platform in brain.book.platforms
    assert verdict.choices[0] == verdict.candidates[0][0]
    assert json.loads(json.dumps(verdict.to_json())) == verdict.to_json()
    assert verdict == brain.triage(text, Context(earlier=tuple(earlier)))
    if verdict.human_requested:
        assert verdict.decision == "escalate"


@settings(max_examples=80, deadline=None)
@given(st.lists(ANY, max_size=6), ANY)
def test_any_screen_gets_a_sound_verdict(brain: Brain, pieces: list[str], caption: str) -> None:
    screen = "\n".join(pieces)
    verdict = brain.triage_screen(screen, caption)
    assert verdict.category in brain.book.categories
    assert verdict.platform in brain.book.platforms
    assert verdict == brain.triage_screen(screen, caption)
    assert verdict.human_requested == brain.triage(caption).human_requested


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_fillers_before_a_message_change_nothing(brain: Brain, text: str) -> None:
    assert brain.triage(text, Context(earlier=("在吗", "😂", ""))) == brain.triage(text)


@given(st.lists(st.lists(st.floats(-30, 30, width=32), min_size=4, max_size=4), min_size=1, max_size=30))
def test_probabilities_are_probabilities(rows: list[list[float]]) -> None:
    scores = np.array(rows, dtype=np.float32)
    shares = softmax(scores)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    best = scores.argmax(axis=1)
    np.testing.assert_array_equal(shares[np.arange(len(best)), best], shares.max(axis=1))
    right = np.arange(len(rows)) % 2 == 0
    assert 0 <= expected_calibration_error(shares.max(axis=1).astype(np.float64), right) <= 1


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=200), st.floats(0.5, 0.99))
def test_sets_cover_what_they_were_made_from(held: list[float], coverage: float) -> None:
    shares = np.array([[p, 1 - p] for p in held], dtype=np.float32)
    truth = np.zeros(len(held), dtype=np.intp)
    inside = shares[:, 0] >= set_threshold(shares, truth, coverage)
    assert inside.mean() >= coverage - 1e-9
