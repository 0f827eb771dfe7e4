"""Pictures in the conversation: what a screen says counts like words of the person; what gave nothing is told, once. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from triagebot.dialogue import light_check, quoting, signals
from triagebot.dialogue.hearing import alarming
from triagebot.dialogue.picture_facts import Pictures
from triagebot.dialogue.signals import Ears
from triagebot.dialogue.state import FIRST, Draft, Memory, Open, Record, Signal
from triagebot.locale import say
from triagebot.messages import PICTURES, Incoming, Seen

_FILE_NAME = re.compile(
    r"\S.{0,120}\.(png|jpe?g|webp|heic|heif|gif|bmp|tiff?|pdf|zip|rar|7z|docx?|xlsx?|txt|mp4)", re.IGNORECASE
)
_OF_A_FACE = frozenset({"no_face", "many_faces", "small_face"})


def caption(message: Incoming) -> str:
    """What the person wrote beside a picture; names of files are no words of theirs."""
    lines = message.text.strip().splitlines()
    return "\n".join(line for line in lines if not _FILE_NAME.fullmatch(line.strip()))


def screen(message: Incoming) -> str:
    """The words of the screen in this picture, "" for none."""
    return message.seen.text if message.seen is not None and message.seen.what == "screen" else ""


def hidden(message: Incoming) -> tuple[str, ...]:
    """The kinds of personal data that were taken out of what was read."""
    return message.seen.hidden if message.seen is not None else ()


def of(heard: Sequence[Incoming], telling: Callable[[str], Collection[str]]) -> Pictures | None:
    """What was made out in these messages, which were heard together; None when there is no picture among them. ``telling``:
    what of a screen says what is wrong (Brain.telling)."""
    pictures = [message for message in heard if message.kind in PICTURES]
    if not pictures:
        return None
    looked_at = any(message.seen is not None for message in pictures)
    useless = [m.seen for m in pictures if m.seen is not None and m.seen.what != "light" and not screen(m)]
    unseen = sum(message.seen is None for message in pictures)
    faces = [message.seen for message in pictures if message.seen is not None and message.seen.what == "light"]
    screens = tuple(dict.fromkeys(words for words in map(screen, pictures) if words))
    together = "\n".join(screens)
    return Pictures(
        kind=pictures[-1].kind,
        caption="\n".join(dict.fromkeys(words for words in map(caption, pictures) if words)),
        screens=screens,
        quoted=tuple(quoting.quoted(together, telling(together))) if screens else (),
        light=faces[-1] if faces else None,
        whys=tuple(dict.fromkeys(map(_why, useless))) if looked_at else ("",),
        unread=len(useless) + unseen,
        left=unseen if looked_at else 0,
    )


def _why(seen: Seen) -> str:
    return seen.why or "no_words"


def read(incoming: Incoming, found: Pictures, memory: Memory, ears: Ears) -> Signal:
    """``incoming``: the last of them, with all their words. A screen is free text; so is what was written beside a picture."""
    if found.screens:
        return Signal("text", text="\n".join(filter(None, (found.caption, *found.screens))), pictures=found)
    if found.light is not None:
        return Signal("measured", text=found.caption, pictures=found)
    if found.caption:
        spoken = replace(incoming, kind="text", text=found.caption)
        return replace(signals.read(spoken, memory, ears), pictures=found)
    return Signal(f"kind:{found.kind}", text=incoming.text.strip(), pictures=found)


def gist(s: Signal) -> str:
    """What was said, and of screens only what tells what went wrong: their notices (谨防诈骗) are nobody's words."""
    found = s.pictures
    if found is None or not found.screens:
        return s.text
    return "\n".join(filter(None, (found.caption, *found.quoted)))


def before(d: Draft, s: Signal) -> None:
    """What was read on a screen. In danger there is no time for that, and where an agent answers the bot keeps out."""
    if s.pictures is None or not s.pictures.quoted or _with_agent(d) or (s.verdict is not None and alarming(s.verdict)):
        return
    lines = "".join(say(d.lang, "picture.quote", text=line) for line in s.pictures.quoted)
    d.say("picture.read", lines=lines.strip())


def after(d: Draft, s: Signal) -> None:
    """What the table of transitions does not know of: the pictures beside the words."""
    found = s.pictures
    if found is None or s.name.startswith("kind:"):
        return
    if found.screens:
        summary = found.caption or " ".join(found.quoted) or s.text
        d.effects[:] = [replace(e, summary=summary) if isinstance(e, Open) else e for e in d.effects]
    if found.light is not None and s.name != "measured":
        light_check.tell(d, found.light)
    if found.unread:
        _note(d, found, "")
        if _say(d, found):
            d.silent = False


def unread(d: Draft, s: Signal) -> None:
    """Nothing but pictures of which nothing came: say what to do instead, once while they keep coming, and tell the agent."""
    found = s.pictures or Pictures(s.name.partition(":")[2], whys=("",), unread=s.count)
    _note(d, found, s.text)
    said = _say(d, found)
    if _OF_A_FACE & {*found.whys}:
        light_check.offer_again(d)
    elif said and "no_words" in found.whys and d.state in light_check.TRYING:
        light_check.offer(d)
    d.silent = not said and not d.parts


def _note(d: Draft, found: Pictures, text: str) -> None:
    if d.ticket is None and not any(isinstance(effect, FIRST) for effect in d.effects):
        d.memory = d.memory.counting(found.kind, found.unread)
        return
    several = {"count": found.unread} if found.unread > 1 else {}
    why = {"why": why} if (why := next(iter(found.whys), "")) else {}
    d.do(Record("user_sent", {"kind": found.kind, "text": text, **several, **why}))


def _say(d: Draft, found: Pictures) -> bool:
    """Whether anything is said now."""
    said = False
    for why in found.whys:
        key = f"picture.{why}" if why else "kind.agent_cannot_see" if _with_agent(d) else f"kind.{found.kind}"
        said = d.say_once(key) or said
    if found.left:
        said = d.say_once("picture.too_many", count=found.left) or said
    return said


def _with_agent(d: Draft) -> bool:
    return d.state == "handed_over" and d.ticket is not None and bool(d.ticket.assignee)
