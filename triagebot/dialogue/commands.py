"""Slash commands of users, and messages that are not text."""

from __future__ import annotations

from dataclasses import replace

from triagebot.dialogue import advice, closing, handover, reminders, watching
from triagebot.dialogue.state import Draft, Forget, Record, SetLang, Signal
from triagebot.locale import LANGUAGES, say
from triagebot.messages import Button


def start(d: Draft, s: Signal) -> None:
    """A greeting that says in one breath what this is, and offers the common problems."""
    d.say("greet.start")
    before = d.state
    advice.show_menu(d)
    d.state = before


def help_(d: Draft, s: Signal) -> None:
    start(d, s)
    d.say("greet.also")


def status(d: Draft, s: Signal) -> None:
    handover.status(d)
    reminders.mention(d)
    watching.list_what_is_on(d)


def human(d: Draft, s: Signal) -> None:
    closing.human(d, s)


def language(d: Draft, s: Signal) -> None:
    if s.arg in LANGUAGES:
        set_language(d, s)
        return
    d.say("language.which")
    d.offer(Button("中文", "lang:zh"), Button("English", "lang:en"))


def set_language(d: Draft, s: Signal) -> None:
    d.lang = s.arg if s.arg in LANGUAGES else "zh"
    d.remember(lang_fixed=True)
    d.do(SetLang(d.lang))
    d.say("language.set")


def privacy(d: Draft, s: Signal) -> None:
    d.say("privacy.text")


def forget_me(d: Draft, s: Signal) -> None:
    """Erasing cannot be undone, so it is asked once more."""
    d.say("forget.sure")
    d.offer(Button(say(d.lang, "button.forget"), "forget:yes"), Button(say(d.lang, "button.keep"), "forget:no"))


def forget(d: Draft, s: Signal) -> None:
    if s.arg != "yes":
        d.say("forget.kept")
        return
    d.do(Forget())
    d.say("forget.done")
    d.memory = replace(d.memory.fresh(), changed=(), unseen=())
    d.state = "idle"


def who(d: Draft, s: Signal) -> None:
    """A person in trouble may ask whom they are talking to, and is told the truth."""
    if d.ticket is not None and d.ticket.assignee:
        d.say("who.agent_has_it", agent=d.ticket.assignee)
        return
    d.say("who.robot")
    if d.state == "handed_over":
        d.say("promise")
    else:
        d.offer(Button(say(d.lang, "button.human"), "human"))


def unknown(d: Draft, s: Signal) -> None:
    d.say("command.unknown")


def not_text(d: Draft, s: Signal) -> None:
    """Voices, stickers and the like: say plainly what to do instead, once while they keep coming, and tell the agent."""
    kind = s.name.partition(":")[2]
    if d.ticket is not None:
        several = {"count": s.count} if s.count > 1 else {}
        d.do(Record("user_sent", {"kind": kind, "text": s.text, **several}))
    else:
        d.memory = d.memory.counting(kind, s.count)
    with_agent = d.state == "handed_over" and d.ticket is not None and d.ticket.assignee
    d.silent = not d.say_once("kind.agent_cannot_see" if with_agent else f"kind.{kind}") and not d.parts
