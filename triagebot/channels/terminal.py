"""The terminal as a chat network: lines in, replies out, buttons by number. Works on a terminal and on a pipe."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from triagebot.channels import photo_files
from triagebot.locale import map_language, say
from triagebot.messages import Address, Batch, Button, Incoming, Intake, Outgoing, Receipt, Seen
from triagebot.pace import Pace
from triagebot.privacy import redact

CHANNEL = "terminal"
_WIPE = "\r\x1b[K"
"""Back to the line's beginning and clear it: the prompt waits there, and is put up again below the reply."""
_LONGEST = 20_000
"""Characters of one line that are kept; more than any person types, less than what would choke the log."""


@dataclass
class Terminal:
    """``user`` is both the person and the chat. ``form``: rich (a terminal), plain (a pipe) or json."""

    user: str
    form: str
    console: Console
    clock: Callable[[], datetime]
    lang: str = ""
    channel: str = CHANNEL
    staff: bool = False
    room: Address | None = None
    polls: bool = True
    pace: Pace | None = None
    prompt: str = ""
    buttons: tuple[Button, ...] = ()
    shown: int = 0
    _run: str = field(default_factory=lambda: f"{int(time.time())}-{uuid.uuid4().hex[:6]}")
    _lines: int = 0

    @property
    def bot(self) -> str:
        return self.user

    @property
    def address(self) -> Address:
        return Address(CHANNEL, self.bot, self.user)

    def incoming(self, line: str) -> Incoming:
        """A typed line as a message: ``/2`` presses the second button, ``/photo FILE`` sends a picture."""
        self._lines += 1
        common: dict[str, Any] = {
            "address": self.address,
            "external_id": f"{self._run}-{self._lines}",
            "user": self.user,
            "at": self.clock(),
            "lang_hint": map_language(self.lang),
        }
        text = line.strip()
        if text[1:].isdecimal() and text.startswith("/") and 0 < int(text[1:]) <= len(self.buttons):
            return Incoming(**common, kind="press", action=self.buttons[int(text[1:]) - 1].action)
        if _photo(line) is not None:
            return Incoming(**common, kind="photo")
        hidden = redact(_readable(text[:_LONGEST]))
        return Incoming(**common, kind="text" if text else "empty", text=hidden.text, hidden=tuple(hidden.kinds))

    async def take(self, line: str, intake: Intake, look: Callable[[Address, bytes], Awaitable[Seen]]) -> None:
        """``look``: what is in a picture; asked before the message is committed. What is no picture's file is told here."""
        message, name = self.incoming(line), _photo(line)
        if name is not None:
            photo = await asyncio.to_thread(photo_files.read, name)
            if photo.trouble:
                self._show(Outgoing(say(self.lang or "zh", photo.trouble, file=_readable(name))))
                return
            if self.form == "rich":
                self.console.print(Text(say(self.lang or "zh", "chat.looking"), style="dim"))
            message = replace(message, seen=photo.seen or await look(self.address, photo.data))
        await intake(Batch([message]))

    async def listen(self, intake: Intake) -> None:
        """Lines come through ``take``: who reads the keyboard decides when."""

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        """A picture is left out: its words do without."""
        self.buttons = tuple(button for row in message.buttons for button in row)
        self.shown += 1
        self._show(message)
        return Receipt(message_ref=f"{self._run}-out-{self.shown}")

    async def acknowledge(self, message: Incoming) -> None:
        """A terminal needs no sign of life."""

    def _show(self, message: Outgoing) -> None:
        if self.prompt:
            self.console.file.write(_WIPE)
        _SHOW[self.form](self.console, message, [button for row in message.buttons for button in row])
        if self.prompt:
            self.console.print(self.prompt, end="")


def _photo(line: str) -> str | None:
    """The file that is named after ``/photo``, "" for none; None for any other line."""
    command, *rest = line.strip().split(maxsplit=1)[:2] or [""]
    return (rest[0] if rest else "") if command == "/photo" else None


def _readable(text: str) -> str:
    """Bytes that were no text (surrogate escapes) and control characters become visible nothings, not errors."""
    cleaned = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\t " else " " for c in cleaned)


def _show_rich(console: Console, message: Outgoing, buttons: Sequence[Button]) -> None:
    console.print(Panel(Text(message.text), border_style="cyan", title="triagebot", title_align="left", expand=False))
    if buttons:
        row = Text("  ")
        for n, button in enumerate(buttons, start=1):
            row.append(f"[{n}] ", style="bold cyan").append(f"{button.label}   ")
        console.print(row)


def _show_plain(console: Console, message: Outgoing, buttons: Sequence[Button]) -> None:
    labels = "  ".join(f"[{n}] {button.label}" for n, button in enumerate(buttons, start=1))
    print("\n".join(part for part in (message.text, labels) if part), end="\n\n", file=console.file, flush=True)


def _show_json(console: Console, message: Outgoing, buttons: Sequence[Button]) -> None:
    reply = {
        "text": message.text,
        "buttons": [button.label for button in buttons],
        "ticket": message.ticket,
        "verdict": message.verdict,
    }
    print(json.dumps(reply, ensure_ascii=False), file=console.file, flush=True)


_SHOW: dict[str, Callable[[Console, Outgoing, Sequence[Button]], None]] = {
    "rich": _show_rich,
    "plain": _show_plain,
    "json": _show_json,
}
