"""Links that sign somebody in, or make them a colleague: who has one may use it, so that none is kept or shown to others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span

_TOKEN = re.compile(r"(?:join_|token=)(?P<token>[A-Za-z0-9_-]{40,})")


def find_links(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py). Only what makes the link work is hidden, so that one sees what it was."""
    for m in _TOKEN.finditer(text):
        yield Span(m.start("token"), m.end("token"), "link")
