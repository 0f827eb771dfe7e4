"""The version of the app, kept with the ticket as soon as somebody names it: a faulty one may be many people's trouble."""

from __future__ import annotations

from dataclasses import replace

from triagebot.dialogue.state import Draft, Open, Record, Signal
from triagebot.triage.facts.versions import app_version


def note(d: Draft, s: Signal) -> None:
    """Among the facts of the ticket that this step opens, or as something more that is known of the one at hand."""
    version = app_version(s.text) if s.name == "text" else ""
    if not version:
        return
    if any(isinstance(effect, Open) for effect in d.effects):
        d.effects[:] = [
            replace(effect, facts={**effect.facts, "app_version": version}) if isinstance(effect, Open) else effect
            for effect in d.effects
        ]
    elif version != d.memory.app_version and d.ticket is not None:
        d.do(Record("classified", {"app_version": version}))
    d.remember(app_version=version)
