"""The web chat: what is typed is heard once, what is answered is seen by its person and nobody else, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from sqlmodel import Session, col, select

from tests.chatting import Chatting, Person
from tests.conftest import FakeClock
from tests.unit.house import office
from triagebot.desk import erase
from triagebot.desk.team import agents
from triagebot.desk.verbs import attempt
from triagebot.errors import StoreUnavailable
from triagebot.locale import say
from triagebot.messages import Batch
from triagebot.store import mailbox
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Inbox, Outbox, Ticket
from triagebot.vision.header import MOST_BYTES
from triagebot.web.chat import limits, post

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    """All scenes of a test happen in one event loop, as in a process."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def chatting(store: Store, clock: FakeClock) -> Chatting:
    return Chatting(store, clock)


@pytest.fixture
def small(sqlite_url: str, clock: FakeClock) -> Iterator[Chatting]:
    """For what does not depend on the database."""
    store = Store.open(sqlite_url)
    yield Chatting(store, clock)
    store.close()


def rows(store: Store, table: Any) -> list[Any]:
    return store.read_now(lambda s: list(s.exec(select(table).order_by(col(table.id)))))


def verb(chatting: Chatting, name: str, words: str) -> str:
    """What somebody who works at the desk, and is reached nowhere else, is told."""

    def run(session: Session) -> str:
        agent = agents.by_name(session, agents.LOCAL, chatting.clock())
        return attempt(session, office(), agent, name, words, chatting.clock()).text

    return chatting.store.write_now(run)


async def with_people(chatting: Chatting) -> Person:
    """A person whose ticket 1 waits for somebody."""
    person = chatting.person()
    await person.say("刷脸老是不过")
    await chatting.answer()
    assert (await person.press(say("zh", "button.human"))).status_code == 200
    await chatting.answer()
    return person


def test_a_newcomer_asks_presses_twice_and_has_a_ticket(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.say("刷脸老是不过")
        await chatting.answer()
        for _ in range(2):
            assert (await person.press("还不行")).status_code == 200
            await chatting.answer()
        texts = await person.texts()
        assert [text for who, text in texts if who == "me"] == ["刷脸老是不过", "还不行", "还不行"]
        assert texts[-1][0] == "us"
        assert "#1" in texts[-1][1]

    run(scene())
    assert rows(chatting.store, Ticket)[0].status == "queued"


def test_what_people_at_the_desk_say_arrives_on_the_open_page_and_is_rated_there(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = await with_people(chatting)
        async with person.listening() as stream:
            assert (await stream.news())["reset"] is True
            for name, words in (("take", "1"), ("reply", "1 您好，白天再试一次"), ("resolve", "1")):
                verb(chatting, name, words)
            await chatting.answer()
            entries: dict[str, Any] = {}
            while not any("白天再试一次" in e["text"] for e in entries.values()) or not any(
                e.get("buttons") for e in entries.values()
            ):
                news = await stream.news()
                assert news["reset"] is False, "what was shown already stays where it is"
                entries |= news["entries"]
        assert (await person.press("2 分")).status_code == 200
        await chatting.answer()
        assert (await person.press("没解决，继续处理")).status_code == 200
        await chatting.answer()

    run(scene())
    (ticket,) = rows(chatting.store, Ticket)
    assert (ticket.rating, ticket.status) == (2, "assigned")
    assert {row.channel for row in rows(chatting.store, Outbox)} == {"web"}, "who is only at the desk is sent nothing"


def test_a_page_that_is_loaded_again_and_another_tab_show_the_same(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = await with_people(chatting)
        async with person.listening() as first, person.listening() as second:
            shown = (await first.news())["entries"]
            assert (await second.news())["entries"] == shown
            await person.say("还有一件事")
            for stream in (first, second):
                await stream.until(lambda news: any(e["text"] == "还有一件事" for e in news["entries"].values()))
        await chatting.answer()
        assert list((await person.shown()).items())[: len(shown)] == list(shown.items())

    run(scene())


def test_what_is_personal_is_hidden_before_it_is_kept_and_seen_so(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.say("我的身份证110101199003071234，刷脸不过")
        assert await person.texts() == [("me", "我的身份证[身份证号]，刷脸不过")]

    run(scene())
    (row,) = rows(chatting.store, Inbox)
    assert row.payload["hidden"] == ["id_card"]
    assert "110101199003071234" not in str(row.payload)


def test_a_message_that_is_posted_again_because_the_answer_was_lost_is_heard_once(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.begin()
        for _ in range(3):
            assert (await person.post(id="the-same-one", text="刷脸不过")).status_code == 200
        other = chatting.person("198.51.100.7")
        await other.begin()
        assert (await other.post(id="the-same-one", text="我也是")).status_code == 200
        assert await person.texts() == [("me", "刷脸不过")]
        assert await other.texts() == [("me", "我也是")]

    run(scene())
    assert len(rows(chatting.store, Inbox)) == 2


def test_nothing_is_stored_of_who_only_looks_and_the_database_opens_no_chat(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        page = await person.ask("GET", "/")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        begun = await person.begin()
        assert "HttpOnly" in begun.headers["set-cookie"]
        assert "SameSite=Lax" in begun.headers["set-cookie"]
        assert rows(chatting.store, Inbox) == []
        await person.say("刷脸不过")
        await chatting.answer()
        (conversation,) = rows(chatting.store, Conversation)
        (token,) = person.cookies.values()
        assert token not in (conversation.chat, conversation.user)
        thief = chatting.person()
        thief.cookies.set("triagebot_chat", conversation.chat, domain="desk.example.org")
        assert (await thief.ask("GET", "/chat/stream")).status_code == 401

    run(scene())


def test_nobody_presses_a_button_that_was_not_offered_to_them(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person, other = await with_people(chatting), chatting.person("198.51.100.7")
        await other.say("刷脸不过")
        await chatting.answer()
        mine = next(e for e in (await other.shown()).values() if e.get("buttons"))
        for number, place in (
            (mine["message"], 99),
            (mine["message"], -1),
            (mine["message"] + 50, 0),
            (2**70, 0),
            ("1", 0),
        ):
            assert (await other.post(message=number, button=place)).status_code in (400, 410)
        assert (await person.post(message=mine["message"], button=0)).status_code == 410
        before = len(rows(chatting.store, Inbox))
        assert (await other.post(message=mine["message"], button=0)).status_code == 200
        assert len(rows(chatting.store, Inbox)) == before + 1

    run(scene())


def test_buttons_are_gone_once_one_of_them_was_pressed(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.say("刷脸老是不过")
        await chatting.answer()
        asked = next(key for key, e in (await person.shown()).items() if e.get("buttons"))
        async with person.listening() as stream:
            await stream.news()
            await person.press("还不行")
            news = await stream.until(lambda news: asked in news["entries"])
        assert news["entries"][asked]["buttons"] == []
        assert (await person.shown())[asked]["buttons"] == []

    run(scene())


def test_commands_work_as_typed_and_are_shown_in_words(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = await with_people(chatting)
        for command in ("/status", "/language en"):
            await person.say(command)
            await chatting.answer()
        texts = await person.texts()
        assert ("me", say("zh", "menu.status")) in texts
        assert texts[-1] == ("us", say("en", "language.set"))
        page = await person.ask("GET", "/", headers={"accept-language": "zh-CN"})
        assert 'lang="en"' in page.text, "the page is in the language that its person has chosen"

    run(scene())


def test_who_wants_to_be_forgotten_sees_it_happen_on_the_open_page(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = await with_people(chatting)
        await person.say("/forgetme")
        await chatting.answer()
        async with person.listening() as stream:
            await stream.news()
            assert (await person.press(say("zh", "button.forget"))).status_code == 200
            await chatting.answer()
            entries = (await stream.until(lambda news: news["reset"]))["entries"]
            while not entries:
                entries |= (await stream.news())["entries"]
        assert [e["text"] for e in entries.values()] == [say("zh", "forget.done")]
        assert await person.texts() == [("us", say("zh", "forget.done"))]

    run(scene())
    assert rows(chatting.store, Ticket)[0].status == "closed"


def test_an_operator_who_erases_a_person_empties_the_open_page(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = await with_people(chatting)
        (conversation,) = rows(chatting.store, Conversation)
        async with person.listening() as stream:
            await stream.news()
            chatting.store.write_now(erase.erase_user, office(), conversation.user, chatting.clock())
            news = await stream.until(lambda news: news["reset"])
        assert news["entries"] == {}

    run(scene())


@pytest.mark.parametrize("data", [PNG, b"\xff\xd8\xff\xe0" + b"0" * 50, b"RIFF0000WEBPVP8 " + b"0" * 50])
def test_without_anybody_to_look_a_picture_is_heard_of_and_kept_nowhere(small: Chatting, run: Run, data: bytes) -> None:
    async def scene() -> None:
        person = small.person()
        await person.begin()
        assert (await person.picture(data)).status_code == 200
        assert (await person.picture(data)).status_code == 200, "posted again, since the answer was lost"
        await small.answer()
        assert await person.texts() == [("me", say("zh", "web.chat.picture_sent")), ("us", say("zh", "kind.photo"))]

    run(scene())
    (row,) = rows(small.store, Inbox)
    assert set(row.payload) <= {"user", "kind", "at", "lang_hint", "seen"}
    assert row.payload["seen"]["why"] == "blind"


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"%PDF-1.7 the whole report", 415, "web.chat.no_pdf"),
        (b"GIF89a" + b"0" * 50, 415, "web.chat.no_picture"),
        (b"", 415, "web.chat.no_picture"),
        (PNG + b"0" * MOST_BYTES, 413, "web.chat.picture_large"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_words(
    small: Chatting, run: Run, data: bytes, status: int, words: str
) -> None:
    async def scene() -> None:
        person = small.person()
        await person.begin()
        answer = await person.picture(data)
        assert (answer.status_code, answer.json()["words"]) == (status, say("zh", words))

    run(scene())
    assert rows(small.store, Inbox) == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"headers": {"origin": "https://evil.example.org"}}, 403),
        ({"headers": {"origin": "null"}}, 403),
        ({"headers": {"host": "rebound.example.net"}}, 421),
        ({"headers": {"content-type": "text/plain"}}, 415),
        ({"content": b"{"}, 400),
        ({"content": b"[" * 60_000}, 400),
        ({"content": b'{"id": "message-1", "text": 7}'}, 400),
        ({"content": b'{"id": "short", "text": "hi"}'}, 400),
        ({"content": b'{"id": "' + b"x" * 70_000 + b'"}'}, 413),
        ({"json": {"id": "message-1", "text": "长" * (post.LONGEST + 1)}}, 413),
    ],
)
def test_what_is_forged_or_makes_no_sense_is_refused_and_not_heard(
    small: Chatting, run: Run, more: dict[str, Any], status: int
) -> None:
    async def scene() -> None:
        person = small.person()
        await person.begin()
        asked = {"json": {"id": "message-1", "text": "hi"}} if "headers" in more else {}
        headers = {**({} if "json" in more else {"content-type": "application/json"}), **more.get("headers", {})}
        answer = await person.ask("POST", "/chat/messages", **{**asked, **more, "headers": headers})
        assert answer.status_code == status
        assert answer.json()["words"]

    run(scene())
    assert rows(small.store, Inbox) == []


def test_who_has_no_cookie_is_asked_to_begin(small: Chatting, run: Run) -> None:
    async def scene() -> None:
        answer = await small.person().post(text="hi")
        assert (answer.status_code, answer.json()["why"]) == (401, "no_cookie")

    run(scene())


def test_strange_characters_are_heard_as_nothing_and_shown_as_text(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.begin()
        body = b'{"id": "message-1", "text": "<script>alert(1)</script>\\n\\u0000\\ud800 \\u202ebidi"}'
        answer = await person.ask("POST", "/chat/messages", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200
        assert await person.texts() == [("me", "<script>alert(1)</script>\n ?  bidi")]

    run(scene())


def test_who_posts_too_fast_is_told_when_to_come_again(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.begin()
        for _ in range(int(limits.OF_CHAT.burst)):
            assert (await person.post(text="刷脸不过")).status_code == 200
        answer = await person.post(text="刷脸不过")
        assert answer.status_code == 429
        assert answer.json()["words"] == say("zh", "web.chat.too_fast")
        assert 1 <= int(answer.headers["retry-after"]) == answer.json()["after"] <= 2
        other = chatting.person()
        await other.say("刷脸不过")

    run(scene())


def test_made_up_cookies_do_not_let_one_address_be_many_people(small: Chatting, run: Run) -> None:
    async def scene() -> None:
        answers = []
        for _ in range(int(limits.NEW_OF_CALLER.burst) + 1):
            person = small.person("203.0.113.5")
            await person.begin()
            answers.append((await person.post(text="hi")).status_code)
        assert answers == [200] * (len(answers) - 1) + [429]
        await small.person("203.0.113.6").say("刷脸不过")

    run(scene())


def test_only_so_many_pages_of_one_address_are_open_and_a_closed_one_makes_room(
    small: Chatting, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STREAMS_OF_CALLER", 1)

    async def scene() -> None:
        person = small.person()
        await person.say("刷脸不过")
        async with person.listening() as first:
            await first.news()
            answer = await person.ask("GET", "/chat/stream")
            assert (answer.status_code, answer.json()["words"]) == (429, say("zh", "web.chat.full"))
        async with person.listening() as again:
            assert (await again.news())["reset"]

    run(scene())


@pytest.mark.parametrize(
    ("forwarded", "proxies", "same"),
    [("198.51.100.1, {}", 0, True), ("198.51.100.{}", 1, False), ("{}, 198.51.100.1", 1, True)],
)
def test_an_address_is_believed_as_far_as_our_own_proxies_say_it(
    small: Chatting, run: Run, monkeypatch: pytest.MonkeyPatch, forwarded: str, proxies: int, same: bool
) -> None:
    monkeypatch.setattr(limits, "NEW_OF_CALLER", limits.Limit(0.01, 1))
    chatting = Chatting(small.store, small.clock, proxies=proxies)

    async def scene() -> None:
        answers = []
        for number in (1, 2):
            person = chatting.person("10.0.0.1", **{"x-forwarded-for": forwarded.format(number)})
            await person.begin()
            answers.append((await person.post(text="hi")).status_code)
        assert answers == [200, 429 if same else 200]

    run(scene())


def test_a_database_that_cannot_take_it_is_said_and_the_page_may_post_again(chatting: Chatting, run: Run) -> None:
    async def broken(batch: Batch) -> int:
        raise StoreUnavailable("the disk is full")

    async def scene() -> None:
        person = chatting.person()
        await person.begin()
        intake = chatting.house.intake
        object.__setattr__(chatting.house, "intake", broken)
        answer = await person.post(id="message-x", text="刷脸不过")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        object.__setattr__(chatting.house, "intake", intake)
        assert (await person.post(id="message-x", text="刷脸不过")).status_code == 200
        assert await person.texts() == [("me", "刷脸不过")]

    run(scene())


def test_one_who_types_without_end_is_told_once_and_heard_later(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        for _ in range(22):
            chatting.house.limits.__post_init__()
            await person.say("刷脸不过")
            while await chatting.at_once():
                pass
        texts = await person.texts()
        assert texts.count(("us", say("zh", "flood.slow"))) == 1
        assert [text for who, text in texts if who == "me"] == ["刷脸不过"] * 22

    run(scene())
    assert {row.state for row in rows(chatting.store, Inbox)} == {"done", "pending"}


def test_two_processes_on_one_database_answer_once_and_both_show_it(
    postgres_url: str, clock: FakeClock, run: Run
) -> None:
    one, two = (Chatting(Store.open(postgres_url), clock, holder=name) for name in ("one", "two"))

    async def scene() -> None:
        person = one.person()
        await person.say("刷脸老是不过")
        there = Person(two, person.address, {}, person.cookies)
        async with there.listening() as elsewhere:
            await elsewhere.news()
            for _ in range(3):
                clock.advance(1)
                await asyncio.gather(one.converse.once(), two.converse.once())
                await asyncio.gather(one.deliver.once(), two.deliver.once())
            await elsewhere.until(lambda news: any(e["who"] == "us" for e in news["entries"].values()))
        assert [who for who, _ in await there.texts()] == ["me", "us"]
        assert (await there.press("还不行")).status_code == 200
        await one.answer()
        assert [who for who, _ in await person.texts()] == ["me", "us", "me", "us"]

    run(scene())
    assert [event.type for event in rows(one.store, Event)].count("bot_replied") == 2
    for each in (one, two):
        each.store.close()


def test_an_open_page_does_not_keep_the_process_from_ending(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person = chatting.person()
        await person.say("刷脸不过")
        async with person.listening() as stream:
            await stream.news()
            chatting.stopping.set()
            await stream.ended()

    run(scene())


def test_looking_for_what_is_new_goes_along_indexes(chatting: Chatting) -> None:
    def plans(session: Session) -> list[str]:
        dialect = session.get_bind().dialect
        explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
        if dialect.name == "postgresql":
            session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        found = []
        for query in mailbox.SIGNS:
            text = str(query.params(chats=["a", "b"]).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            found.append("\n".join(str(row) for row in session.connection().exec_driver_sql(explain + text)))
        return found

    newest_in, newest_out, waiting_in, waiting_out = chatting.store.read_now(plans)
    assert "ix_inbox_web" in newest_in
    assert "ix_outbox_web" in newest_out
    for waiting in (waiting_in, waiting_out):
        assert "_pending" in waiting or "box_web" in waiting, "which is better depends on how much waits"
        assert "SCAN inbox" not in waiting
        assert "Seq Scan" not in waiting
