"""``triagebot train``: corrections from a database to a file that a person reviews; the model that travels with the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tests.conftest import FakeClock
from tests.unit import rulepack
from triagebot.cli import app
from triagebot.cli.train import read_regression
from triagebot.errors import ModelError, UsageError
from triagebot.rulebook import load
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Ticket
from triagebot.triage.model import load_or_train

FACE = "verification.face"


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small pack of rules, and the database of ``sqlite_url``."""
    pack = rulepack.files()
    for file, content in pack.items():
        if file.startswith("categories/"):
            bare = content["id"].replace(".", " ")
            content["patterns"] = []
            content["examples"] = {
                "zh": [f"{bare}{end}" for end in ("不行", "怎么办", "出错了", "坏了")],
                "en": [f"{bare} {end}" for end in ("fails", "is broken", "does not work", "help")],
            }
    rulepack.write(tmp_path, pack)
    monkeypatch.setenv("TRIAGEBOT_RULES_DIR", str(tmp_path / "rules"))
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    return tmp_path


def correct(url: str, clock: FakeClock, words: str, category: str) -> None:
    """A ticket whose category an agent corrected."""
    store = Store.open(url)
    now = clock()

    def write(session: object) -> None:
        person = Conversation(channel="t", bot="1", chat=words, user="u", created_at=now, updated_at=now)
        session.add(person)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        ticket = Ticket(conversation_id=person.id or 0, created_at=now, updated_at=now)
        session.add(ticket)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        for kind, actor, data in (
            ("user_replied", "user", {"text": words}),
            ("category_changed", "agent:1", {"category": category}),
        ):
            session.add(Event(ticket_id=ticket.id or 0, at=now, type=kind, actor=actor, data=data))  # type: ignore[attr-defined]

    store.write_now(write)
    store.close()


def test_corrections_are_written_for_review_and_become_examples(place: Path, sqlite_url: str, clock: FakeClock) -> None:
    correct(sqlite_url, clock, "圈转完又让我重来", FACE)
    out = place / "corrections.yaml"
    done = CliRunner().invoke(app, ["train", "--with-corrections", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert yaml.safe_load(out.read_text(encoding="utf-8")) == {
        "corrections": [{"text": "圈转完又让我重来", "lang": "zh", "category": FACE, "by": "agent"}]
    }
    again = CliRunner().invoke(app, ["train", "--with-corrections", "--out", str(out)])
    assert isinstance(again.exception, UsageError)
    out.rename(place / "rules" / "corrections.yaml")
    assert "圈转完又让我重来" in load(place / "rules").categories[FACE].examples.zh
    none_left = CliRunner().invoke(app, ["train", "--with-corrections", "--out", str(out)])
    assert none_left.exit_code == 0
    assert "没有新的更正" in none_left.output
    assert not out.exists()


def test_what_makes_it_worse_is_refused_and_nothing_is_written(place: Path, sqlite_url: str, clock: FakeClock) -> None:
    rows = "".join(
        f"verification face{end}\t{FACE}\n" for end in ("不行啊", "怎么办呢", "出错了吧", "坏了嘛", "又不行", "总出错")
    )
    (place / "rules" / "regression.tsv").write_text("text\tcategory\n" + rows, encoding="utf-8")
    for n in range(40):
        ending = ("不行啊", "怎么办呢", "出错了吧", "坏了嘛")[n % 4]
        correct(sqlite_url, clock, f"verification face{ending}{n}", "service.human")
    out = place / "corrections.yaml"
    done = CliRunner().invoke(app, ["train", "--with-corrections", "--out", str(out)])
    assert done.exit_code == 1, done.output
    assert "verification face" in done.output
    assert not out.exists()


def test_a_wrong_row_of_the_regression_file_is_named(place: Path) -> None:
    file = place / "regression.tsv"
    file.write_text("text\tcategory\n一句话\tverification.face\n另一句\tno.such\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"regression\.tsv:3"):
        read_regression(file, load(place / "rules"))


def test_with_accepted_only_what_a_supervisor_accepted_is_used(place: Path, sqlite_url: str, clock: FakeClock) -> None:
    correct(sqlite_url, clock, "圈转完又让我重来", FACE)
    out = place / "corrections.yaml"
    none_yet = CliRunner().invoke(app, ["train", "--with-corrections", "--accepted", "--out", str(out)])
    assert "没有新的更正" in none_yet.output
    store = Store.open(sqlite_url)
    facts = {"event": 2, "decision": "accepted"}
    store.write_now(
        lambda s: s.add(Event(ticket_id=1, at=clock(), type="correction_reviewed", actor="agent:1", data=facts))
    )
    store.close()
    done = CliRunner().invoke(app, ["train", "--with-corrections", "--accepted", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "圈转完又让我重来" in out.read_text(encoding="utf-8")


def test_shipping_writes_the_file_that_a_start_then_finds(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = place / "trained.npz"
    monkeypatch.setattr("triagebot.cli.train.bundled", lambda name: place / name)
    monkeypatch.setattr("triagebot.triage.cache.SHIPPED", shipped)
    done = CliRunner().invoke(app, ["train", "--ship", "--json"])
    assert done.exit_code == 0, done.output
    said: list[str] = []
    found = load_or_train(load(place / "rules"), place / "empty", said.append, shipped=shipped)
    assert said == []
    assert found.figures == json.loads(done.stdout)
    assert not (place / "data" / "models").exists()
    assert shipped.stat().st_mode & 0o777 == 0o644


def test_shipping_where_nothing_can_be_written_is_one_clear_line(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr("triagebot.cli.train.bundled", lambda name: place / name)
    monkeypatch.setattr("triagebot.triage.cache.SHIPPED", place / "file" / "trained.npz")
    refused = CliRunner().invoke(app, ["train", "--ship"]).exception
    assert isinstance(refused, ModelError)
    assert "cannot be kept" in str(refused)


@pytest.mark.parametrize("case", ["corrections", "other rules", "embeddings"])
def test_only_the_model_that_everybody_gets_is_shipped(place: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr("triagebot.triage.cache.SHIPPED", place / "trained.npz")
    if case != "other rules":
        monkeypatch.setattr("triagebot.cli.train.bundled", lambda name: place / name)
    if case == "embeddings":
        monkeypatch.setenv("TRIAGEBOT_SEMANTIC", "on")
    more = ["--with-corrections"] if case == "corrections" else []
    refused = CliRunner().invoke(app, ["train", "--ship", *more]).exception
    assert isinstance(refused, UsageError)
    assert "the program's own rules" in str(refused)
    assert not (place / "trained.npz").exists()


def test_accepted_alone_means_nothing(place: Path) -> None:
    assert isinstance(CliRunner().invoke(app, ["train", "--accepted"]).exception, UsageError)
