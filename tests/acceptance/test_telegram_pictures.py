"""Pictures over a fake Bot API, in real processes: what is read is answered, what must not be sent is not fetched, and whoever
dies meanwhile, the person is answered once. What the pictures show is made up (tests.acceptance.seeing)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.fake_telegram import TOKEN, FakeTelegram
from tests.acceptance.seeing import HOLD, SEEING, asking
from tests.acceptance.service import Service, environment
from tests.pictures import plain

FACE_FAILED = {"what": "screen", "text": "人脸识别未通过\n请在光线充足的环境下重试"}
CODE_MISSING = {"what": "screen", "text": "短信验证码已发送\n没有收到？重新获取"}
RIGHT_DARK = {"what": "light", "faults": ["side_right"]}
people = count(7001)


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def service(folder: Path, models: Path, telegram: FakeTelegram) -> Iterator[Service]:
    """One for all: each test brings its own person."""
    env = environment(folder, models, **{HOLD: str(folder / "hold")})
    running = Service(env, telegram.base, folder, call=SEEING)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def person() -> int:
    return next(people)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "bot.db") as database:
        return database.execute(query).fetchall()


def answered(telegram: FakeTelegram, folder: Path, person: int) -> None:
    """All that was said is handled and all answers are sent."""
    waiting = [f"SELECT count(*) FROM {box} WHERE state = 'pending'" for box in ("inbox", "outbox")]
    telegram.wait(
        lambda: not telegram.queue and all(rows(folder, query) == [(0,)] for query in waiting), f"answers to {person}"
    )


def test_a_screenshot_is_read_out_and_answered_like_words(
    service: Service, telegram: FakeTelegram, person: int
) -> None:
    telegram.sends_photo(person, asking(plain(), **FACE_FAILED))
    told = telegram.wait_text(person, "截图里写着", "人脸识别未通过")
    assert "光" in told.text
    assert {"解决了", "还不行", "转人工"} <= {button["text"] for button in told.buttons}


def test_an_album_of_which_a_part_comes_later_is_looked_at_whole_and_answered_once(
    service: Service, telegram: FakeTelegram, folder: Path, person: int
) -> None:
    album = [asking(plain(), **seen) for seen in (FACE_FAILED, CODE_MISSING, FACE_FAILED)]
    (folder / "hold").touch()
    sent = [telegram.sends_photo(person, album[0], "一直这样", media_group_id="1")]
    telegram.wait(lambda: sent[0] in telegram.fetched, "the first picture is looked at")
    sent += [telegram.sends_photo(person, picture, media_group_id="1") for picture in album[1:]]
    telegram.wait(lambda: not telegram.queue, "the others are taken in")
    (folder / "hold").unlink()
    telegram.wait_text(person, "截图里写着")
    answered(telegram, folder, person)
    assert telegram.count(person) == 1
    assert set(sent) <= set(telegram.fetched)


def test_a_report_file_is_refused_and_never_fetched(
    service: Service, telegram: FakeTelegram, folder: Path, person: int
) -> None:
    asked = len(telegram.calls)
    file = telegram.sends_document(person, b"%PDF-1.7 all of it", "个人信用报告.pdf", "application/pdf")
    told = telegram.wait_text(person, "信用报告")
    assert "别发给任何人" in told.text
    answered(telegram, folder, person)
    assert file not in telegram.fetched
    assert [data for method, data in telegram.calls[asked:] if method == "getfile"] == []


def test_a_screenshot_sent_as_a_file_is_read_and_its_name_is_not(
    service: Service, telegram: FakeTelegram, person: int
) -> None:
    telegram.sends_document(person, asking(plain(), **CODE_MISSING), "刷脸失败.png", "image/png")
    told = telegram.wait_text(person, "截图里写着", "验证码")
    assert "刷脸" not in told.text


def test_a_light_check_is_chosen_explained_measured_and_shown(
    service: Service, telegram: FakeTelegram, person: int
) -> None:
    telegram.says(person, "刷脸老是不过")
    telegram.wait_text(person, "光")
    telegram.press(person, "测一测光线")
    telegram.wait_text(person, "照片只用来量光线")
    picture = asking(plain(form="JPEG"), **RIGHT_DARK)
    telegram.sends_photo(person, picture)
    told = telegram.wait_text(person, "脸的右半边太暗")
    assert told.kind == "photo"
    assert picture.startswith(told.file), "what was drawn comes back"
    telegram.press(person, "还不行")
    telegram.wait(lambda: telegram.count(person) == 4, "the next way")


def test_trouble_with_a_download_passes_and_what_is_gone_is_asked_for_again(
    service: Service, telegram: FakeTelegram, person: int
) -> None:
    telegram.fail_next = [("file", 502, {}), ("getfile", 429, {"retry_after": 1})]
    telegram.sends_photo(person, asking(plain(), **FACE_FAILED))
    telegram.wait_text(person, "截图里写着")
    other = next(people)
    del telegram.files[telegram.sends_photo(other, b"gone")]
    telegram.wait_text(other, "再发一次")


def test_who_is_killed_while_looking_looks_again_and_answers_once(
    service: Service, telegram: FakeTelegram, folder: Path, person: int
) -> None:
    hold = folder / "hold"
    hold.touch()
    file = telegram.sends_photo(person, asking(plain(), **FACE_FAILED))
    telegram.wait(lambda: file in telegram.fetched, "the download")
    service.kill()
    assert telegram.count(person) == 0
    hold.unlink()
    service.start()
    telegram.wait_text(person, "截图里写着")
    answered(telegram, folder, person)
    assert telegram.count(person) == 1
    assert telegram.fetched.count(file) == 2


def test_the_log_names_neither_the_token_nor_a_file(
    service: Service, telegram: FakeTelegram, folder: Path, person: int
) -> None:
    telegram.sends_photo(person, asking(plain(), **FACE_FAILED))
    telegram.wait_text(person, "截图里写着")
    answered(telegram, folder, person)
    log = service.log.read_text()
    assert TOKEN.partition(":")[2] not in log
    assert "AgACAgQAAx" not in log
    assert "AgACAgQAAx" not in json.dumps(rows(folder, "SELECT payload FROM inbox WHERE state = 'done'"))
