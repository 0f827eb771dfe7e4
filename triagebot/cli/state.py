"""What the options before the command say; read by main() when something goes wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class _State:
    debug: bool = False


state = _State()
