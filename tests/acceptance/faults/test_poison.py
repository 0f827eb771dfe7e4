"""A message that our own code cannot handle: tried so often, then put aside; others go on, and so does its person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest
from sqlmodel import select

from tests.acceptance.faults.conftest import Observe
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, opened, outcome
from tests.acceptance.service import Service, triagebot
from triagebot.store.tables import Inbox

_WITH_A_BUG = """
import sys
from triagebot import cli
from triagebot.flow import converse
from triagebot.triage.brain import Brain

inner = Brain.triage

def triage(self, text, *more):
    if "会出错的话" in text:
        raise ZeroDivisionError(text)
    return inner(self, text, *more)

Brain.triage = triage
converse._BACKOFF_S = (0,)
cli.main(sys.argv[1:])
"""
"""The same program with a bug about certain words, and without pauses between its tries."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.mark.fault("处理消息的代码出错", "the code that handles a message fails")
def test_it_is_put_aside_with_the_reason_and_handled_once_the_bug_is_mended(
    env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service], observe: Observe
) -> None:
    people, poisoned = People(telegram, 3), 6001
    broken = services(env, call=[sys.executable, "-c", _WITH_A_BUG, "run"])
    dead = select(Inbox).where(Inbox.state == "dead")
    with opened(database_url) as store:
        broken.start()
        telegram.says(poisoned, "会出错的话：刷脸老是不过")
        people.say(2 * people.count)
        telegram.wait(lambda: store.read_now(lambda s: s.exec(dead).all()), "the dead letter")
        (letter,) = store.read_now(lambda s: list(s.exec(dead)))
        for person in people.said:
            telegram.wait(lambda person=person: telegram.count(person) > 0, f"an answer to {person}")
        telegram.says(poisoned, "收不到验证码")
        telegram.wait(lambda: telegram.count(poisoned) > 0, "an answer to the person's next words")
        broken.stop()
        (listed,) = json.loads(triagebot(env, "inbox", "list", "--json").stdout)
        assert triagebot(env, "inbox", "retry", str(listed["id"])).returncode == 0
        before = telegram.count(poisoned)
        services(env).start()
        telegram.wait(lambda: telegram.count(poisoned) > before, "an answer to what was tried again")
        found = outcome(people, store)
        observe(tries=letter.attempts, reason=letter.error, **found.figures(people.messages))
        assert (letter.chat, letter.error) == (str(poisoned), "ZeroDivisionError")
        assert found.clean, found
        assert store.read_now(lambda s: s.exec(dead).all()) == []
