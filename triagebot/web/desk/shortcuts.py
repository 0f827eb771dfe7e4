"""The desk's keys, as its help shows them; static/desk.js, board.js and ticket.js hear them."""

from __future__ import annotations

from collections.abc import Mapping

GO: Mapping[str, str] = {
    "/desk": "b", "/desk/incidents": "i", "/desk/reports": "r", "/desk/rules": "c", "/desk/people": "p",
    "/desk/health": "h", "/desk/me": "o",
}  # fmt: skip
"""Pages in the bar, and the letter after ``g`` that leads there."""

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "web.keys.everywhere",
        (("/", "web.keys.search"), ("?", "web.keys.help"), ("g b", "web.keys.board"), ("g m", "web.keys.mine"),
         ("Esc", "web.keys.leave")),
    ),
    (
        "web.keys.on_board",
        (("j", "web.keys.down"), ("k", "web.keys.up"), ("Enter", "web.keys.open"), ("t", "web.keys.take")),
    ),
    (
        "web.keys.on_ticket",
        (("r", "web.keys.reply"), ("n", "web.keys.note"), ("m", "web.keys.macros"), ("Ctrl Enter", "web.keys.send"),
         ("t", "web.keys.take"), ("e", "web.keys.resolve"), ("x", "web.keys.transfer"), ("s", "web.keys.snooze"),
         ("u", "web.keys.back")),
    ),
)  # fmt: skip
"""Where they work, then each with what it does."""
