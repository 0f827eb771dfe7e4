"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span

# The look-behind lets a search start only where a word starts, which keeps it linear on long words without an @.
# icon@2x.png is a picture, not an address.
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++ ?@ ?(?![23]x\.)(?:[A-Za-z0-9\-]++[.。])+[A-Za-z]{2,}")


def find_emails(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _EMAIL.finditer(text):
        yield Span(m.start(), m.end(), "email")
