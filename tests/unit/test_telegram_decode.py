"""Whatever a network sends is a message of ours, nothing, or a ValueError; nothing personal gets through."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.access import tokens
from triagebot.channels.telegram import signing
from triagebot.channels.telegram.decode import decode, shape
from triagebot.messages import Incoming, Seen

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEY = signing.key_of("secret", "token")
ID_CARD = "11010519491231002X"


def _message(**fields: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {
        "message_id": 10, "date": 1795000000, "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "小明", "language_code": "zh-hans"}, **fields}}  # fmt: skip


def _press(data: str, **fields: Any) -> dict[str, Any]:
    message = {"message_id": 10, "chat": {"id": 7, "type": "private"}}
    return {"update_id": 6, "callback_query": {"id": "99", "from": {"id": 7, "first_name": "x"}, "message": message,
                                               "data": data, **fields}}  # fmt: skip


ROOM = "-1001234567890"
_GROUP = {"id": int(ROOM), "type": "supergroup", "is_forum": True}
_ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


def _in_room(**fields: Any) -> dict[str, Any]:
    return _message(**{"chat": _GROUP, "is_topic_message": True, "message_thread_id": 77, **fields})


def _press_in_room(data: str, chat: dict[str, Any] = _GROUP) -> dict[str, Any]:
    return _press(data, message={"message_id": 10, "chat": chat, "message_thread_id": 77, "is_topic_message": True})


def _read(update: Any) -> Incoming | None:
    return decode(update, "1", KEY, NOW, ROOM)


def test_a_message_is_read() -> None:
    got = _read(_message(text="刷脸不过", reply_to_message={"message_id": 3}))
    assert got is not None
    assert (got.kind, got.text, got.user, got.external_id, got.message_ref, got.reply_ref, got.lang_hint) == (
        "text", "刷脸不过", "7", "5", "10", "3", "zh")  # fmt: skip
    assert got.at == datetime.fromtimestamp(1795000000, UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": f"我的身份证 {ID_CARD}"},
        {"photo": [{}], "caption": f"身份证 {ID_CARD}"},
        {"document": {"file_name": f"{ID_CARD}.pdf"}},
        {"text": "hi", "from": {"id": 7, "first_name": ID_CARD, "last_name": "王"}},
    ],
)
def test_personal_numbers_do_not_get_through(fields: dict[str, Any]) -> None:
    got = _read(_message(**fields))
    assert ID_CARD not in repr(got)
    edited = _message(**fields)
    edited["edited_message"] = edited.pop("message")
    changed = _read(edited)
    assert changed is not None
    assert changed.kind == "edit"
    assert ID_CARD not in repr(changed)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"photo": [{}]}, "photo"), ({"voice": {}}, "voice"), ({"video_note": {}}, "voice"), ({"sticker": {}}, "sticker"),
        ({"location": {}}, "location"), ({"document": {}}, "document"), ({"dice": {}}, "other"), ({"text": "  "}, "empty"),
    ],
)  # fmt: skip
def test_every_kind_has_its_name(fields: dict[str, Any], kind: str) -> None:
    got = _read(_message(**fields))
    assert got is not None
    assert got.kind == kind


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 1, "my_chat_member": {}},
        _message(text="hi", chat={"id": -5, "type": "group"}),
        _message(text="hi", **{"from": {"id": 8, "is_bot": True}}),
        _in_room(forum_topic_created={"name": "x"}),
        _in_room(forum_topic_closed={}),
        _in_room(new_chat_members=[{"id": 8}]),
        _in_room(pinned_message={"message_id": 3, "text": "hi"}),
        _in_room(text="hi", **{"from": {"id": 8, "is_bot": True}}),
        _message(text="hi", chat={"id": -1009999999999, "type": "supergroup"}),
    ],
)
def test_what_is_not_for_us_is_nothing(update: dict[str, Any]) -> None:
    assert _read(update) is None


@pytest.mark.parametrize(
    "update",
    [
        _press("forged~solved:1"),
        _press("solved:1"),
        _press(""),
        _press(signing.sign(KEY, "8", "solved:1")),
        _press(signing.sign(signing.key_of("other", "token"), "7", "solved:1")),
        _press(signing.sign(KEY, "7", "solved:1").replace("solved", "forget")),
        _press_in_room(signing.sign(KEY, "7", "take:1")),
        _press_in_room("xxxxxxxxxxx~take:1"),
        _press_in_room(signing.sign(KEY, "-5", "take:1"), {"id": -5, "type": "group"}),
        _press(signing.sign(KEY, "7", "take:1"), message=None, inline_message_id="x", **{"from": {"id": 9}}),
    ],
    ids=["made up", "unsigned", "empty", "of another chat", "of another key", "altered", "of a private chat",
         "made up in the room", "in another group", "inline"],
)  # fmt: skip
def test_a_press_that_we_did_not_make_says_nothing_but_who_tried(update: dict[str, Any]) -> None:
    got = _read(update)
    assert got is not None
    assert (got.kind, got.action, got.mine, got.topic) == ("press", "", False, "")
    assert got.user == got.address.chat == str(update["callback_query"]["from"]["id"])


def _size(name: str, side: int, size: int = 1000) -> dict[str, Any]:
    return {"file_id": name, "width": side // 2, "height": side, "file_size": size}


MB = 1024 * 1024


@pytest.mark.parametrize(
    ("sizes", "file"),
    [
        ([_size("small", 90), _size("middle", 800), _size("large", 1440), _size("huge", 2560)], "large"),
        ([_size("small", 90), _size("middle", 1280), _size("huge", 2560)], "huge"),
        ([_size("huge", 2560), _size("small", 90)], "huge"),
        ([_size("small", 90), _size("middle", 800)], "middle"),
        ([_size("middle", 800), _size("heavy", 1280, 11 * MB)], "middle"),
        ([{"file_id": "bare"}], "bare"),
        ([{"file_id": "x" * 600, "width": 9, "height": 9}], ""),
    ],
    ids=[
        "large enough",
        "larger than needed",
        "larger",
        "smaller",
        "too heavy",
        "without numbers",
        "with an endless name",
    ],
)
def test_of_a_photos_sizes_the_smallest_that_can_be_read_is_wanted(sizes: list[dict[str, Any]], file: str) -> None:
    got = _read(_message(photo=sizes, caption="看这里"))
    assert got is not None
    assert (got.kind, got.file, got.seen, got.text) == ("photo", file, None, "看这里")


@pytest.mark.parametrize(
    ("document", "file", "why"),
    [
        ({"file_name": "a.png", "mime_type": "image/png", "file_size": 5}, "d", ""),
        ({"file_name": "截图.JPG"}, "d", ""),
        ({"mime_type": "image/webp"}, "d", ""),
        ({"file_name": "photo.jpg", "mime_type": "application/octet-stream"}, "d", ""),
        ({"file_name": "a.png", "mime_type": "image/png", "file_size": 11 * MB}, "", "bytes"),
        ({"file_name": "report.pdf", "mime_type": "application/pdf"}, "", "pdf"),
        ({"file_name": "report.PDF", "mime_type": "application/octet-stream"}, "", "pdf"),
        ({"file_name": "report.png", "mime_type": "application/pdf"}, "", "pdf"),
        ({"file_name": "IMG_1.HEIC", "mime_type": "image/heic"}, "", "format"),
        ({"file_name": "scan.tiff"}, "", "format"),
        ({"mime_type": "image/gif"}, "", "format"),
        ({"file_name": "table.xlsx", "mime_type": "application/vnd.ms-excel"}, "", None),
        ({"file_name": "clip.mp4", "mime_type": "video/mp4"}, "", None),
    ],
)
def test_a_document_is_looked_at_when_it_is_a_picture_and_a_report_never_fetched(
    document: dict[str, Any], file: str, why: str | None
) -> None:
    got = _read(_message(document={"file_id": "d", **document}, caption="看这里"))
    assert got is not None
    assert (got.kind, got.file) == ("document", file)
    if why:
        assert got.seen == Seen("refused", why=why)
    else:
        assert got.seen is None
    named = why is None and "file_name" in document
    assert got.text == (f"看这里\n{document['file_name']}" if named else "看这里"), "a picture's file name says nothing"


@pytest.mark.parametrize(
    "fields", [{"photo": [_size("p", 1280)]}, {"document": {"file_id": "d", "file_name": "a.pdf"}}]
)
def test_pictures_among_colleagues_and_changed_ones_are_not_looked_at(fields: dict[str, Any]) -> None:
    edited = _message(**fields)
    edited["edited_message"] = edited.pop("message")
    for got in (_read(edited), _read(_in_room(**fields))):
        assert got is not None
        assert (got.file, got.seen) == ("", None)


def test_a_forwarded_picture_is_looked_at_like_any_other() -> None:
    got = _read(_message(photo=[_size("p", 1280)], forward_origin={"type": "user", "date": 1}))
    assert got is not None
    assert (got.file, got.forwarded) == ("p", True)


def test_what_colleagues_say_in_the_room_is_theirs_and_names_the_topic() -> None:
    got = _read(_in_room(text="您好", reply_to_message={"message_id": 77}))
    assert got is not None
    assert (got.text, got.user, got.address.chat, got.topic, got.mine, got.reply_ref) == (
        "您好",
        "7",
        "7",
        "77",
        False,
        "",
    )
    general = _read(_message(text="大家早", chat=_GROUP))
    assert general is not None
    assert (general.topic, general.mine) == ("", False)
    pressed = _read(_press_in_room(signing.sign(KEY, ROOM, "take:1")))
    assert pressed is not None
    assert (pressed.action, pressed.user, pressed.address.chat, pressed.topic, pressed.mine) == (
        "take:1",
        "7",
        "7",
        "77",
        False,
    )


@pytest.mark.parametrize("sender", [_ANONYMOUS, {"id": 7, "is_bot": False, "first_name": "x"}])
def test_who_speaks_for_the_group_is_nobody(sender: dict[str, Any]) -> None:
    got = _read(_in_room(text="/take 1", sender_chat=_GROUP, **{"from": sender}))
    assert got is not None
    assert (got.user, got.address.chat) == ("", ROOM)


def test_a_button_of_ours_is_read_even_when_its_message_is_too_old_to_be_told() -> None:
    got = _read(_press(signing.sign(KEY, "7", "solved:1")))
    assert got is not None
    assert (got.kind, got.action, got.message_ref, got.ack_ref) == ("press", "solved:1", "10", "99")
    old = _read(_press(signing.sign(KEY, "7", "solved:1"), message=None))
    assert old is not None
    assert old.action == "solved:1"


TOKEN = "a-token_" + "x" * 35


@pytest.mark.parametrize(
    "text", [f"/start join_{TOKEN}", f"/start@triage_bot join_{TOKEN}", f" /start  join_{TOKEN}\n"]
)
def test_opening_an_invitation_is_read_without_its_token(text: str) -> None:
    got = _read(_message(text=text))
    assert got is not None
    assert (got.kind, got.text, got.action, got.mine) == ("join", "/start", tokens.hashed(TOKEN), True)
    assert TOKEN not in repr(got)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": f"/start join_{TOKEN}", "forward_origin": {"type": "user"}},
        {"text": f"/start join_{TOKEN} 谢谢"},
        {"text": f"邀请链接 https://t.me/triage_bot?start=join_{TOKEN}"},
        {"caption": f"/start join_{TOKEN}", "photo": [{}]},
        {"text": f"https://desk.example.com/desk/join?token={TOKEN}"},
    ],
)
def test_a_token_in_other_words_is_hidden_and_opens_nothing(fields: dict[str, Any]) -> None:
    got = _read(_message(**fields))
    assert got is not None
    assert got.kind != "join"
    assert got.hidden == ("link",)
    assert TOKEN not in repr(got)
    edited = _message(text=f"/start join_{TOKEN}")
    edited["edited_message"] = edited.pop("message")
    changed = _read(edited)
    assert changed is not None
    assert (changed.kind, changed.action) == ("edit", "")
    assert TOKEN not in repr(changed)


@pytest.mark.parametrize("chat", [{"id": -5, "type": "group"}, {"id": -5, "type": "supergroup"}])
def test_an_invitation_that_is_opened_in_a_group_is_nothing(chat: dict[str, Any]) -> None:
    assert _read(_message(text=f"/start join_{TOKEN}", chat=chat)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"chat": None}, {"chat": {"id": "x", "type": "private"}, "text": "hi"}, {"from": None}, {"from": "me"},
        {"date": "yesterday", "text": "hi"}, {"date": 10**30, "text": "hi"}, {"text": 5}, {"text": ["hi"]},
        {"document": "x"}, {"photo": "x"}, {"photo": 5}, {"photo": [5]}, {"document": ["a.pdf"]},
        {"reply_to_message": 5, "text": "hi"}, {"chat": {"id": float("inf"), "type": "private"}},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_value_error(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        _read(_message(**fields))


def test_what_was_forwarded_is_known_for_somebody_elses_words() -> None:
    got = _read(_message(text="/take 1", forward_origin={"type": "user", "date": 1}))
    assert got is not None
    assert (got.text, got.forwarded) == ("/take 1", True)


def test_nesting_that_is_too_deep_to_be_written_out_makes_no_sense() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(ValueError, match="RecursionError"):
        _read(_press("x") | {"callback_query": {"from": {"id": 7}, "data": deep, "id": "1"}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6,
)  # fmt: skip
FULL = [
    _message(text="hi", document={"file_name": "a.pdf"}, reply_to_message={"message_id": 3}),
    _message(caption="hi", photo=[_size("small", 90), _size("large", 1280)]),
    _message(document={"file_id": "d", "file_name": "a.png", "mime_type": "image/png", "file_size": 5}),
    _press(signing.sign(KEY, "7", "solved:1")),
]


def _paths(tree: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return []
    return [path for key, value in tree.items() for path in ((*at, key), *_paths(value, (*at, key)))]


def _is_fine(update: Any) -> None:
    try:
        got = _read(update)
    except ValueError:
        got = None
    assert got is None or isinstance(got, Incoming)
    assert isinstance(shape(update), str)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_to_an_update_is_survived(data: st.DataObject) -> None:
    update = copy.deepcopy(data.draw(st.sampled_from(FULL)))
    for _ in range(data.draw(st.integers(1, 3))):
        paths = _paths(update)
        if not paths:
            break
        *above, last = data.draw(st.sampled_from(paths))
        place = update
        for key in above:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(JSON)
        else:
            del place[last]
    _is_fine(update)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "edited_message", "x"]), JSON))
def test_anything_at_all_is_survived(update: dict[str, Any]) -> None:
    _is_fine(update)
