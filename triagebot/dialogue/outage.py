"""What many people have at once needs no advice: whoever has it is told so, and hears when it is over."""

from __future__ import annotations

from dataclasses import replace

from triagebot.desk.incident.going import Going
from triagebot.dialogue.state import Attach, Detach, Draft
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.schema import Category

_MOST_LISTED = 5


def answered(d: Draft, rules: Category) -> bool:
    """Whether the problem at hand is that of an incident, and the person was told so here: their ticket is part of it."""
    incident = covering(d, rules.id, d.memory.platform)
    if incident is None:
        return False
    d.say("outage.same", incident=incident)
    join(d, incident)
    d.state = "waiting"
    ways(d)
    return True


def covering(d: Draft, category: str, platform: str) -> Going | None:
    """The incident that most is known of, of those that concern this problem; not one that the person said theirs is not."""
    found = [i for i in d.view.incidents if i.number != d.memory.apart
             and i.concerns(d.book, category, platform, d.evidence)]  # fmt: skip
    return max(found, key=lambda i: (bool(i.category), bool(i.platform)), default=None)


def join(d: Draft, incident: Going) -> None:
    if _joined(d) != incident:
        d.do(Attach(incident.number))


def leave(d: Draft) -> None:
    """What the person has turns out to be something else than the incident that their ticket is part of."""
    incident = _joined(d)
    if incident is not None and d.ticket is not None:
        d.do(Detach())
        d.view = replace(d.view, ticket=replace(d.ticket, incident=None))


def _joined(d: Draft) -> Going | None:
    return d.ticket.incident if d.ticket is not None else None


def platforms(d: Draft, category: str) -> tuple[str, ...]:
    """Where this problem is an incident, when it is not known where the person has it."""
    if d.memory.platform != "unknown":
        return ()
    there = dict.fromkeys(i.platform for i in d.view.incidents if i.platform)
    return tuple(platform for platform in there if covering(d, category, platform) is not None)


def is_joined(d: Draft) -> bool:
    """Whether the ticket at hand is part of an incident after this step."""
    return _joined(d) is not None or any(isinstance(effect, Attach) for effect in d.effects)


def ways(d: Draft) -> None:
    d.offer(_apart(d), Button(say(d.lang, "button.human"), "human"))


def offer_apart(d: Draft) -> None:
    d.offer(_apart(d))


def _apart(d: Draft) -> Button:
    return Button(say(d.lang, "button.mine_differs"), "differs")


def list_all(d: Draft) -> None:
    """What goes on, for whoever asks how things are."""
    if d.view.incidents:
        d.say("outage.head")
        for incident in d.view.incidents[-_MOST_LISTED:]:
            d.say("outage.line", incident=incident)
