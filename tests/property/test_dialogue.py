"""Whatever people do in whatever order: the bot never fails, is never silent without reason, and forgets nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit import house
from tests.unit.house import NOW, book, keys, verdict
from triagebot.desk.incident.going import Going
from triagebot.dialogue.signals import Ears, parse_action, plain, read
from triagebot.dialogue.state import (
    ANOTHER,
    HOW_LONG,
    STILL_WAITING,
    WHAT_NOW,
    WORRIED,
    Attach,
    Detach,
    Escalate,
    Focus,
    Forget,
    Memory,
    Open,
    Record,
    Reopen,
    Resolve,
    SetLang,
    Signal,
    Step,
    StopReminders,
    TicketView,
    View,
)
from triagebot.dialogue.step import TRANSITIONS, step, where
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe
from triagebot.locale import LANGUAGES, catalogue
from triagebot.triage.verdict import Verdict

CATEGORIES = sorted(book().categories)
WORDS = st.sampled_from(
    ["刷脸不过", "还是不行", "昨天", "11月1日", "5", "1 分", "微信上查的，提示没通过，一直这样", "", "x" * 400]
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Any verdict that triage may give, consistent as its contract says."""
    category = draw(st.sampled_from(CATEGORIES))
    rules = book().categories[category]
    others = draw(st.lists(st.sampled_from(CATEGORIES), max_size=3, unique=True))
    return verdict(
        category,
        draw(st.sampled_from(["answer", "ask", "unclear", "escalate"])),
        confidence=draw(st.sampled_from([0.1, 0.5, 0.7, 0.95])),
        candidates=tuple((c, 0.3) for c in dict.fromkeys([category, *others])),
        platform=draw(st.sampled_from(["wechat", "alipay", "unknown"])),
        priority=draw(st.sampled_from([rules.priority, "P1"])),
        human_requested=draw(st.booleans()),
        filler=draw(st.booleans()),
        scope=draw(st.sampled_from(["message", "conversation"])),
        lang=draw(st.sampled_from(LANGUAGES)),
        rules=draw(st.sampled_from([(), ("word",)])),
        escalation=draw(st.sampled_from(["", "some.rule"])),
    )


CLOCKS = [clock.id for clock in book().clocks.clocks]
DAYS = ["answer.20261101", "answer.other", "answer.20991231", "lock.20261101"]
ARGS = st.sampled_from(
    ["", *CATEGORIES, "wechat", "unknown", "1", "5", "9", "yes", "no", "zh", "en", "no.such", *CLOCKS, *DAYS]
)
MEANINGS = st.sampled_from(["", "", WHAT_NOW, HOW_LONG, STILL_WAITING, WORRIED, ANOTHER])
SIGNALS = st.one_of(
    st.builds(lambda v, words, arg: Signal("text", arg, text=words or "话", verdict=v), verdicts(), WORDS, MEANINGS),
    st.builds(lambda name, arg: Signal(name, arg), st.sampled_from(sorted({n for _, n in TRANSITIONS} - {"text"})), ARGS),
    st.builds(lambda name: Signal(name), st.sampled_from(["made_up", "", "take"])),
)  # fmt: skip
INCIDENTS = st.sampled_from(
    [(), (Going(1, house.FACE, "wechat", NOW),), (Going(2, "", "wechat", NOW), Going(3, house.MISSING, "", NOW))]
)
BETWEEN = st.sampled_from(["", "", "", "taken", "resolved", "transferred", "merged", "follows", "a week"])


def _after(done: Step, seen: View, number: int, now: datetime) -> View:
    """The ticket as the effects leave it, as dialogue.turn would write it."""
    ticket, others = seen.ticket, seen.others
    out = {incident.number: incident for incident in seen.incidents}
    for effect in done.effects:
        if isinstance(effect, Open):
            others = (*others, *([ticket] if ticket and ticket.status in ("queued", "assigned") else []))
            ticket = TicketView(number, "bot", effect.facts["category"], platform=effect.facts["platform"],
                                opened_at=now)  # fmt: skip
        elif isinstance(effect, Forget):
            ticket, others = None, ()
        elif isinstance(effect, Focus):
            ticket = next(t for t in others if t.number == effect.number)
        elif ticket is None and not isinstance(effect, SetLang | StopReminders | Subscribe | Unsubscribe):
            raise AssertionError(f"{effect} without a ticket")
        elif ticket is not None and isinstance(effect, Escalate):
            assert effect.queue in book().queues
            ticket = replace(ticket, status="queued", queue=effect.queue, priority=effect.priority, escalated=True,
                             category=effect.category or ticket.category)  # fmt: skip
        elif ticket is not None and isinstance(effect, Resolve):
            ticket = replace(ticket, status="resolved", resolved_at=now, follows=False)
        elif ticket is not None and isinstance(effect, Record) and effect.type == "closed":
            ticket = replace(ticket, status="closed")
        elif ticket is not None and isinstance(effect, Attach):
            assert ticket.status in ("bot", "queued")
            assert ticket.incident != out[effect.incident]
            ticket = replace(ticket, incident=out[effect.incident])
        elif ticket is not None and isinstance(effect, Detach):
            assert ticket.incident is not None
            ticket = replace(ticket, incident=None)
        elif ticket is not None and isinstance(effect, Reopen):
            ticket = replace(ticket, status="queued" if ticket.escalated else "bot", resolved_at=None, follows=False)
    others = tuple(t for t in others if ticket is None or t.number != ticket.number)
    if ticket is not None and ticket.status not in ("bot", "queued", "assigned"):
        ticket = replace(ticket, incident=None)
    return View(done.state, Memory.from_json(done.memory.to_json()), done.lang, ticket, others, version=1,
                incidents=seen.incidents)  # fmt: skip


def _meanwhile(seen: View, event: str, now: datetime) -> View:
    """What agents may have done between two messages."""
    ticket = seen.ticket
    if ticket is None or where(seen, now) != "handed_over":
        return seen
    changed = {
        "taken": {"status": "assigned", "assignee": "小李"},
        "resolved": {"status": "resolved", "resolved_at": now, "incident": None},
        "transferred": {"status": "queued", "queue": "hotline", "assignee": ""},
        "merged": {"status": "merged", "incident": None},
        "follows": {"status": "merged", "follows": True, "incident": None},
    }.get(event, {})
    return replace(seen, ticket=replace(ticket, **changed))  # type: ignore[arg-type]


def _is_well_formed(done: Step, seen: View) -> None:
    mine = [t for t in (seen.ticket, *seen.others) if t is not None]
    assert done.parts or (done.silent and any(t.assignee or t.incident for t in mine))
    assert not (done.parts and done.silent)
    for part in done.parts:
        assert part.key in ("text", "promise", "status.line") or part.key in catalogue(done.lang)
    shown = "\n".join(str(p.values.get("text", "")) for p in done.parts)
    assert sum(line[:2] in ("1.", "2.", "3.", "4.", "5.") for line in shown.splitlines()) <= 4
    assert keys(done).count("slots.ask") <= 1
    assert len(done.memory.asked) <= 2
    assert Memory.from_json(done.memory.to_json()) == done.memory
    for label, action in done.memory.offered:
        assert label
        assert len(f"{action}:1234567".encode()) <= 48
        assert (parse_action(f"{action}:1234567").verb, parse_action(f"{action}:1234567").number) == (
            action.partition(":")[0], 1234567)  # fmt: skip
    if any(isinstance(e, Escalate) for e in done.effects):
        assert {"handover.done", "promise"} <= set(keys(done))
    if any(isinstance(e, Escalate) and e.priority == "P1" and e.category == house.SCAM for e in done.effects):
        assert keys(done)[0] == "safety.head"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(SIGNALS, BETWEEN), min_size=2, max_size=15), INCIDENTS)
def test_any_conversation(turns: list[tuple[Signal, str]], incidents: tuple[Going, ...]) -> None:
    seen, now = View(incidents=incidents), NOW
    for number, (signal, event) in enumerate(turns, start=1):
        now += timedelta(days=8) if event == "a week" else timedelta(minutes=1)
        seen = _meanwhile(seen, event, now)
        if signal.verdict is not None:
            seen = replace(seen, lang=signal.verdict.lang)
        done = step(seen, signal, book(), now)
        _is_well_formed(done, seen)
        seen = _after(done, seen, number, now)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["text", "press", "edit", "photo", "empty"]), st.booleans())
def test_whatever_is_typed_is_one_signal(words: str, kind: str, offered: bool) -> None:
    ears = Ears.of(book())
    memory = Memory(offered=(("解决了", "solved"), ("还不行", "not_solved:12"))) if offered else Memory()
    heard = house.incoming(1, words, kind=kind, action=words if kind == "press" else "")
    signal = read(heard, memory, ears)
    assert isinstance(signal.name, str)
    assert plain(plain(words)) == plain(words)


@given(st.sampled_from(["pick", "rate", "solved"]), st.sampled_from(["", house.FACE, "5"]), st.integers(0))
def test_an_action_comes_apart_as_it_was_put_together(verb: str, arg: str, number: int) -> None:
    action = ":".join(p for p in (verb, arg) if p)
    press = parse_action(f"{action}:{number}")
    if number < 10**18:
        assert (press.verb, press.arg, press.number) == (verb, arg, number)
    else:
        assert press.number is None
