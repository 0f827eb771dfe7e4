"""What the detector is compared with is compared fairly: nothing knows what comes after."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import detect_libraries
from tests.benchmarks.detect_rivals import NEEDS, RIVALS, surges
from triagebot.detect.series import BIN_S, Series
from triagebot.detect.world import BINS_A_DAY, START, counts, world
from triagebot.errors import MissingPartError

EACH = [pytest.param(name, marks=pytest.mark.long) if name in NEEDS else name for name in RIVALS]
"""Those of libraries take the extra ``bench``."""


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("bins_after_midnight", [-2, 150])
def test_a_score_does_not_know_what_comes_after(name: str, bins_after_midnight: int) -> None:
    now = 18 * BINS_A_DAY + bins_after_midnight
    table = counts(world(7, 20))[2:3].astype(float)
    other = table.copy()
    other[:, now:] += 50
    scores, others = RIVALS[name](table), RIVALS[name](other)
    assert np.array_equal(scores[:, :now], others[:, :now])
    assert (others[:, now] > scores[:, now]).all()


def test_a_surge_is_told_once_until_it_was_calm_for_half_an_hour() -> None:
    table = np.zeros((1, 20 * BINS_A_DAY))
    first = 15 * BINS_A_DAY
    table[0, first : first + 6] = 10
    table[0, first + 9] = 10
    table[0, first + 30] = 10
    told = surges(table, table, [Series("verification.face", "wechat")], 5)
    assert [one.at for one in told] == [START + (first + n + 1) * BIN_S for n in (0, 30)]


def test_a_library_that_is_missing_is_one_line_that_says_what_to_install() -> None:
    with pytest.raises(MissingPartError, match=r"^not installed here: no_such_thing; .* pip install -e '\.\[bench\]'$"):
        detect_libraries.check({"no_such_thing", "numpy"})
