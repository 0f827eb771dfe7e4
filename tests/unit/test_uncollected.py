import gc

import pytest

from triagebot.uncollected import uncollected


def test_garbage_is_looked_for_again_afterwards_and_not_among_what_came() -> None:
    before = gc.get_freeze_count()
    try:
        with uncollected():
            assert not gc.isenabled()
            came = [[n] for n in range(1000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= before + len(came)
    finally:
        gc.unfreeze()


def test_an_import_that_fails_leaves_it_on() -> None:
    try:
        with pytest.raises(ImportError), uncollected():
            raise ImportError
        assert gc.isenabled()
    finally:
        gc.unfreeze()
