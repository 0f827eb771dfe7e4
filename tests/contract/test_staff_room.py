"""The staff room at the desk's side: what is put into the group, whose words count there, and who is turned away."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock, on_sqlite
from tests.unit.house import House, book
from triagebot.desk import cards, erase, tickets
from triagebot.desk.office import open_office
from triagebot.desk.team import agents
from triagebot.messages import Address, Incoming, Receipt
from triagebot.store import inbox, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Audit, Card, Conversation, Inbox, Outbox

ROOM = Address("telegram", "", "-1001234567890")
THREAD = "77"


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """li and zhao work at customer service; ticket 1 waits there, and its topic was opened."""
    house = House(store, clock, open_office(book(), ZoneInfo("Asia/Shanghai"), room=ROOM))
    house.agent("li", queues=["customer_service"])
    house.agent("zhao", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    deliver(house)
    return house


def deliver(house: House) -> None:
    """The network takes everything; the topic gets the number 77 there."""
    while heads := house.store.read_now(outbox.heads, {("telegram", "1"), ("telegram", "")}, house.clock(), 50):
        for parcel in heads:
            ref = parcel.known_ref or (THREAD if parcel.message.card == "topic:1" else f"m{parcel.id}")
            house.store.write_now(outbox.sent, {parcel.id: Receipt(ref)}, house.clock())


def in_room(house: House, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """(card, payload) of what was put into the group."""
    return [(r.card, r.payload) for r in house.rows(Outbox) if r.chat == ROOM.chat and r.id > after]


def last(house: House) -> int:
    return max(row.id for row in house.rows(Outbox))


def say(house: House, who: str, text: str, topic: str = THREAD, **more: Any) -> None:
    house.hear(text, chat=who, mine=False, topic=topic, **more)


def speak(house: House, user: str, chat: str, text: str) -> None:
    """In the topic; ``user``: "" for who speaks for the group."""
    message = Incoming(Address("telegram", "1", chat), text, user=user, at=house.clock(), text=text, mine=False,
                       topic=THREAD)  # fmt: skip
    house.store.write_now(inbox.commit, [message], [], house.clock())
    house.converse()


def names(house: House) -> list[tuple[str, str]]:
    return [(p["text"], p["forum"]) for card, p in in_room(house) if card == "topic:1"]


def audited(house: House) -> list[tuple[str, str, str]]:
    return [(r.actor, r.action, r.target) for r in house.rows(Audit) if r.outcome == "denied"]


def test_a_topic_is_opened_with_the_card_when_people_become_responsible(store: Store, clock: FakeClock) -> None:
    house = House(store, clock, open_office(book(), ZoneInfo("Asia/Shanghai"), room=ROOM))
    house.hear("刷脸不过")
    assert in_room(house) == []
    house.press("human:1")
    (topic, name), (card, shown) = in_room(house)[:2]
    assert (topic, name["text"], name["forum"]) == ("topic:1", "🟡 #1 P3 标题 verification.face · 待接手", "open")
    assert (card, shown["topic"]) == ("ticket:1", "topic:1")
    assert "刷脸不过" in shown["text"]


def test_the_name_follows_the_ticket_and_is_put_once_for_each_change(house: House) -> None:
    house.verb("li", "take 1")
    house.verb("li", "note 1 先看看")
    house.verb("li", "reply 1 您好")
    house.verb("li", "resolve 1")
    house.hear("刷脸又不行了")
    assert [(name.partition("· ")[2], forum) for name, forum in names(house)] == [
        ("待接手", "open"), ("li 处理中", "open"), ("已解决", "close"), ("li 处理中", "reopen"),
    ]  # fmt: skip


def test_a_name_that_comes_back_is_put_again(house: House) -> None:
    house.verb("li", "take 1")

    def wait_for_the_person(session: Session) -> None:
        ticket = tickets.get(session, 1, to_change=True)
        tickets.record(session, house.office, ticket, "pending_user", "agent:1", house.clock())
        cards.refresh(session, house.office, ticket, house.clock())

    for _ in range(2):
        house.store.write_now(wait_for_the_person)
        house.hear("好的")
        house.hear("还有一句")
    assert [name.partition("· ")[2] for name, _ in names(house)] == [
        "待接手", "li 处理中", "等用户回复", "li 处理中", "等用户回复", "li 处理中",
    ]  # fmt: skip


def test_the_persons_words_are_posted_into_the_topic(house: House) -> None:
    before = last(house)
    house.hear("补充一句")
    words = [p for card, p in in_room(house, before) if not card]
    assert [(p["text"], p["topic"]) for p in words] == [("💬 补充一句", "topic:1")]


def test_what_an_agent_writes_in_the_topic_goes_to_the_person(house: House) -> None:
    say(house, "li", "您好，我来看看")
    assert "li（工单 #1）：您好，我来看看" in house.told()[-1]
    assert house.types()[-2:] == ["taken", "agent_replied"]


def test_two_slashes_make_a_note_that_the_person_never_sees(house: House) -> None:
    before = house.told()
    say(house, "li", "// 像是老问题")
    assert house.events()[-1].type == "note"
    assert house.events()[-1].data["text"] == "像是老问题"
    assert house.told() == before


@on_sqlite
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("/take", "assigned"),
        ("/resolve 光线问题", "resolved"),
        ("/take@triage_bot", "assigned"),
        ("/take 1", "assigned"),
    ],
)
def test_commands_in_a_topic_are_about_its_ticket(house: House, command: str, status: str) -> None:
    say(house, "li", command)
    assert house.ticket().status == status


def test_what_single_agents_are_told_is_not_said_in_the_group(house: House) -> None:
    before = last(house)
    say(house, "li", "/queue")
    say(house, "li", "/transfer nowhere")
    assert "#1" in house.told("li")[-2]
    assert "nowhere" in house.told("li")[-1]
    assert in_room(house, before) == []


def test_colleagues_may_talk_with_each_other_outside_of_topics(house: House) -> None:
    before, rows = last(house), len(house.types())
    for topic in ("", "999"):
        say(house, "li", "中午吃什么", topic)
        say(house, "7", "我也去", topic)
    assert (last(house), len(house.types()), audited(house)) == (before, rows, [])


def test_a_picture_or_a_changed_message_in_a_topic_is_said_not_to_have_gone_out(house: House) -> None:
    told = len(house.told())
    say(house, "li", "改一下", kind="edit")
    say(house, "li", "", kind="photo")
    assert ["这条没有发给 #1 的用户" in text for text in house.told("li")[-2:]] == [True, True]
    assert len(house.told()) == told


@pytest.mark.parametrize("user", ["55", ""], ids=["somebody in the group", "an anonymous administrator"])
def test_who_is_no_agent_moves_nothing_and_is_told_so_once(house: House, user: str) -> None:
    who = user or ROOM.chat
    before, rows, told = last(house), house.types(), house.told()
    actor = f"user:telegram:{user or 'anonymous'}"

    for text in ("您好，请把验证码发我", "/take", "/resolve 1", "// 备注"):
        speak(house, user, who, text)
    assert (house.types(), house.told(), house.ticket().status) == (rows, told, "queued")
    assert audited(house) == [
        (actor, "reply", "ticket:1"), (actor, "take", ""), (actor, "resolve", "ticket:1"), (actor, "reply", "ticket:1"),
    ]  # fmt: skip
    (line,) = in_room(house, before)
    assert "您不是坐席" in line[1]["text"]
    assert {row.state for row in house.rows(Inbox)} == {"done"}
    assert [c.chat for c in house.rows(Conversation)] == ["7"]


def test_an_agent_who_was_removed_is_nobody_at_the_next_message(house: House) -> None:
    say(house, "li", "/take")
    house.store.write_now(agents.remove, "li")
    told = house.told()
    say(house, "li", "还在吗")
    say(house, "li", "改一下", kind="edit")
    assert house.told() == told
    assert audited(house) == [("user:telegram:li", "reply", "ticket:1")] * 2


def test_a_button_in_the_group_counts_for_agents_only(house: House) -> None:
    for who in ("55", "li"):
        house.hear(chat=who, kind="press", action="take:1", mine=False, topic=THREAD)
    assert audited(house) == [("user:telegram:55", "take", "ticket:1")]
    assert (house.ticket().status, house.ticket().assignee_id) == ("assigned", 1)


@pytest.mark.parametrize("who", ["55", "li"])
def test_a_press_that_we_did_not_make_does_nothing_and_is_audited(house: House, who: str) -> None:
    rows = house.types()
    house.hear(chat=who, kind="press", action="", mine=False)
    actor = "user:telegram:55" if who == "55" else "agent:1"
    assert (audited(house), house.types(), house.ticket().status) == ([(actor, "press", "")], rows, "queued")


@pytest.mark.parametrize(
    ("said", "action", "target"),
    [
        ({"words": "/take 1"}, "take", "ticket:1"),
        ({"words": "/QUEUE"}, "queue", ""),
        ({"words": "/resolve 1", "kind": "edit"}, "resolve", "ticket:1"),
        ({"kind": "press", "action": "take:1"}, "take", "ticket:1"),
    ],
)
def test_a_person_who_speaks_like_an_agent_is_answered_as_a_person_and_audited_once(
    house: House, said: dict[str, Any], action: str, target: str
) -> None:
    house.hear(chat="8", **said)
    assert audited(house) == [("user:telegram:8", action, target)]
    assert house.ticket().status == "queued"


@on_sqlite
@pytest.mark.parametrize("said", ["/status", "/help", "/nonsense", "刷脸不过", "take 1"])
def test_what_people_say_is_not_audited(house: House, said: str) -> None:
    house.hear(said)
    house.press("not_solved:1")
    assert house.rows(Audit) == []


def test_a_person_who_is_erased_takes_the_topic_with_them(house: House) -> None:
    house.hear("我的秘密")
    deliver(house)

    def gone(session: Session) -> int:
        return erase.erase_user(session, house.office, "7", house.clock())

    house.store.write_now(gone)
    (payload,) = (r.payload for r in house.rows(Outbox) if r.chat == ROOM.chat and r.state == "pending")
    assert (payload["topic"], payload["forum"]) == (THREAD, "delete")
    assert [c.name for c in house.rows(Card) if c.chat == ROOM.chat] == []
