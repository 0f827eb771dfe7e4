"""What colleagues see of a picture, what goes back to its person, and what is left of it when everything is erased."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.network_pictures import DARK, FAILED, NO_WORDS, Darkroom, photo
from tests.sending import Network, run, sender
from tests.unit.house import House
from triagebot.app import App
from triagebot.desk import cards, erase, person
from triagebot.locale import say
from triagebot.messages import Address, Batch, Outgoing, Seen
from triagebot.settings import Settings
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Inbox, Outbox
from triagebot.vision.keepsakes import KEPT_S

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCREEN = Seen("screen", text="核验超时 0xE7\n请稍后再试", hidden=("phone",))


@pytest.fixture
def room(queued: House) -> Darkroom:
    return Darkroom(queued)


def show(room: Darkroom, seen: Seen, **more: str) -> str:
    """Send a picture in which ``seen`` is to be seen, and hear it; returns the name under which it is kept, "" for none."""
    room.eyes.sights[b"x"] = seen
    run(room.arrive(photo(f"p{len(room.gallery.fetched)}", "x", **more)))
    run(room.looking.once())
    room.house.converse()
    return str(next((e.data["keepsake"] for e in reversed(room.house.events()) if "keepsake" in e.data), ""))


def test_the_agent_who_has_the_ticket_gets_what_was_read_and_the_bot_keeps_out(room: Darkroom) -> None:
    room.house.verb("li", "take 1")
    before = len(room.house.told())
    show(room, SCREEN, text="您看这个")
    notice = room.house.told("li")[-1]
    assert say("zh", "notice.screen", text=SCREEN.text) in notice
    assert "您看这个" in notice
    (hidden,) = room.house.told()[before:]
    assert "核验超时" not in hidden, "nothing is said but that a number was left out"
    card = room.store.read_now(
        lambda s: cards.render(s, room.house.office, room.house.ticket(), "zh", room.clock())
    ).text
    assert say("zh", "card.screen", text="核验超时 0xE7 请稍后再试") in card
    assert say("zh", "card.user_replied", text="您看这个") in card


def test_a_screenshot_makes_a_clock_run_as_words_do_and_is_found_by_them(room: Darkroom) -> None:
    room.house.verb("li", "take 1")
    room.house.verb("li", "reply 1 请把提示发来")
    assert room.house.ticket().due_metric != "next_response"
    show(room, SCREEN)
    assert room.house.ticket().due_metric == "next_response"
    assert "#1" in room.house.verb("li", "search 核验超时")


def test_the_ticket_page_shows_the_painted_screenshot_while_it_is_in_memory(
    room: Darkroom, store: Store, clock: FakeClock
) -> None:
    seconds = [0.0]
    room.keepsakes.seconds = lambda: seconds[0]
    name = show(room, SCREEN)
    desk = Desk(store, clock, keepsakes=room.keepsakes)
    browser, path = desk.at("li"), f"/desk/tickets/1/pictures/{name}"
    page = browser.get("/desk/tickets/1").text
    assert f'src="{path}"' in page
    assert "截图里的字" in page
    given = browser.get(path)
    assert (given.status_code, given.content, given.headers["content-type"]) == (200, b"painted x", "image/jpeg")
    assert given.headers["cache-control"] == "no-store"
    assert given.headers["x-content-type-options"] == "nosniff"
    seconds[0] = KEPT_S + 1
    assert browser.get(path).status_code == 404
    assert path not in browser.get("/desk/tickets/1").text
    assert "核验超时" in browser.get("/desk/tickets/1").text, "what was read stays"


@on_sqlite
def test_nobody_gets_a_picture_who_may_not_see_its_ticket_or_by_the_name_of_another(
    room: Darkroom, store: Store, clock: FakeClock
) -> None:
    name = show(room, SCREEN)
    face = room.keepsakes.keep(b"a face")
    desk = Desk(store, clock, keepsakes=room.keepsakes)
    assert desk.at("wang").get(f"/desk/tickets/1/pictures/{name}").status_code == 403
    assert desk.browser().get(f"/desk/tickets/1/pictures/{name}").status_code == 303
    for path in (f"1/pictures/{face}", f"2/pictures/{name}", f"99/pictures/{name}", "1/pictures/x"):
        assert desk.at("li").get(f"/desk/tickets/{path}").status_code == 404


def test_erasing_takes_what_was_read_and_the_way_to_the_picture(room: Darkroom, store: Store, clock: FakeClock) -> None:
    name = show(room, SCREEN, text="您看这个")
    exported = str(store.read_now(lambda s: person.export(s, s.exec(select(Conversation)).all())))
    assert "核验超时" in exported
    store.write_now(erase.erase_user, room.house.office, "7", clock())
    kept = str([row.model_dump() for table in (Event, Inbox, Outbox, Conversation) for row in room.house.rows(table)])
    assert "核验超时" not in kept
    assert name not in kept
    assert (
        Desk(store, clock, keepsakes=room.keepsakes).at("li").get(f"/desk/tickets/1/pictures/{name}").status_code == 404
    )


@on_sqlite
def test_the_measured_photo_goes_back_with_the_words_while_it_is_there_and_the_words_go_alone_otherwise(
    room: Darkroom, clock: FakeClock
) -> None:
    network = Network(clock)
    loop = sender(room.store, clock, network)
    loop.keepsakes = room.keepsakes
    run(loop.once())
    show(room, DARK)
    while run(loop.once()):
        clock.advance(1)
    (taken,) = [one for one in network.taken if say("zh", "light.dark") in one.text]
    picture = taken.message.attachment
    assert picture is not None
    assert (picture.name, picture.data, picture.picture) == ("light.jpg", b"painted x", True)
    row = room.house.rows(Outbox)[-1]
    assert b"painted".decode() not in str(row.payload)
    to = Address("telegram", "1", "7")
    room.store.write_now(outbox.put, to, Outgoing("光线不错", keepsake="gone"), now=clock())
    run(loop.once())
    assert network.taken[-1].message.attachment is None


@on_sqlite
def test_a_network_that_keeps_nothing_asks_before_it_commits(room: Darkroom, clock: FakeClock) -> None:
    app = App(Settings(), room.store, room.house.office, None, [], clock, eyes=room.eyes, keepsakes=room.keepsakes)
    room.eyes.sights |= {b"a": SCREEN, b"b": NO_WORDS}
    to = Address("web", "web", "v")
    seen = run(app.look(to, b"a"))
    assert (seen.text, room.keepsakes.find(seen.keepsake)) == (SCREEN.text, b"painted a")
    assert run(app.look(to, b"b")) == NO_WORDS
    assert [purpose for _, purpose in room.eyes.asked] == ["screen", "screen"]


@on_sqlite
def test_without_eyes_a_picture_is_refused_unseen(store: Store, house: House, clock: FakeClock) -> None:
    app = App(Settings(), store, house.office, None, [], clock)
    assert run(app.look(Address("web", "web", "v"), FAILED.text.encode())) == Seen("refused", why="blind")
    house.hear(kind="photo", seen=Seen("refused", why="blind"))
    assert house.told() == [say("zh", "picture.blind")]


@on_sqlite
def test_only_networks_that_keep_pictures_hold_them_and_only_where_somebody_can_look(
    room: Darkroom, clock: FakeClock
) -> None:
    for sighted, held in ((True, True), (False, False)):
        room.eyes.open = sighted
        channel: Any = replace(room.gallery, channel=f"network {sighted}")
        app = App(Settings(), room.store, room.house.office, None, [channel], clock, eyes=room.eyes)
        to = Address(channel.channel, "1", "7")
        run(app.intake(Batch([replace(photo(1, "a"), address=to)])))
        assert (room.house.rows(Inbox)[-1].not_before is not None) == held
