"""What the loops tell while they work. A leaf: web/metrics.py shows the figures; without a web server nobody listens."""

from __future__ import annotations

from typing import Literal, Protocol

Outcome = Literal["sent", "refused", "flood", "failed"]
"""How one attempt to send ended: taken, never to be tried again, asked to wait, to be tried again."""


class Meter(Protocol):
    """Seconds are wall seconds. Nothing that is told here may name a person or a chat."""

    def judged(self, seconds: float) -> None:
        """Triage has read one message."""

    def attempted(self, channel: str, outcome: Outcome, seconds: float) -> None:
        """The network has answered, or failed to, one attempt to send a message."""


class _Unread:
    def judged(self, seconds: float) -> None: ...

    def attempted(self, channel: str, outcome: Outcome, seconds: float) -> None: ...


UNREAD: Meter = _Unread()
"""The meter that nobody looks at."""
