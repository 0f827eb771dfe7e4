"""What triage says of a message: the fields of ``triagebot classify --json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Decision = Literal["answer", "ask", "unclear", "escalate"]
Scope = Literal["message", "conversation"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``candidates``: (category, probability), best first, at least three where the rules hold as many categories.

    ``category`` is what the message most likely is about and ``confidence`` its probability. ``alarm``: the P1 category that
    an alarm is about, "" for none; raised by likelihood it may be another one than ``category``, and goes first
    (``handled_as``). ``choices``: the categories worth asking about (prediction set).
    ``queue``: where it goes, or would go if self-help fails. ``escalation``: id of the rule that escalated, or "".
    ``scope``: "conversation" when the message was judged together with earlier ones. ``filler``: it has no content of
    its own. ``also``: other categories that the same message clearly speaks of. ``rules`` and ``nearest`` (examples)
    are the evidence.
    """

    text: str
    category: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    decision: Decision
    platform: str
    priority: str
    queue: str
    human_requested: bool
    lang: str
    rules: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    scope: Scope = "message"
    escalation: str = ""
    filler: bool = False
    also: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    alarm: str = ""

    @property
    def handled_as(self) -> str:
        """Whose advice and queue count: safety goes before likelihood."""
        return self.alarm or self.category

    def to_json(self) -> dict[str, Any]:
        """The promised JSON; ``text`` must have been redacted by whoever passed it in."""
        return {
            "text": self.text,
            "category": self.category,
            "confidence": round(self.confidence, 4),
            "candidates": [{"category": category, "p": round(p, 4)} for category, p in self.candidates],
            "decision": self.decision,
            "platform": self.platform,
            "priority": self.priority,
            "queue": self.queue,
            "human_requested": self.human_requested,
            "lang": self.lang,
            "evidence": {"rules": list(self.rules), "nearest": list(self.nearest)},
            "scope": self.scope,
            "escalation": self.escalation,
            "filler": self.filler,
            "also": list(self.also),
            "choices": list(self.choices),
            "alarm": self.alarm,
        }
