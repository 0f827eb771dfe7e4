"""What the desk does by itself: comes back when it said so, lets go of what is over, and forgets people's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office
from triagebot.desk import erase
from triagebot.desk.afterwards import followups
from triagebot.store.tables import Conversation, Event, Inbox, Outbox, Ticket

SECRET = "我叫王小明住在西湖边"


def _everything(house: House) -> str:
    tables = (Event, Inbox, Outbox, Ticket, Conversation)
    return repr([row.model_dump() for table in tables for row in house.rows(table)])


@pytest.mark.parametrize("how", ["command", "retention", "operator", "while it waits"])
def test_erasing_leaves_no_words(queued: House, clock: FakeClock, how: str) -> None:
    queued.hear(f"刷脸 {SECRET}", user_name=SECRET)
    queued.hear(SECRET, chat="li", reply_ref="")
    queued.arrive(f"/reply 1 {SECRET}", chat="li")
    queued.converse()
    queued.hear("/show 1", chat="li")
    assert SECRET in _everything(queued)
    if how != "while it waits":
        queued.deliver()
    if how == "retention":
        queued.verb("li", "resolve 1")
        queued.deliver()
        assert queued.store.write_now(erase.purge, office(), clock(), timedelta(days=180)) == 0
        clock.advance(days=181)
        assert queued.store.write_now(erase.purge, office(), clock(), timedelta(days=180)) == 1
        assert queued.store.write_now(erase.purge, office(), clock(), timedelta(days=180)) == 0
    elif how == "operator":
        assert queued.store.write_now(erase.erase_user, office(), "7", clock()) == 1
    else:
        queued.hear("/forgetme")
        queued.press("forget:yes")
    if how == "while it waits":
        queued.deliver()
        queued.store.write_now(erase.erase_user, office(), "7", clock())
    assert SECRET not in _everything(queued)
    assert queued.ticket().status in ("closed", "resolved")
    queued.hear("刷脸不过")
    assert queued.ticket(2).status == "bot"


def test_forgetting_takes_the_words_off_the_cards_too(queued: House) -> None:
    queued.hear(SECRET)
    queued.deliver()
    queued.hear("/forgetme")
    queued.press("forget:yes")
    (card,) = [r for r in queued.rows(Outbox) if r.chat == "li" and r.state == "pending"]
    assert card.card == "ticket:1"
    assert SECRET not in card.payload["text"]
    assert "已关闭" in card.payload["text"]


def test_the_bot_comes_back_once_and_only_while_the_ticket_is_its_own(house: House, clock: FakeClock) -> None:
    run: Callable[[], int] = lambda: house.store.write_now(followups.run_due, office(), clock())  # noqa: E731
    house.hear("没收到报告")
    house.hear("没收到报告", chat="8")
    house.press("human:2", chat="8")
    assert run() == 0
    clock.advance(hours=25)
    assert run() == 2
    assert run() == 0
    assert house.told()[-1] == "报告收到了吗？"
    assert "报告收到了吗？" not in house.told("8")
    house.hear("1")
    assert house.ticket().status == "resolved"


def test_what_nobody_came_back_to_is_closed(house: House, clock: FakeClock) -> None:
    run: Callable[[], int] = lambda: house.store.write_now(followups.close_idle, office(), clock())  # noqa: E731
    house.hear("刷脸不过")
    house.hear("没收到报告", chat="8")
    clock.advance(hours=71)
    assert run() == 0
    clock.advance(hours=2)
    assert run() == 1
    assert (house.ticket(1).status, house.ticket(2).status) == ("closed", "bot")
