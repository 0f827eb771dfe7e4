"""``triagebot sla report`` from the outside: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triagebot.cli import main
from triagebot.report import forms


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))


def report(*arguments: str) -> int:
    """The exit code."""
    try:
        main(["sla", "report", *arguments])
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_text_and_json_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert report("--since", "2026-11-16", "--until", "2026-11-23") == 0
    assert "2026年11月16日（周一） – 2026年11月22日（周日）" in capsys.readouterr().out
    assert report("--format", "json", "--queue", "hotline") == 0
    assert json.loads(capsys.readouterr().out)["filters"] == {"queue": "hotline"}


@pytest.mark.parametrize(("form", "begin"), [("png", b"\x89PNG"), ("xlsx", b"PK"), ("html", b"<!doctype html>")])
def test_files_are_written(form: str, begin: bytes, tmp_path: Path) -> None:
    assert report("--format", form, "--out", str(tmp_path / "out")) == 0
    assert (tmp_path / "out").read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--queue", "sales"), "there is no queue 'sales'; known: customer_service, hotline, security"),
        (("--agent", "nobody"), "there is no agent 'nobody'; known: none"),
        (("--since", "soon"), "--since: 'soon' is no time"),
        (("--out", "/nowhere/at/all/r.html", "--format", "html"), "its folder does not exist"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(*arguments) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_a_missing_package_is_one_line_and_exit_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forms, "find_spec", lambda name: None)
    assert report("--format", "png", "--out", str(tmp_path / "r.png")) == 3
    assert "pip install 'triagebot[reports]'" in capsys.readouterr().err
    assert report() == 0
