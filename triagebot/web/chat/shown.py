"""The transcript as the page shows it: plain values, in the order in which they came. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triagebot.dialogue.signals import COMMANDS
from triagebot.locale import say
from triagebot.messages import Incoming, Outgoing
from triagebot.store.mailbox import Heard, Said, Transcript


def shown(transcript: Transcript, lang: str, is_kept: Callable[[str], bool]) -> dict[str, dict[str, Any]]:
    """Each entry by its key: ``who`` (me or us), ``at``, ``text``; ``buttons`` as rows of labels while none was pressed; of us
    ``image``: where its picture is to be had, "" for none. ``is_kept``: whether a keepsake is still there."""
    told = {str(e.number): e.message for e in transcript.entries if isinstance(e, Said)}
    spent = {_pressed(entry) for entry in transcript.entries} - {""}
    entries: dict[str, dict[str, Any]] = {}
    for entry in transcript.entries:
        if isinstance(entry, Said):
            number = str(entry.number)
            value = {"who": "us", "text": entry.message.text, "message": entry.number, "ticket": entry.message.ticket}
            value["buttons"] = [] if number in spent else [[b.label for b in row] for row in entry.message.buttons]
            name = entry.message.keepsake
            value["image"] = f"/chat/pictures/{name}" if name and is_kept(name) else ""
            entries[f"us-{number}"] = {**value, "at": entry.at.isoformat()}
        elif text := _words(entry.message, told, lang):
            number = entry.message.external_id.rpartition(":")[2]
            picture = entry.message.kind == "photo"
            entries[f"me-{number}"] = {"who": "me", "text": text, "at": entry.at.isoformat(), "picture": picture}
    return entries


def _pressed(entry: Heard | Said) -> str:
    """The message whose buttons are over because of this."""
    if isinstance(entry, Said):
        return entry.message.drop_buttons_of
    return entry.message.message_ref if entry.message.kind == "press" else ""


def _words(message: Incoming, told: dict[str, Outgoing], lang: str) -> str:
    """ "" for what is better not shown: a press of a button that is gone."""
    if message.kind == "press":
        asked = told.get(message.message_ref)
        labels = [b.label for row in asked.buttons for b in row if b.action == message.action] if asked else []
        return labels[0] if labels else ""
    if message.kind == "photo":
        return say(lang, "web.chat.picture_sent")
    word, _, rest = message.text.removeprefix("/").partition(" ")
    if message.text.startswith("/") and word in COMMANDS - {"start"} and (not rest or word == "language"):
        return in_words(word, lang)
    return message.text


def in_words(command: str, lang: str) -> str:
    """A command's name for people who do not type commands."""
    name = say(lang, f"menu.{command}")
    return name[:1].upper() + name[1:]
