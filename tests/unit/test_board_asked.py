"""What the board is asked for, in its address."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from tests.unit.house import office
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.errors import DeskError
from triagebot.store.tables import Agent
from triagebot.web.desk.asked import Asked, read, seen_by, view


def test_a_plain_board_has_a_plain_address() -> None:
    assert Asked().address == ""
    assert not Asked(shape="list", sort="newest", page=2).narrowed


@pytest.mark.parametrize(
    "asked",
    [
        Asked(q='刷脸 "a&b" due:<1h', queue="hotline", state="late", who="me", priority="P1", tag="急", sort="newest"),
        Asked(shape="list", page=3),
    ],
)
def test_an_address_says_what_was_asked(asked: Asked) -> None:
    assert read(dict(parse_qsl(asked.address)), office()) == asked


@pytest.mark.parametrize(
    "given",
    [{"queue": "nowhere"}, {"state": "lost"}, {"sort": "id; drop"}, {"page": "-1"}, {"page": "²"}, {"page": "9" * 30},
     {"who": "others"}, {"shape": "round"}, {"priority": "P9"}, {"other": "x"}],
)  # fmt: skip
def test_what_means_nothing_is_left_out(given: dict[str, str]) -> None:
    assert read(given, office()) == Asked()


def test_another_filter_begins_on_the_first_page() -> None:
    assert dict(parse_qsl(Asked(shape="list", page=4).but(state="queued"))) == {"shape": "list", "state": "queued"}


def test_a_state_in_the_words_wins_over_the_plain_one() -> None:
    assert "resolved" in view(Asked(q="status:resolved"), office(), "zh").states
    assert view(Asked(q="刷脸"), office(), "zh").states == HUMAN_STATES


def test_a_filter_that_means_nothing_is_told() -> None:
    with pytest.raises(DeskError, match="due:soonish"):
        view(Asked(q="due:soonish"), office(), "en")


def test_what_depends_on_the_agent_is_told_apart() -> None:
    li, zhao = (Agent(id=n, name=str(n), queues="hotline") for n in (1, 2))
    assert seen_by(li, Asked(), False) == seen_by(zhao, Asked(), False)
    assert seen_by(li, Asked(), False) != seen_by(li, Asked(), True)
    for asked in (Asked(who="me"), Asked(q="assignee:ME"), Asked(q="坐席:me 刷脸")):
        assert seen_by(li, asked, True) != seen_by(zhao, asked, True)
