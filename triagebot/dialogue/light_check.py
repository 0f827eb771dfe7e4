"""The light on a person's face, measured because they chose so: asked for, then told what to change first. Pure."""

from __future__ import annotations

from triagebot.dialogue.state import FIRST, LIGHT, Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button, Seen

_MOST_FAULTS = 2
TRYING = ("menu", "asked_which", "asked_platform", "answered", "handed_over")


def offer(d: Draft) -> None:
    """Under advice about the face check, where pictures can be looked at."""
    rules = d.book.categories.get(d.memory.category)
    if d.view.looks and rules is not None and rules.light_check:
        d.offer(Button(say(d.lang, "button.light"), "light"))


def ask(d: Draft, s: Signal) -> None:
    """What happens to the photo, in plain words, before it is sent."""
    if not d.view.looks:
        d.say("picture.blind")
        return
    d.say("light.ask")
    d.remember(awaits=LIGHT)


def measured(d: Draft, s: Signal) -> None:
    if s.pictures is None or s.pictures.light is None:
        ask(d, s)
        return
    tell(d, s.pictures.light)


def tell(d: Draft, light: Seen) -> None:
    """Of what was measured only what to change goes into the log; of the photo nothing."""
    faults = light.faults[:_MOST_FAULTS]
    d.say(f"light.{faults[0]}" if faults else "light.good")
    for fault in faults[1:]:
        d.say("light.also", what=say(d.lang, f"light.{fault}"))
    if d.ticket is not None or any(isinstance(effect, FIRST) for effect in d.effects):
        d.do(Record("light_checked", {"light": list(faults) or ["good"]}))
    d.remember(asked=tuple(dict.fromkeys([*d.memory.asked, LIGHT])))  # nobody asks what the light was like
    d.keepsake = light.keepsake
    d.silent = False
    offer_again(d)


def offer_again(d: Draft) -> None:
    row = [Button(say(d.lang, "button.light_again"), "light")]
    if d.state in TRYING:
        row += [Button(say(d.lang, f"button.{name}"), name) for name in ("not_solved", "solved")]
    d.offer(*row, Button(say(d.lang, "button.human"), "human"))
