"""A person whose strange inquiry is judged by the bundled rules: steps of the dialogue, with verdicts made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from triagebot import rulebook
from triagebot.dialogue.signals import Ears, parse_action, read
from triagebot.dialogue.state import Effect, Escalate, Open, Pictures, Signal, Step, TicketView, View
from triagebot.dialogue.step import step
from triagebot.messages import Address, Incoming
from triagebot.resources import bundled
from triagebot.rulebook.inquiry_rules import InquiryRules
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.verdict import Verdict

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on a Monday in Shanghai."""
INQUIRY, THEFT = "anomaly.unauthorized_inquiry", "anomaly.identity_theft"


@cache
def book() -> RuleBook:
    return rulebook.load(bundled("rules"))


@cache
def rules() -> InquiryRules:
    found = book().inquiry
    assert found is not None
    return found


@cache
def ears() -> Ears:
    return Ears.of(book())


def verdict(category: str = INQUIRY, decision: str = "escalate", **more: Any) -> Verdict:
    """What triage would say of a clear message about ``category``."""
    named = book().categories[category]
    given: dict[str, Any] = {
        "text": "…", "category": category, "confidence": 0.95, "decision": decision, "platform": "unknown",
        "candidates": ((category, 0.95), ("other.out_of_scope", 0.05)), "rules": (f"{category}.x",),
        "priority": named.priority, "queue": named.route if named.route != "self_service" else named.queue,
        "human_requested": False, "lang": "zh",
    }  # fmt: skip
    return Verdict(**{**given, **more})


MUMBLE = verdict("other.out_of_scope", "unclear", confidence=0.2, rules=())
"""A few words that mean nothing by themselves."""


@dataclass
class Person:
    """``done``: the last step. What they write is read as on any channel; ``v`` is what triage makes of it."""

    lang: str = "zh"
    view: View = field(default_factory=View)
    done: Step | None = None
    did: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.view = replace(self.view, lang=self.lang, version=1)

    def writes(self, words: str, v: Verdict = MUMBLE) -> Step:
        message = Incoming(Address("terminal", "", "1"), words, "1", NOW, text=words)
        signal = read(message, self.view.memory, ears())
        return self._moves(replace(signal, verdict=v) if signal.name == "text" else signal)

    def shows(self, screen: str) -> Step:
        """A screenshot, read."""
        return self._moves(
            Signal("text", text=screen, verdict=verdict(), pictures=Pictures("photo", screens=(screen,)))
        )

    def presses(self, action: str) -> Step:
        press = parse_action(action)
        return self._moves(Signal(press.verb, press.arg))

    def starts(self, words: str = "有家机构查了我", v: Verdict | None = None) -> Step:
        self.writes(words, v or verdict())
        return self.presses("judge:start")

    @property
    def facts(self) -> Mapping[str, str]:
        return dict(self.view.memory.inquiry)

    @property
    def buttons(self) -> list[str]:
        assert self.done is not None
        return [button.action for row in self.done.buttons for button in row]

    @property
    def words(self) -> str:
        assert self.done is not None
        return "\n".join(str(part.values.get("text", part.key)) for part in self.done.parts)

    @property
    def question(self) -> str:
        """The fact that is asked for now, "" for none."""
        asked = {a.split(":")[1].partition(".")[0] for a in self.buttons if a.startswith("judge:")}
        return next(iter(asked - {"back", "start", "paper"}), "")

    def happened(self, type: str) -> list[Mapping[str, Any]]:
        return [effect.data for effect in self.did if getattr(effect, "type", "") == type]

    @property
    def result(self) -> str:
        found = self.happened("judged")
        return str(found[-1]["result"]) if found else ""

    @property
    def escalated(self) -> list[Escalate]:
        return [effect for effect in self.did if isinstance(effect, Escalate)]

    def _moves(self, signal: Signal) -> Step:
        self.done = step(self.view, signal, book(), NOW)
        self.did += self.done.effects
        ticket = self.view.ticket
        for effect in self.done.effects:
            if isinstance(effect, Open):
                ticket = TicketView(1, "bot", str(effect.facts["category"]), opened_at=NOW)
            elif isinstance(effect, Escalate) and ticket is not None:
                ticket = replace(ticket, status="queued", queue=effect.queue, priority=effect.priority,
                                 category=effect.category or ticket.category, escalated=True)  # fmt: skip
        self.view = replace(self.view, state=self.done.state, memory=self.done.memory, ticket=ticket)
        return self.done
