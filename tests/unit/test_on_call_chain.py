"""Who is called next, as tables: a chain, the calls so far, and the rounds that the rules allow."""

from __future__ import annotations

import pytest

from triagebot.desk.team.on_call import Call, next_call

LI, ZHAO, WANG = 1, 2, 3


def calls(*rounds: tuple[int, ...], first: int = 0) -> list[Call]:
    return [
        Call(number, step, agent)
        for number, agents in enumerate(rounds, start=first)
        for step, agent in enumerate(agents)
    ]


@pytest.mark.parametrize(
    ("chain", "called", "rounds", "expected"),
    [
        ((LI, ZHAO), calls(), 2, Call(0, 0, LI)),
        ((LI, ZHAO), calls((LI,)), 2, Call(0, 1, ZHAO)),
        ((LI, ZHAO), calls((LI, ZHAO)), 2, Call(1, 0, LI)),
        ((LI, ZHAO), calls((LI, ZHAO), (LI,)), 2, Call(1, 1, ZHAO)),
        ((LI, ZHAO), calls((LI, ZHAO), (LI, ZHAO)), 2, None),
        ((LI,), calls((LI,), (LI,)), 3, Call(2, 0, LI)),
        ((LI,), calls((LI,)), 1, None),
        ((), calls(), 3, None),
        ((), calls((LI,)), 3, None),
    ],
    ids=["the first", "the second", "round again", "the second again", "all rounds done", "a chain of one",
         "one round", "nobody there", "nobody left"],
)  # fmt: skip
def test_the_chain_is_gone_through_round_by_round(
    chain: tuple[int, ...], called: list[Call], rounds: int, expected: Call | None
) -> None:
    assert next_call(chain, called, rounds) == expected


def test_a_later_run_goes_on_counting_rounds() -> None:
    assert next_call((LI, ZHAO), [], 2, first=5) == Call(5, 0, LI)
    assert next_call((LI, ZHAO), calls((LI, ZHAO), first=5), 2, first=5) == Call(6, 0, LI)
    assert next_call((LI, ZHAO), calls((LI, ZHAO), (LI, ZHAO), first=5), 2, first=5) is None


def test_who_left_the_chain_is_passed_over_and_who_joined_has_a_turn() -> None:
    assert next_call((ZHAO, WANG), calls((LI,)), 2) == Call(0, 1, ZHAO)
    assert next_call((WANG, LI, ZHAO), calls((LI, ZHAO)), 2) == Call(0, 2, WANG)
    assert next_call((WANG,), calls((LI, ZHAO, WANG)), 2) == Call(1, 0, WANG)


def test_once_supervisors_were_called_nobody_of_the_chain_is() -> None:
    assert next_call((LI, ZHAO), calls((LI, ZHAO), (LI, ZHAO), (WANG,)), 2) is None
    assert next_call((LI,), [Call(2, 0, WANG)], 2) is None
