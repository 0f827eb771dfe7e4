"""What was said before anything could be searched is found after the upgrade; and the commands around the index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.cli import main
from triagebot.desk.finding import indexing
from triagebot.store import integrity, migrate
from triagebot.store.passages import PASSAGE
from triagebot.store.statements import run
from triagebot.store.store import Store


def command(*words: str) -> int:
    """The exit code."""
    try:
        main(list(words))
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


@pytest.fixture
def said(database_url: str, clock: FakeClock, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a database in which somebody said something."""
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    store = Store.open(database_url)
    house = House(store, clock)
    house.agent("li")
    house.hear("刷脸不过")
    house.press("human:1")
    house.verb("li", "note 1 看过了")
    store.close()
    return database_url


def test_the_upgrade_fills_the_index(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    from alembic.config import Config

    from alembic import command as alembic
    from triagebot.resources import bundled

    config = Config()
    config.set_main_option("script_location", str(bundled("alembic")))
    config.attributes["url"] = said
    alembic.downgrade(config, "0007")
    migrate.upgrade(said)
    assert integrity.check(said) == []
    store = Store.open(said)
    assert store.read_now(lambda s: list(indexing.differences(s))) == []
    store.close()
    assert command("search", "看过", "status:open") == 0
    assert "【看过】了" in capsys.readouterr().out


def test_search_prints_json_for_scripts(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("search", "刷脸", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["more"] is False
    (ticket,) = told["tickets"]
    assert (ticket["number"], ticket["status"], ticket["due_metric"]) == (1, "queued", "first_response")
    assert ticket["due_at"] == "2026-11-23T04:00:00+00:00"
    assert ticket["snippet"] == [{"text": "刷脸", "hit": True}, {"text": "不过", "hit": False}]


def test_a_query_that_nobody_can_read_is_one_line_and_exit_2(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("search", "刷脸", "status:offen") == 2
    told = capsys.readouterr().err
    assert "「status:offen」看不懂" in told
    assert told.count("\n") == 1


def test_check_tells_of_an_index_that_differs_and_reindex_mends_it(
    said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(said)
    store.write_now(lambda s: run(s, PASSAGE.delete()).rowcount)
    store.close()
    assert command("db", "check") == 1
    assert "search: event 1 cannot be found by search; run: triagebot db reindex" in capsys.readouterr().out
    assert command("db", "reindex") == 0
    assert command("search", "刷脸") == 0
    assert "【刷脸】不过" in capsys.readouterr().out
    store = Store.open(said)
    assert store.read_now(lambda s: list(indexing.differences(s))) == []
    store.close()


def test_check_with_repair_makes_the_index_anew(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(said)
    store.write_now(lambda s: run(s, PASSAGE.delete()).rowcount)
    store.close()
    command("db", "check", "--repair")
    told = capsys.readouterr().out
    assert "已重建搜索索引" in told
    assert "cannot be found" not in told.split("已重建搜索索引")[1]
