"""What `rules check` says about rules/clocks.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit import rulepack
from tests.unit.rulepack import words
from triagebot import rulebook

CLOCK: dict[str, Any] = {
    "id": "answer", "title": words("看答复", "to look for it"), "after": "20d", "asks": words("哪天提交的？", "When?"),
    "button": words("20 天后提醒我", "In 20 days"), "remind": words("{since}提交的，该有答复了。", "Filed on {since}: due."),
    "done": words("收到了", "It came"), "undone": words("还没", "Not yet"), "source": ["SEED"],
    "offers": [{"when": "handed_over", "categories": ["verification.face"]}],
}  # fmt: skip


def problems(folder: Path, *more: dict[str, Any], **changes: Any) -> list[str]:
    pack = rulepack.files()
    row = {key: value for key, value in {**CLOCK, **changes}.items() if value is not None}
    pack["clocks.yaml"] = {"clocks": [row, *more]}
    return rulebook.problems(rulepack.write(folder, pack))


def test_a_clock_that_fits_is_fine(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"remind": words("满 20 天了。", "Now.")}, "tells a figure (`20 天`), but no source is primary or official"),
        ({"steps": [words("等着。", "Wait 3 days.")]}, "tells a figure (`3 days`)"),
        ({"asks": None}, "`{since}` is the day that the person names; add `asks:`"),
        ({"asks": None, "remind": words("到了吗？", "Here?"), "after": "10wd"}, "working days are counted from a day"),
        ({"after": "24h"}, "only days are counted from a day; write `after` in d or wd"),
        ({"then": "answer"}, "`answer` is no other clock in clocks.yaml"),
        ({"then": "nothing"}, "`nothing` is no other clock in clocks.yaml"),
        ({"offers": [{"when": "solved", "categories": ["no.such"]}]}, "`no.such` is not in categories/"),
        ({"offers": [{"when": "solved", "categories": ["service.human"], "said": "(?=x)"}]}, "RE2 refuses it"),
        ({"not_yet": {"category": "no.such"}}, "`no.such` is not in categories/"),
        ({"source": ["NOBODY"]}, "`NOBODY` is not in sources.yaml"),
        ({"after": "10wd", "calendar": "mars"}, "`mars` is not in calendars/"),
        ({"remind": words("{since}：把验证码发给我。", "Send me the code of {since}.")}, "验证码"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    found = problems(tmp_path, **changes)
    assert any(said in line for line in found), found


def test_two_clocks_do_not_share_a_name(tmp_path: Path) -> None:
    assert any("`answer` is taken" in line for line in problems(tmp_path, CLOCK))


def test_an_official_source_allows_the_figure(tmp_path: Path) -> None:
    pack = rulepack.files()
    pack["sources.yaml"]["sources"].append({"id": "LAW", "kind": "primary", "title": "条例"})
    pack["clocks.yaml"] = {
        "clocks": [{**CLOCK, "source": ["LAW"], "remind": words("{since}起满 20 天了。", "{since}: 20 days.")}]
    }
    assert rulebook.problems(rulepack.write(tmp_path, pack)) == []
