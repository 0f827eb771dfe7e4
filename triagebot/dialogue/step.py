"""The conversation as one table: (where the person is, what they did) -> what the bot does. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from triagebot.desk.tickets import REOPEN_WITHIN
from triagebot.dialogue import (
    advice,
    app_versions,
    closing,
    commands,
    following,
    giving_up,
    handover,
    hearing,
    inquiry,
    light_check,
    pictures,
    rating,
    reminder_answers,
    reminders,
    waiting,
    watching,
)
from triagebot.dialogue.state import FIRST, Draft, Record, Signal, State, Step, View
from triagebot.rulebook.schema import RuleBook

Move = Callable[[Draft, Signal], None]
_TRYING: tuple[State, ...] = ("menu", "asked_which", "asked_platform", "answered")
_HUMAN = frozenset({"queued", "assigned", "pending", "on_hold"})
_OF_THINGS = ("kind.", "picture.")
"""What is said of what cannot be read, once while it keeps coming: words begin anew."""
_KEEP_WAITING = ("light", "measured", "kind:photo", "kind:document")
"""Whoever says anything else has given up sending a photo for its light."""
_KEEP_ASKING = ("text", "remind", "day", "kind:empty")
"""Whoever presses anything else is not asked for a day any more."""

TRANSITIONS: dict[tuple[str, str], Move] = {
    ("idle", "text"): hearing.hear_new,
    ("idle", "solved"): closing.nothing_open,
    ("idle", "not_solved"): closing.nothing_open,
    ("idle", "give_up"): giving_up.nothing_open,
    **{(state, "text"): hearing.hear_trying for state in _TRYING},
    **{(state, "solved"): closing.solved for state in _TRYING},
    **{(state, "not_solved"): advice.not_solved for state in _TRYING},
    **{(state, "give_up"): giving_up.gave_up for state in _TRYING},
    **{(state, "pick"): advice.pick for state in _TRYING},
    **{(state, "none_of"): advice.none_of for state in _TRYING},
    **{(state, "platform"): advice.choose_platform for state in _TRYING},
    ("handed_over", "text"): hearing.hear_handed_over,
    ("handed_over", "solved"): handover.solved_by_self,
    ("handed_over", "not_solved"): handover.attach,
    ("handed_over", "give_up"): giving_up.while_waiting,
    ("handed_over", "withdraw"): giving_up.withdraw,
    **{(state, "skip"): advice.nothing_to_skip for state in ("idle", *_TRYING)},
    ("answered", "text"): inquiry.hear,
    ("answered", "skip"): inquiry.skip,
    ("answered", inquiry.VERB): inquiry.press,
    ("handed_over", inquiry.VERB): inquiry.press_later,
    ("*", "skip"): handover.skip,
    ("*", "who"): commands.who,
    ("followed", "text"): following.hear,
    ("followed", "solved"): following.solved,
    ("followed", "not_solved"): following.still_waiting,
    ("followed", "give_up"): following.still_waiting,
    ("followed", "human"): hearing.reopen,
    ("followed", "command:human"): hearing.reopen,
    ("waiting", "text"): waiting.hear,
    ("waiting", "solved"): closing.solved,
    ("waiting", "not_solved"): waiting.still,
    ("waiting", "give_up"): giving_up.gave_up,
    ("waiting", "platform"): waiting.name_platform,
    ("waiting", "pick"): advice.pick,
    ("waiting", "none_of"): waiting.still,
    ("waiting", "skip"): waiting.still,
    ("resolved", "text"): hearing.hear_resolved,
    ("resolved", "solved"): closing.thanks,
    ("resolved", "give_up"): closing.thanks,
    ("resolved", "not_solved"): hearing.reopen,
    ("*", "topic"): closing.topic,
    ("*", "human"): closing.human,
    ("*", "rate"): rating.rate,
    ("*", "why"): rating.why,
    ("*", "differs"): waiting.differs,
    ("*", "reopen"): hearing.reopen,
    ("*", "lang"): commands.set_language,
    ("*", "forget"): commands.forget,
    ("*", "command:start"): commands.start,
    ("*", "command:help"): commands.help_,
    ("*", "command:status"): commands.status,
    ("*", "command:human"): commands.human,
    ("*", "command:language"): commands.language,
    ("*", "command:privacy"): commands.privacy,
    ("*", "command:forgetme"): commands.forget_me,
    ("*", "command:unknown"): commands.unknown,
    ("*", "remind"): reminders.accept,
    ("*", "day"): reminders.take_day,
    ("*", "remind_off"): reminders.stop,
    ("*", "remind_done"): reminder_answers.done,
    ("*", "remind_undone"): reminder_answers.undone,
    ("*", "command:watch"): watching.menu,
    ("*", "watch"): watching.obey,
    ("*", "same"): watching.same,
    **{(state, "watch"): watching.obey_while_waiting for state in ("handed_over", "followed", "waiting")},
    ("*", "light"): light_check.ask,
    ("*", "measured"): light_check.measured,
    **{("*", f"kind:{kind}"): pictures.unread for kind in ("photo", "document")},
    **{("*", f"kind:{kind}"): commands.not_text for kind in ("empty", "sticker", "voice", "location", "other")},
}  # fmt: skip


def where(view: View, now: datetime, reopen_within: timedelta = REOPEN_WITHIN) -> State:
    """The state as the ticket tells it; what agents did since the last message counts."""
    ticket = view.ticket
    if ticket is None:
        return "idle"
    if ticket.status in _HUMAN:
        return "handed_over"
    if ticket.status == "bot":
        if ticket.incident is not None:
            return "waiting"
        return view.state if view.state in _TRYING else "answered" if view.state == "waiting" else "menu"
    if ticket.follows:
        return "followed"
    if ticket.status == "resolved" and ticket.resolved_at is not None and now - ticket.resolved_at <= reopen_within:
        return "resolved"
    return "idle"


def step(view: View, signal: Signal, book: RuleBook, now: datetime) -> Step:
    """One move of the dialogue. ``signal.verdict`` must be set for free text.

    A signal that has no row in the table is a stale button: the person is told kindly where they are.
    """
    state = where(view, now)
    if signal.name == "measured" and signal.verdict is not None and hearing.alarming(signal.verdict):
        signal = replace(signal, name="text")  # danger beside a picture is heard before anything else
    said = pictures.gist(signal) if signal.name == "text" else ""
    memory = view.memory.hearing(said, signal.ref)
    if signal.edited:
        memory = memory.noting_change(signal.ref, signal.at)
    draft = Draft(view=view, book=book, now=now, state=state, memory=memory, lang=view.lang, said=said,
                  evidence=signal.verdict.rules if signal.verdict is not None else ())  # fmt: skip
    move = TRANSITIONS.get((state, signal.name)) or TRANSITIONS.get(("*", signal.name)) or closing.nothing_open
    if state == "handed_over" and move is closing.nothing_open:
        move = handover.attach
    words = not signal.name.startswith("kind:")
    if words:
        draft.remember(lately=tuple(said for said in draft.memory.lately if not said[0].startswith(_OF_THINGS)))
    if signal.name not in _KEEP_WAITING:
        draft.remember(awaits="")
    if signal.flood and words and not (view.ticket is not None and view.ticket.assignee):
        draft.say_once("flood.together", count=signal.count)
    if signal.name not in _KEEP_ASKING:
        draft.remember(day_of="")
    pictures.before(draft, signal)
    if not _is_a_day(draft, signal):
        move(draft, signal)
    pictures.after(draft, signal)
    app_versions.note(draft, signal)
    if draft.memory.unseen and any(isinstance(effect, FIRST) for effect in draft.effects):
        draft.effects += [Record("user_sent", {"kind": kind, "count": n}) for kind, n in draft.memory.unseen]
        draft.remember(unseen=())
    offered = tuple((button.label, button.action) for row in draft.buttons for button in row)
    draft.remember(offered=offered)
    return Step(
        state=draft.state,
        memory=draft.memory,
        lang=draft.lang,
        effects=tuple(draft.effects),
        parts=tuple(draft.parts),
        buttons=tuple(draft.buttons),
        silent=draft.silent,
        verdict=signal.verdict,
        keepsake=draft.keepsake,
        papers=tuple(draft.papers),
    )


def _is_a_day(draft: Draft, signal: Signal) -> bool:
    """Whether it answers the question for a day. Danger, another problem and the wish for a person go before."""
    if signal.name != "text" or not draft.memory.day_of or draft.ticket is None or signal.verdict is None:
        return False
    v = signal.verdict
    if hearing.alarming(v) or v.human_requested or hearing.other_problem(v, draft.ticket.category):
        draft.remember(day_of="")
        return False
    return reminders.hear_day(draft, signal)


def unmoved(view: View) -> Step:
    """Nothing was said that counts."""
    return Step(state=view.state, memory=view.memory, lang=view.lang, effects=(), parts=(), buttons=(), silent=True)
