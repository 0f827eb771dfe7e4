"""No message of the evaluation file is trained on; the messages themselves are not here, only their fingerprints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation import fingerprint
from tests.evaluation.fingerprint import Fingerprint, copies
from triagebot import rulebook
from triagebot.resources import bundled

DEV = Path(__file__).parents[1] / "evaluation" / "dev.fingerprints.txt"


@pytest.fixture(scope="module")
def examples() -> list[str]:
    book = rulebook.load(bundled("rules"))
    return [text for category in book.categories.values() for text in (*category.examples.zh, *category.examples.en)]


def test_no_example_is_a_message_of_the_evaluation_file_or_nearly(examples: list[str]) -> None:
    messages = fingerprint.read(DEV.read_text(encoding="ascii"))
    assert len(messages) > 500
    assert copies(examples, messages) == set()


def test_a_planted_copy_is_found(examples: list[str]) -> None:
    planted = {
        "帮我看看这个征信报告怎么老是下载不了啊",
        "帮我看看，这个 征信报告怎么老是下载不了啊？",
        "帮我瞧瞧这个征信报告怎么老是下载不了啊",
        "帮我看看这份征信报告怎么老是下载不下啊",
        "Why Does the download of my report stop at 99 %?",
        "why does the downlaod of my report stop at 99",
        "转人工！",
    }
    theirs = ("帮我看看这个征信报告怎么老是下载不了啊", "why does the download of my report stop at 99%", "转人工")
    messages = [fingerprint.fingerprint(text) for text in theirs]
    assert copies([*examples, *planted], messages) - set(examples) == planted


def test_a_fingerprint_is_read_as_it_was_written() -> None:
    written = [fingerprint.fingerprint(text) for text in ("验证码收不到怎么办", "急", "？？")]
    assert fingerprint.read("\n".join(map(str, written))) == written
    assert written[1] == Fingerprint(written[1].whole, frozenset())
    assert not any("验" in str(each) for each in written)
