"""What the terminal channel writes, character by character, and which files it takes for pictures."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from triagebot.channels.terminal import Terminal
from triagebot.messages import Address, Attachment, Batch, Button, Incoming, Outgoing, Seen
from triagebot.vision.header import MOST_BYTES


def shown(form: str, prompt: str) -> str:
    file = io.StringIO()
    console = Console(file=file, width=60, force_terminal=False)
    terminal = Terminal("wang", form, console, lambda: datetime(2026, 11, 23, tzinfo=UTC), prompt=prompt)
    message = Outgoing("您好", ((Button("转人工", "human"),),))
    asyncio.run(terminal.send(terminal.address, message, ""))
    return file.getvalue()


def test_a_reply_that_comes_while_the_prompt_waits_does_not_share_its_line() -> None:
    out = shown("rich", "您：")
    assert out.startswith("\r\x1b[K")
    assert out.endswith("您：")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_pipe_gets_no_control_characters(form: str) -> None:
    assert not {"\r", "\x1b"} & set(shown(form, ""))


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


class Visit:
    """Somebody types ``lines``; ``heard``: what came of them; ``looked``: the pictures that were looked at."""

    def __init__(self, form: str, *lines: str) -> None:
        self.file = io.StringIO()
        console = Console(file=self.file, width=200, force_terminal=False)
        self.terminal = Terminal("wang", form, console, lambda: datetime(2026, 11, 23, tzinfo=UTC))
        self.heard: list[Incoming] = []
        self.looked: list[bytes] = []
        asyncio.run(self._type(lines))

    async def _type(self, lines: tuple[str, ...]) -> None:
        for line in lines:
            await self.terminal.take(line, self._intake, self._look)

    async def _intake(self, batch: Batch) -> int:
        self.heard += batch.messages
        return len(batch.messages)

    async def _look(self, address: Address, data: bytes) -> Seen:
        assert address == self.terminal.address
        self.looked.append(data)
        return Seen("screen", text="认证失败")

    @property
    def told(self) -> str:
        return self.file.getvalue()


@pytest.mark.parametrize("quoted", ["{}", "'{}'", '"{}"', "escaped", "  {}  "])
def test_a_photo_is_found_however_its_name_was_pasted(tmp_path: Path, quoted: str) -> None:
    file = tmp_path / "my screen.png"
    file.write_bytes(PNG)
    name = str(file).replace(" ", "\\ ") if quoted == "escaped" else quoted.format(file)
    visit = Visit("plain", f"/photo {name}")
    assert visit.looked == [PNG]
    assert [(m.kind, m.text, m.seen) for m in visit.heard] == [("photo", "", Seen("screen", text="认证失败"))]
    assert visit.told == ""


def test_a_photo_in_ones_home_and_one_with_a_quotation_mark_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("a.png", "it's.png"):
        (tmp_path / name).write_bytes(PNG)
    assert len(Visit("plain", "/photo ~/a.png", f"/photo {tmp_path}/it's.png").looked) == 2


@pytest.mark.parametrize("form", ["rich", "plain", "json"])
def test_what_is_no_photo_is_one_clear_line_and_nothing_is_sent(tmp_path: Path, form: str) -> None:
    visit = Visit(
        form, "/photo", "/photo nothing.png", f"/photo {tmp_path}", "/photo ~nobody-at-all/x.png", "/photo /dev/zero"
    )
    assert (visit.heard, visit.looked) == ([], [])
    for part in ("/photo ~/截图.png", "nothing.png", str(tmp_path), "~nobody-at-all/x.png", "/dev/zero"):
        assert part in visit.told
    assert "Traceback" not in visit.told
    if form == "json":
        assert [json.loads(line)["buttons"] for line in visit.told.splitlines()] == [[]] * 5


def test_a_name_that_no_system_takes_is_no_crash() -> None:
    visit = Visit("plain", "/photo a\0b.png", f"/photo {'x' * 5000}.png")
    assert visit.heard == []
    assert len(visit.told.strip().split("\n\n")) == 2


def test_a_photo_that_may_not_be_read_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(PNG)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)  # root may read anything
    visit = Visit("plain", f"/photo {file}")
    assert "权限" in visit.told
    assert visit.heard == []


@pytest.mark.parametrize(("name", "why"), [("report.pdf", "pdf"), ("Report.PDF", "pdf"), ("huge.png", "bytes")])
def test_a_report_and_what_is_too_large_are_heard_of_without_a_look(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / name).write_bytes(PNG + bytes(MOST_BYTES))
    visit = Visit("plain", f"/photo {tmp_path / name}")
    assert visit.looked == []
    assert [m.seen for m in visit.heard] == [Seen("refused", why=why)]


def test_a_picture_of_the_bot_is_left_to_its_words() -> None:
    visit = Visit("plain")
    message = Outgoing("脸的右半边太暗", attachment=Attachment("light.jpg", PNG, picture=True))
    asyncio.run(visit.terminal.send(visit.terminal.address, message, ""))
    assert visit.told == "脸的右半边太暗\n\n"
