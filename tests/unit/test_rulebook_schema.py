"""What one file says about itself: each mistake is told with file, line, field and what to type instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.unit import rulepack
from triagebot import rulebook

FACE = "categories/verification.face.yaml"


def problems(folder: Path, **changed: Any) -> list[str]:
    """Problems of the small pack with keys of verification.face changed, without the folder in front."""
    pack = rulepack.files()
    pack[FACE] = {**pack[FACE], **changed}
    place = rulepack.write(folder, pack)
    return [problem.removeprefix(f"{place}/") for problem in rulebook.problems(place)]


WORDS = {"zh": "字", "en": "word"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"qeue": "hotline"}, "qeue: unknown key; did you mean `queue`?"),
        ({"xyzzy": 1}, "xyzzy: unknown key; known here: id, title, menu"),
        ({"title": {"zh": "字"}}, "title.en: is missing; add it"),
        ({"title": "字"}, "title: keys with values are expected here"),
        ({"title": {"zh": True, "en": "x"}}, "title.zh: YAML reads an unquoted yes, no, on, off"),
        ({"title": {"zh": 1002, "en": "x"}}, "title.zh: YAML reads `1002` as a number"),
        ({"title": {"zh": date(2027, 5, 31), "en": "x"}}, "title.zh: YAML reads `2027-05-31` as a date"),
        ({"title": {"zh": ["a"], "en": "x"}}, "title.zh: a text is expected, not a list"),
        ({"title": {"zh": "", "en": "x"}}, "title.zh: is empty"),
        ({"title": None}, "title: is empty"),
        ({"priority": "P5"}, "priority: `P5` is not known; write one of 'P1', 'P2', 'P3', 'P4'"),
        ({"queue": "nobody"}, "queue: `nobody` is not known"),
        ({"neighbours": "service.human"}, "neighbours: a list is expected"),
        ({"ask_platform": "maybe"}, "ask_platform: write true or false"),
        ({"safety": [WORDS] * 5}, "safety: 5 items are too many; at most 4"),
        ({"tests": []}, "tests: at least 1 needed"),
        ({"tests": [{"text": "x", "queue": "nobody"}]}, "tests.1.queue: `nobody` is not known"),
        ({"fixes": [{"source": ["SEED"], "steps": [WORDS] * 5}]}, "fixes.1.steps: 5 items are too many"),
        (
            {"fixes": [{"source": ["SEED"], "steps": [WORDS], "review_by": "soon"}]},
            "fixes.1.review_by: a date is expected",
        ),
        ({"fixes": [{"source": ["SEED"], "steps": [{**WORDS, "zz": 1}]}]}, "fixes.1.steps.1.zz: unknown key"),
        ({"followup": {"after": "1 day", **WORDS}}, "followup.after: `1 day` does not have the right form"),
        ({"patterns": [{"id": "A B", "re": "x"}]}, "patterns.1.id: `A B` does not have the right form"),
    ],
)
def test_said_with_field_and_remedy(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    (found,) = [p for p in problems(tmp_path, **changed) if p.startswith(f"{FACE}:")]
    assert found.partition(": ")[2].startswith(said), found


def test_the_line_is_the_line_of_the_key(tmp_path: Path) -> None:
    pack = rulepack.files()
    pack["slots.yaml"] = "slots:\n  - id: platform\n    zh: >-\n      在哪里\n      查的？\n    en: no\n    extra: 1\n"
    place = rulepack.write(tmp_path, pack)
    assert [p.removeprefix(f"{place}/").partition(": ")[0] for p in rulebook.problems(place)] == [
        "slots.yaml:6",
        "slots.yaml:7",
    ]


def test_one_broken_row_does_not_hide_the_others(tmp_path: Path) -> None:
    pack = rulepack.files()
    pack["queues.yaml"]["queues"][0]["title"] = {"zh": "队列"}
    pack["queues.yaml"]["queues"][2]["calendar"] = "mars"
    place = rulepack.write(tmp_path, pack)
    said = " ".join(rulebook.problems(place))
    assert len(rulebook.problems(place)) == 2
    assert "queues.1.title.en: is missing" in said
    assert "queues.3.calendar: `mars` is not in calendars/" in said
