"""Every row of the table of transitions: where the person is, what they do, where they then are and what they hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest

from tests.network_pictures import DARK
from tests.unit.house import (
    DISPUTE,
    EITHER,
    FACE,
    FILLER,
    MISSING,
    NONSENSE,
    NOW,
    PEOPLE,
    SCAM,
    STATUS,
    UNCLEAR,
    WANTS_PEOPLE,
    keys,
    move,
    text,
    ticket,
    trying,
    verdict,
    view,
)
from triagebot.desk.incident.going import Going
from triagebot.dialogue.picture_facts import Pictures
from triagebot.dialogue.state import Signal, View
from triagebot.dialogue.step import TRANSITIONS, where

NOTHING = view()
MENU, WHICH, PLATFORM, ANSWERED = (trying(s) for s in ("menu", "asked_which", "asked_platform", "answered"))
VAGUE_MENU = trying("menu", category="", round=-1)
QUEUED, HELD = view("handed_over", ticket("queued")), view("handed_over", ticket("assigned"))
DONE = view("idle", ticket("resolved", resolved_at=NOW - timedelta(days=1)))
DONE_BY_BOT = view("idle", ticket("resolved", resolved_at=NOW - timedelta(days=1), escalated=False, queue=""))
RATED_LOW = view("resolved", ticket("resolved", resolved_at=NOW - timedelta(days=1), rating=2))
FOLLOWING = view("followed", ticket("merged", follows=True))
OUTAGE = Going(3, FACE, "wechat", NOW - timedelta(minutes=20))
WAITING = replace(
    trying("waiting", platform="wechat"), ticket=ticket(platform="wechat", incident=OUTAGE), incidents=(OUTAGE,)
)
HELD_WAITING = replace(HELD, ticket=ticket("queued", incident=OUTAGE), incidents=(OUTAGE,))
LONG_AGO = view("idle", ticket("resolved", resolved_at=NOW - timedelta(days=8)))


class Row(NamedTuple):
    name: str
    seen: View
    signal: Signal
    state: str
    said: str
    effects: str = ""


def _s(name: str, arg: str = "") -> Signal:
    return Signal(name, arg)


ROWS = [
    # Nothing is going on
    Row("a clear problem gets its fix", NOTHING, text(verdict(MISSING)), "answered",
        "text advice.will_ask_again", "Open Record Remind"),
    Row("advice that depends on the platform asks for it", NOTHING, text(verdict(FACE)), "asked_platform",
        "text ask.platform", "Open Record"),
    Row("a known platform is not asked for", NOTHING, text(verdict(FACE, platform="wechat")), "answered",
        "text", "Open Record"),
    Row("two likely problems are offered", NOTHING, text(EITHER), "asked_which", "ask.which", "Open Record"),
    Row("what nobody understands gets the menu", NOTHING, text(UNCLEAR), "menu", "unclear.first", "Open"),
    Row("a greeting gets the menu", NOTHING, text(FILLER), "menu", "greet.short", "Open"),
    Row("small talk is said no to", NOTHING, text(verdict(NONSENSE, "unclear")), "menu", "unclear.out_of_scope", "Open"),
    Row("a person is asked for", NOTHING, text(WANTS_PEOPLE), "handed_over",
        "handover.done promise slots.ask", "Open Escalate"),
    Row("danger is safety first, then people", NOTHING, text(verdict(SCAM)), "handed_over",
        "safety.head text handover.done promise slots.ask", "Open Record Escalate"),
    Row("a hotline matter is explained and handed over", NOTHING, text(verdict(DISPUTE)), "handed_over",
        "text handover.done promise handover.contacts handover.ready slots.ask", "Open Escalate"),
    Row("how is my ticket", NOTHING, text(verdict(STATUS)), "idle",
        "status.none remind.pending", "Open"),
    Row("solved, but nothing is open", NOTHING, _s("solved"), "idle", "greet.nothing_open"),
    Row("not solved, but nothing is open", NOTHING, _s("not_solved"), "idle", "greet.nothing_open"),
    Row("let it be, but nothing is open", NOTHING, _s("give_up"), "idle", "gave_up.nothing_open"),
    Row("a button out of its time", NOTHING, _s("pick", FACE), "idle", "greet.nothing_open"),
    # The bot is at work
    *(Row(f"solved in {v.state}", v, _s("solved"), "idle", "solved.thanks", "Resolve")
      for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    *(Row(f"let it be in {v.state}", v, _s("give_up"), "idle", "gave_up.closed", "Record")
      for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    Row("let it be before it was known what", VAGUE_MENU, _s("give_up"), "idle", "gave_up.nothing_open", "Record"),
    *(Row(f"another way in {v.state}", v, _s("not_solved"), "answered", "advice.next_round text", "Record")
      for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    *(Row(f"chosen in {v.state}", v, _s("pick", MISSING), "answered", "text advice.will_ask_again",
          "Record Record Record Remind") for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    *(Row(f"none of these in {v.state}", v, _s("none_of"), "menu", "unclear.first")
      for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    *(Row(f"platform told in {v.state}", v, _s("platform", "wechat"), "answered", "text", "Record Record")
      for v in (MENU, WHICH, PLATFORM, ANSWERED)),
    Row("platform without a fix of its own", PLATFORM, _s("platform", "alipay"), "answered",
        "advice.platform_noted", "Record"),
    Row("platform not known", PLATFORM, _s("platform", "unknown"), "answered", "advice.platform_noted", "Record"),
    *(Row(f"a clear problem in {v.state} is advised on", v, text(verdict(MISSING)), "answered",
          "text advice.will_ask_again", "Record Record Remind") for v in (trying("menu"), trying("asked_which"))),
    *(Row(f"another problem in {v.state}", v, text(verdict(MISSING)), "answered",
          "text advice.will_ask_again", "Open Record Remind") for v in (PLATFORM, ANSWERED)),
    Row("the last way did not help", trying(round=1), _s("not_solved"), "handed_over",
        "handover.sorry handover.done promise slots.ask", "Escalate"),
    Row("chosen: danger", WHICH, _s("pick", SCAM), "handed_over", "safety.head text handover.done promise slots.ask",
        "Record Record Escalate"),
    Row("chosen: a person", WHICH, _s("pick", PEOPLE), "handed_over", "handover.human handover.done promise slots.ask",
        "Record Escalate"),
    Row("chosen: my ticket", WHICH, _s("pick", STATUS), "asked_which", "status.none", "Record"),
    Row("chosen: something that the rules do not hold", WHICH, _s("pick", "no.such"), "menu", "unclear.first"),
    Row("not understood twice is a matter for people", trying("menu", category="", unclear=1), text(UNCLEAR),
        "handed_over", "unclear.second handover.human handover.done promise slots.ask", "Escalate"),
    Row("a person is asked for while trying", ANSWERED, text(WANTS_PEOPLE), "handed_over",
        "handover.human handover.done promise slots.ask", "Escalate"),
    # People have it
    Row("more words for a waiting ticket", QUEUED, text(UNCLEAR), "handed_over", "handover.attached promise"),
    Row("the agent who has it answers, not the bot", HELD, text(UNCLEAR), "handed_over", ""),
    Row("danger while people have something else", HELD, text(verdict(SCAM)), "handed_over",
        "safety.head text handover.done promise slots.ask", "Open Record Escalate"),
    Row("another problem while waiting", QUEUED, text(verdict(MISSING)), "answered", "text advice.will_ask_again",
        "Open Record Remind"),
    Row("how is my ticket, while waiting", QUEUED, text(verdict(STATUS)), "handed_over", "status.line"),
    Row("a person is asked for again", QUEUED, text(WANTS_PEOPLE), "handed_over", "handover.already promise"),
    Row("solved while waiting", QUEUED, _s("solved"), "resolved", "solved.while_waiting", "Resolve"),
    Row("not solved while waiting", QUEUED, _s("not_solved"), "handed_over", "handover.attached promise"),
    Row("let it be while waiting", QUEUED, _s("give_up"), "handed_over", "gave_up.waiting"),
    Row("let it be while an agent has it", HELD, _s("give_up"), "handed_over", ""),
    Row("taken back while waiting", QUEUED, _s("withdraw"), "idle", "gave_up.withdrawn", "Record"),
    Row("taken back while an agent has it", HELD, _s("withdraw"), "handed_over", ""),
    Row("taken back: danger stays with people", view("handed_over", ticket("queued", SCAM)), _s("withdraw"),
        "handed_over", "handover.attached promise"),
    Row("an old button while waiting", QUEUED, _s("pick", FACE), "handed_over", "handover.attached promise"),
    Row("an old button while an agent has it", HELD, _s("pick", FACE), "handed_over", ""),
    # It is the same incident that others have
    Row("more words while following", FOLLOWING, text(UNCLEAR), "followed", "followed.noted"),
    Row("thanks while following", FOLLOWING, text(FILLER), "followed", "followed.still"),
    Row("still broken while following", FOLLOWING, _s("not_solved"), "followed", "followed.still"),
    Row("it works again while following", FOLLOWING, _s("solved"), "resolved", "solved.thanks", "Resolve"),
    Row("let it be while following", FOLLOWING, _s("give_up"), "followed", "followed.still"),
    Row("mine is different", FOLLOWING, _s("reopen"), "handed_over", "resolved.reopened promise", "Reopen"),
    Row("a person is asked for while following", FOLLOWING, text(WANTS_PEOPLE), "handed_over",
        "resolved.reopened promise", "Reopen"),
    Row("the human button while following", FOLLOWING, _s("human"), "handed_over", "resolved.reopened promise",
        "Reopen"),
    Row("/human while following", FOLLOWING, _s("command:human"), "handed_over", "resolved.reopened promise", "Reopen"),
    Row("another problem while following", FOLLOWING, text(verdict(MISSING)), "answered",
        "text advice.will_ask_again", "Open Record Remind"),
    Row("danger while following", FOLLOWING, text(verdict(SCAM)), "handed_over",
        "safety.head text handover.done promise slots.ask", "Open Record Escalate"),
    Row("how is my ticket, while following", FOLLOWING, text(verdict(STATUS)), "followed", "status.line"),
    # Many people have it at once, and nobody else is asked
    Row("more words while waiting for the end", WAITING, text(UNCLEAR), "waiting", "outage.still"),
    Row("the same once more", WAITING, text(verdict(FACE)), "waiting", "outage.still"),
    Row("it works again while waiting for the end", WAITING, _s("solved"), "idle", "solved.thanks", "Resolve"),
    Row("still broken while waiting for the end", WAITING, _s("not_solved"), "waiting", "outage.still"),
    Row("let it be while waiting for the end", WAITING, _s("give_up"), "idle", "gave_up.closed", "Record"),
    Row("on the very platform", WAITING, _s("platform", "wechat"), "waiting", "outage.still"),
    Row("on another platform", WAITING, _s("platform", "alipay"), "answered", "text", "Record Detach Record"),
    Row("it is another problem", WAITING, _s("pick", MISSING), "answered", "text advice.will_ask_again",
        "Record Record Detach Record Remind"),
    Row("none of these, while waiting for the end", WAITING, _s("none_of"), "waiting", "outage.still"),
    Row("skip while waiting for the end", WAITING, _s("skip"), "waiting", "outage.still"),
    Row("theirs is different", WAITING, _s("differs"), "answered", "outage.apart text", "Detach Record Record"),
    Row("theirs is different, where people have it", HELD_WAITING, _s("differs"), "handed_over",
        "outage.apart_with_people promise slots.ask", "Detach"),
    Row("different from nothing", NOTHING, _s("differs"), "idle", "greet.nothing_open"),
    Row("a person is asked for while waiting for the end", WAITING, text(WANTS_PEOPLE), "handed_over",
        "handover.human handover.done promise", "Escalate"),
    Row("the human button while waiting for the end", WAITING, _s("human"), "handed_over",
        "handover.human handover.done promise", "Escalate"),
    Row("danger while waiting for the end", WAITING, text(verdict(SCAM)), "handed_over",
        "safety.head text handover.done promise slots.ask", "Open Record Escalate"),
    Row("another problem while waiting for the end", WAITING, text(verdict(MISSING)), "answered",
        "text advice.will_ask_again", "Open Record Remind"),
    Row("how is my ticket, while waiting for the end", WAITING, text(verdict(STATUS)), "waiting",
        "status.line outage.head outage.line"),
    # It is over
    Row("thanks stay thanks", DONE, text(FILLER), "resolved", "resolved.thanks"),
    Row("it is broken again: people go on", DONE, text(verdict(FACE)), "handed_over", "resolved.reopened promise",
        "Reopen"),
    Row("it is broken again: the bot goes on", DONE_BY_BOT, text(verdict(FACE)), "answered",
        "advice.next_round text", "Reopen Record"),
    Row("a new problem after the end", DONE, text(verdict(MISSING)), "answered", "text advice.will_ask_again",
        "Open Record Remind"),
    Row("solved, once more", DONE, _s("solved"), "resolved", "resolved.thanks"),
    Row("let it be after the end", DONE, _s("give_up"), "resolved", "resolved.thanks"),
    Row("not solved after all", DONE, _s("not_solved"), "handed_over", "resolved.reopened promise", "Reopen"),
    Row("too long ago to go on", LONG_AGO, _s("reopen"), "idle", "resolved.too_long_ago"),
    # Anywhere
    Row("skip without a question", ANSWERED, _s("skip"), "answered", "advice.noted"),
    Row("skip before anything", NOTHING, _s("skip"), "menu", "greet.short"),
    *(Row(f"skip without a question in {v.state}", v, _s("skip"), v.state if v is PLATFORM else "menu",
          "advice.noted" if v is PLATFORM else "greet.short") for v in (MENU, WHICH, PLATFORM)),
    Row("skip while waiting, nothing asked", QUEUED, _s("skip"), "handed_over", "slots.nothing_to_skip"),
    Row("who answers here", ANSWERED, _s("who"), "answered", "who.robot"),
    Row("a topic of the menu", NOTHING, _s("topic", MISSING), "answered", "text advice.will_ask_again",
        "Open Record Record Remind"),
    Row("the human button", NOTHING, _s("human"), "handed_over", "handover.human handover.done promise slots.ask",
        "Open Escalate"),
    Row("the human button while trying", ANSWERED, _s("human"), "handed_over",
        "handover.human handover.done promise slots.ask", "Escalate"),
    Row("five stars", DONE, _s("rate", "5"), "resolved", "rate.thanks", "Record"),
    Row("one star asks why", DONE, _s("rate", "1"), "resolved", "rate.sorry", "Record"),
    Row("why there were few stars", RATED_LOW, _s("why", "slow"), "resolved", "rate.reason_pressed", "Record"),
    Row("why there were few stars, a reason that nobody offered", RATED_LOW, _s("why", "x"), "resolved", "rate.not_now"),
    Row("a reason without stars", DONE, _s("why", "slow"), "resolved", "rate.not_now"),
    Row("stars for nothing", ANSWERED, _s("rate", "5"), "answered", "rate.not_now"),
    Row("the reopen button", DONE, _s("reopen"), "handed_over", "resolved.reopened promise", "Reopen"),
    Row("nothing to reopen", ANSWERED, _s("reopen"), "answered", "resolved.nothing_to_reopen"),
    Row("language chosen", ANSWERED, _s("lang", "en"), "answered", "language.set", "SetLang"),
    Row("erasing, for sure", ANSWERED, _s("forget", "yes"), "idle", "forget.done", "Forget"),
    Row("erasing, rather not", ANSWERED, _s("forget", "no"), "answered", "forget.kept"),
    Row("/start", ANSWERED, _s("command:start"), "answered", "greet.start"),
    Row("/help", NOTHING, _s("command:help"), "idle", "greet.start greet.also"),
    Row("/status", QUEUED, _s("command:status"), "handed_over", "status.line remind.pending"),
    Row("/human", NOTHING, _s("command:human"), "handed_over", "handover.human handover.done promise slots.ask",
        "Open Escalate"),
    Row("/language", ANSWERED, _s("command:language"), "answered", "language.which"),
    Row("/language en", ANSWERED, _s("command:language", "en"), "answered", "language.set", "SetLang"),
    Row("/privacy", ANSWERED, _s("command:privacy"), "answered", "privacy.text"),
    Row("/forgetme asks first", ANSWERED, _s("command:forgetme"), "answered", "forget.sure"),
    Row("/watch shows what there is", ANSWERED, _s("command:watch"), "answered", "watch.menu"),
    Row("a reminder is asked for", ANSWERED, _s("watch", "m3"), "answered", "watch.reminder_on watch.nothing_kept",
        "Subscribe"),
    Row("a reminder is asked for while waiting", QUEUED, _s("watch", "m3"), "handed_over",
        "watch.reminder_on watch.nothing_kept", "Subscribe"),
    Row("it is the same for me", NOTHING, _s("same", f"wechat.{FACE}"), "answered", "text",
        "Open Record Record Record"),
    Row("it is the same for me, which people have already", QUEUED, _s("same", f"wechat.{FACE}"), "handed_over",
        "handover.attached promise"),
    Row("it is the same for me, of something that the rules do not hold", NOTHING, _s("same", "x.y"), "idle",
        "greet.nothing_open"),
    Row("tell me when it works, said to people", QUEUED, Signal("watch", "news", text="好了告诉我"), "handed_over",
        "handover.attached promise"),
    Row("tell me when it works, of an incident that one waits for the end of", WAITING,
        Signal("watch", "news.wechat", text="微信好了告诉我"), "waiting", "outage.still"),
    Row("tell me when it works, while following", FOLLOWING, Signal("watch", "news", text="好了告诉我"), "followed",
        "followed.still"),
    Row("tell me when it works, said to an agent", HELD, Signal("watch", "news", text="好了告诉我"), "handed_over", ""),
    Row("a command that does not exist", ANSWERED, _s("command:unknown"), "answered", "command.unknown"),
    *(Row(f"{kind} instead of words", ANSWERED, _s(f"kind:{kind}"), "answered", f"kind.{kind}", "Record")
      for kind in ("empty", "photo", "document", "sticker", "voice", "location", "other")),
    Row("a reminder is accepted", ANSWERED, _s("remind", "result"), "answered", "remind.accepted", "Accept"),
    Row("a reminder that counts from a day asks for it", QUEUED, _s("remind", "answer"), "handed_over", "text"),
    Row("the day is a button", QUEUED, _s("day", "answer.20261120"), "handed_over", "remind.accepted", "Accept"),
    Row("the day will be typed", QUEUED, _s("day", "answer.other"), "handed_over", "remind.which_day"),
    Row("what has run out is said at once", QUEUED, _s("day", "answer.20261101"), "handed_over", "text"),
    Row("a reminder that left the rules", ANSWERED, _s("remind", "gone"), "answered", "remind.gone"),
    Row("no more about this", ANSWERED, _s("remind_off", "result"), "answered", "remind.stopped", "StopReminders"),
    Row("it has come, to the bot's own ticket", ANSWERED, _s("remind_done", "result"), "idle", "solved.thanks",
        "Record Resolve"),
    Row("it has come, while people have the ticket", QUEUED, _s("remind_done", "answer"), "handed_over", "remind.glad",
        "Record"),
    Row("it has not come, and is another problem now", DONE_BY_BOT, _s("remind_undone", "result"), "answered",
        "text advice.will_ask_again", "Open Record Record Remind"),
    Row("it has not come, and people take over", LONG_AGO, _s("remind_undone", "answer"), "handed_over",
        "handover.done promise slots.ask", "Open Record Escalate"),
    Row("it has not come, while people have the ticket", HELD, _s("remind_undone", "answer"), "handed_over",
        "handover.attached promise", "Record"),
    Row("it has not come, and there is another way", ANSWERED, _s("remind_undone", "lock"), "answered",
        "advice.next_round text", "Record"),
    Row("it has not come, while following", FOLLOWING, _s("remind_undone", "answer"), "followed", "followed.still", "Record"),
    Row("a button of an inquiry that is not what we talk about", ANSWERED, _s("judge", "start"), "idle", "greet.nothing_open"),
    Row("a button of an inquiry while people have something else", QUEUED, _s("judge", "start"), "handed_over",
        "handover.attached promise"),
    Row("the light is to be measured, where nobody can look", ANSWERED, _s("light"), "answered", "picture.blind"),
    Row("the light is to be measured", replace(ANSWERED, looks=True), _s("light"), "answered", "light.ask"),
    Row("the light was measured", ANSWERED, Signal("measured", pictures=Pictures("photo", light=DARK)), "answered",
        "light.dark light.also", "Record"),
    Row("a picture for the agent", HELD, _s("kind:photo"), "handed_over", "kind.agent_cannot_see", "Record"),
    Row("a picture after the end is for nobody", view("idle", ticket("resolved", assignee="小李", resolved_at=NOW)),
        _s("kind:photo"), "resolved", "kind.photo", "Record"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_what_happens(row: Row) -> None:
    done = move(row.seen, row.signal)
    assert " ".join(keys(done)) == row.said
    assert done.state == row.state
    assert " ".join(type(e).__name__ for e in done.effects) == row.effects


def test_every_row_of_the_table_is_tried() -> None:
    tried = {(where(row.seen, NOW), row.signal.name) for row in ROWS}
    missing = {(s, n) for s, n in TRANSITIONS if (s, n) not in tried and not (s == "*" and n in {m for _, m in tried})}
    assert missing == set()


def test_silence_only_for_an_agent_who_has_the_ticket() -> None:
    for row in ROWS:
        done = move(row.seen, row.signal)
        held = row.seen.ticket is not None and bool(row.seen.ticket.assignee)
        assert done.parts or (done.silent and held), row.name


def test_a_topic_of_the_menu_does_not_disturb_a_ticket_that_people_have() -> None:
    """The menu of /start can be pressed while an agent is at work: another topic is another ticket."""
    for seen in (QUEUED, HELD):
        other = move(seen, _s("topic", MISSING))
        assert "Open" in [type(e).__name__ for e in other.effects]
        same = move(seen, _s("topic", FACE))
        assert same.state == "handed_over"
        assert not same.effects


def test_the_other_open_tickets_are_told_in_order_of_their_numbers() -> None:
    seen = view("handed_over", ticket("queued"), others=(ticket("assigned", DISPUTE, number=3),))
    done = move(seen, _s("command:status"))
    assert [p.values["ticket"].number for p in done.parts if p.key == "status.line"] == [3, 12]
    assert not done.effects
