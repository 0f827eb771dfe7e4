"""Invitations in chat: who opens one becomes a colleague, once; the token itself is nowhere but in the link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.auditing import said, verified
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.access import links, tokens
from triagebot.access.addresses import Addresses
from triagebot.channels.telegram.decode import decode
from triagebot.desk.team import invitations, people
from triagebot.desk.team.invitations import Grant
from triagebot.desk.team.people import SHELL, By
from triagebot.locale import say
from triagebot.store import inbox
from triagebot.store.tables import Agent, Inbox, OneTimeLink

NEW = 77
Open = Callable[..., None]


def invited(house: House, *, by: By = SHELL, **grant: str) -> str:
    return house.store.write_now(invitations.invite, by, Grant(**grant), house.clock())


@pytest.fixture
def opens(queued: House) -> Open:
    """Somebody sends ``/start join_…`` to the bot on Telegram; the message goes the way of all messages."""
    updates = iter(range(1000, 2000))

    def send(token: str, user: int = NEW, name: str = "小陈", text: str = "/start join_{}", lang: str = "zh") -> None:
        update: dict[str, Any] = {"update_id": next(updates), "message": {
            "message_id": 10, "date": 1795000000, "chat": {"id": user, "type": "private"}, "text": text.format(token),
            "from": {"id": user, "is_bot": False, "first_name": name, "language_code": lang}}}  # fmt: skip
        message = decode(update, "1", b"key", datetime.now(UTC))
        assert message is not None
        queued.store.write_now(inbox.commit, [message], [], queued.clock())
        queued.converse()

    return send


def newest(house: House) -> Agent:
    return house.rows(Agent)[-1]  # type: ignore[no-any-return]


def told(house: House, user: int = NEW) -> str:
    return house.told(str(user))[-1]


def test_who_opens_an_invitation_is_a_colleague_from_the_next_message_on(queued: House, opens: Open) -> None:
    token = invited(queued, role="agent", queues="hotline")
    opens(token)
    agent = newest(queued)
    assert (agent.name, agent.role, agent.queues, agent.channel, agent.user) == (
        "小陈", "agent", "hotline", "telegram", "77")  # fmt: skip
    assert "欢迎加入" in told(queued)
    assert "/take N" in told(queued)
    queued.hear("/queue", chat="77")
    assert told(queued) == say("zh", "list.empty")
    assert [row[1:] for row in said(queued.store)] == [
        ("invited", "", "done"), ("joined", f"agent:{agent.id}", "done")]  # fmt: skip
    assert verified(queued.store).broken is None


def test_the_token_is_kept_nowhere(queued: House, opens: Open) -> None:
    token = invited(queued)
    for text in (
        "/start join_{}",
        "/start join_{} 谢谢",
        "我收到了 https://t.me/bot?start=join_{}",
        "http://x/desk/join?token={}",
    ):
        opens(token, user=NEW + len(text), text=text)
    kept = str([queued.rows(table) for table in (Inbox, OneTimeLink)]) + str(queued.told(str(NEW)))
    assert token not in kept
    assert tokens.hashed(token) in kept


def test_an_invitation_works_once(queued: House, opens: Open) -> None:
    token = invited(queued)
    opens(token)
    opens(token, user=78)
    assert "已经用过" in told(queued, 78)
    assert [a.user for a in queued.rows(Agent)][-1] == "77"
    assert said(queued.store)[-1] == ("user:telegram:78", "join", "", "denied")


def test_an_invitation_that_ran_out_or_is_not_known_is_refused_kindly(
    queued: House, opens: Open, clock: FakeClock
) -> None:
    token = invited(queued)
    opens("x" * 43)
    assert "打不开" in told(queued)
    clock.advance(days=3)
    opens(token)
    assert "过期" in told(queued)
    assert newest(queued).name == "boss"
    assert [row[1:] for row in said(queued.store)][-2:] == [("join", "", "denied")] * 2
    queued.hear("刷脸不过", chat="77")
    assert queued.conversation("77").ticket_id is not None, "they are users like all others"


def test_the_same_message_again_makes_nobody_twice(queued: House, opens: Open) -> None:
    """At least once is what networks do: the second delivery is the same update."""
    token = invited(queued)
    opens(token)
    count = len(queued.rows(Agent))
    queued.store.write_now(lambda s: s.exec(Inbox.__table__.update().values(state="pending", done_at=None)).rowcount)  # type: ignore[attr-defined]
    queued.converse()
    assert len(queued.rows(Agent)) == count
    assert "已经是这里的坐席" in told(queued)


def test_who_works_here_already_keeps_the_invitation_for_somebody_else(queued: House, opens: Open) -> None:
    token = invited(queued)
    opens(token)
    second = invited(queued, role="admin")
    opens(second)
    assert "没有用掉" in told(queued)
    assert newest(queued).role == "agent"
    opens(second, user=78, name="老周")
    assert (newest(queued).name, newest(queued).role) == ("老周", "admin")


def test_names_are_made_unique_and_the_invitations_own_comes_first(queued: House, opens: Open) -> None:
    for user, name in ((80, "小陈"), (81, "小陈"), (82, "")):
        opens(invited(queued), user=user, name=name)
    opens(invited(queued, name="小李"), user=83, name="whatever")
    opens(invited(queued), user=84, name="一个特别特别特别特别特别特别特别长的名字啊啊")
    names = [a.name for a in queued.rows(Agent)][4:]
    assert names[:4] == ["小陈", "小陈2", "新同事", "小李"]
    assert len(names[4]) <= 20


def test_a_name_is_not_taken_over_from_who_has_left_but_who_comes_back_is_who_they_were(
    queued: House, opens: Open, clock: FakeClock
) -> None:
    opens(invited(queued))
    first = newest(queued).id
    queued.store.write_now(
        lambda s: people.remove(s, SHELL, queued.office, people.named(s, SHELL, "小陈"), clock()) and None
    )
    opens(invited(queued), user=90, name="小陈")
    assert (newest(queued).name, newest(queued).id != first) == ("小陈2", True)
    opens(invited(queued, role="supervisor"), name="换了名字")
    back = next(a for a in queued.rows(Agent) if a.id == first)
    assert (back.name, back.role, back.active) == ("小陈", "supervisor", True)


def test_what_who_was_removed_had_given_out_works_no_more(queued: House, opens: Open, clock: FakeClock) -> None:
    queued.agent("root", role="admin")
    boss = next(a for a in queued.rows(Agent) if a.name == "boss")
    token = invited(queued, by=By.agent(boss))
    queued.store.write_now(lambda s: people.change_role(s, SHELL, people.named(s, SHELL, "boss"), "agent", clock()))
    opens(token)
    assert "打不开" in told(queued)


def test_who_invited_hears_who_came(queued: House, opens: Open) -> None:
    boss = next(a for a in queued.rows(Agent) if a.name == "boss")
    opens(invited(queued, by=By.agent(boss)), lang="en", name="Lei")
    assert "Lei 用您的邀请加入了" in queued.told("boss")[-1]
    assert "Welcome!" in told(queued)


def test_guesses_are_slowed_down(queued: House, opens: Open) -> None:
    queued.loop.limited = {"telegram"}
    for number in range(30):
        opens(f"{number:043}")
    tries = [row for row in said(queued.store) if row[1] == "join"]
    assert 1 < len(tries) <= 21


def test_an_invitation_in_words_leads_to_chat_and_browser() -> None:
    token = tokens.new()
    told = invitations.words(Addresses("https://desk.example.com", "triage_bot"), token, "zh")
    assert f"https://t.me/triage_bot?start=join_{token}" in told
    assert f"https://desk.example.com/desk/join?token={token}" in told
    assert f"/start join_{token}" in invitations.words(Addresses("https://desk.example.com"), token, "en")
    assert len(f"join_{token}") <= 64, "Telegram takes no more after ?start="


def test_links_of_one_kind_are_no_use_as_another(queued: House, opens: Open) -> None:
    opens(queued.store.write_now(links.issue, "sign_in", queued.clock(), by="system", agent_id=1))
    assert "打不开" in told(queued)
