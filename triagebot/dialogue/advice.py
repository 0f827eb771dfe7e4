"""What the bot does with a verdict: shows the fix that fits, asks which of two it is, or admits that it does not know."""

from __future__ import annotations

from triagebot.dialogue import fixes, handover, inquiry_offer, light_check, outage, reminders
from triagebot.dialogue.state import TRIED, Draft, Open, Record, Remind, Signal
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.schema import Category
from triagebot.triage.verdict import Verdict

OUT_OF_SCOPE = "other.out_of_scope"
STATUS = "ticket.status"
TO_PEOPLE = "service.human"
_SURELY_OUT = 0.6
"""Small talk that is recognised with this confidence is small talk; below it, we may just not understand the person."""
_ROW = 3


def respond(d: Draft, v: Verdict) -> None:
    """Act on the verdict of the problem at hand (the ticket exists and carries the person's words)."""
    d.remember(platform=v.platform if v.platform != "unknown" else d.memory.platform)
    if v.category == STATUS and v.decision != "unclear" and not v.alarm:
        handover.status(d)
        reminders.mention(d)
    elif v.decision == "escalate":
        _escalate(d, v)
    elif v.decision == "answer" and v.category != OUT_OF_SCOPE:
        advise(d, v.category)
        _offer_the_second(d, v)
    elif v.decision == "ask" and (choices := _choices(d, v)):
        _ask_which(d, choices)
    elif v.filler or (v.category == OUT_OF_SCOPE and v.confidence >= _SURELY_OUT):
        d.say("greet.short" if v.filler else "unclear.out_of_scope")
        show_menu(d)
    else:
        _unclear(d)


def advise(d: Draft, category: str, ask: bool = True) -> None:
    """First fix of ``category`` for the platform that is news; asks for the platform where the advice depends on it. What many
    people have at once gets the truth instead; where it depends on the platform whether it is that, this is asked first.

    ``ask``: whether the platform may be asked for."""
    rules = d.book.categories[category]
    d.remember(category=category, round=-1, unclear=0)
    _classified(d, rules)
    if outage.answered(d, rules):
        if rules.route != "self_service":
            handover.hand_over(d, rules.queue, rules.priority, "route")
        return
    outage.leave(d)
    if ask and rules.route == "self_service" and (where := outage.platforms(d, category)):
        d.say("outage.ask_platform")
        _ask_platform(d, rules, where)
        return
    if not rules.rounds(d.memory.platform):
        handover.hand_over(d, rules.queue, rules.priority, "no_fix")
        return
    first = fixes.following(d, rules)
    if first is None:
        d.say("handover.sorry")
        handover.hand_over(d, rules.queue, rules.priority, "self_service_failed")
        return
    show_round(d, first)
    if inquiry_offer.made(d, category):
        return
    if rules.followup is not None:
        d.do(Remind())
        d.say("advice.will_ask_again")
    if ask and rules.ask_platform and d.memory.platform == "unknown":
        _ask_platform(d, rules)
    if rules.route != "self_service":
        handover.hand_over(d, rules.queue, rules.priority, "route")


def _offer_the_second(d: Draft, v: Verdict) -> None:
    """The message spoke of another problem too: it is not forgotten, and it does not get in the way."""
    second = next((c for c in v.also if c in d.book.categories and c not in (OUT_OF_SCOPE, STATUS, TO_PEOPLE)), None)
    if second is not None:
        rules = d.book.categories[second]
        title = (rules.menu or rules.title).in_(d.lang)
        d.say("advice.also", title=title)
        d.offer(Button(title, f"topic:{second}"))


def show_round(d: Draft, index: int) -> None:
    """Show what is new in fix number ``index``."""
    rules = d.book.categories[d.memory.category]
    fix = rules.rounds(d.memory.platform)[index]
    fixes.tell(d, rules, fix)
    d.remember(round=index)
    d.state = "answered"
    d.do(Record("answered", {"category": rules.id, "round": index, "platform": fix.platform}))
    outcome_row(d)


def outcome_row(d: Draft) -> None:
    d.offer(*(Button(say(d.lang, f"button.{name}"), name) for name in ("solved", "not_solved", "human")))
    light_check.offer(d)
    reminders.offer_fitting(d, "advice", d.memory.category)


def not_solved(d: Draft, s: Signal) -> None:
    """Another way first; when there is none left, people. Whoever has tried all of it hears when it is the last one."""
    category = d.memory.category or (d.ticket.category if d.ticket else "")
    rules = d.book.categories.get(category)
    if rules is None or category in (OUT_OF_SCOPE, TO_PEOPLE):
        _unclear(d)
        return
    d.remember(category=category)
    if outage.answered(d, rules):
        return
    following = fixes.following(d, rules)
    if following is not None:
        fix = rules.rounds(d.memory.platform)[following]
        if s.arg == TRIED:
            d.say("advice.not_again")
        if fix.intro is None or len(fixes.unsaid(d, fix)) < len(fix.steps):
            d.say("advice.next_round")
        show_round(d, following)
        if s.arg == TRIED and fixes.following(d, rules) is None:
            d.say("advice.last_way")
    else:
        d.say("handover.sorry")
        handover.hand_over(d, rules.queue, rules.priority, "self_service_failed")


def pick(d: Draft, s: Signal) -> None:
    """The person said which one it is: better than any classifier, and, when we had asked, an example for the next
    training."""
    if s.arg not in d.book.categories:
        _unclear(d)
        return
    asked = d.state in ("asked_which", "menu")
    d.remember(told=(), pointed=())
    d.do(Record("chosen", {"category": s.arg, "said": list(d.memory.texts) if asked else []}))
    rules = d.book.categories[s.arg]
    if rules.priority == "P1":
        handover.alarm(d, s.arg, rules.queue, "chosen")
    elif s.arg == TO_PEOPLE:
        handover.to_human(d, s)
    elif s.arg == STATUS:
        handover.status(d)
    else:
        advise(d, s.arg)


def nothing_to_skip(d: Draft, s: Signal) -> None:
    """没有, 跳过 and the like where nothing was asked."""
    if d.state in ("answered", "asked_platform"):
        d.say("advice.noted")
        outcome_row(d)
    else:
        d.say("greet.short")
        show_menu(d)


def none_of(d: Draft, s: Signal) -> None:
    _unclear(d)


def choose_platform(d: Draft, s: Signal) -> None:
    """The platform is known now: its own fix first; "not sure" goes on with what there is."""
    d.remember(platform=s.arg if s.arg in d.book.platforms else "unknown")
    rules = d.book.categories.get(d.memory.category)
    if rules is None:
        _unclear(d)
        return
    if unadvised(d):
        advise(d, rules.id, ask=False)
        return
    _classified(d, rules)
    if outage.answered(d, rules):
        return
    own = rules.rounds(d.memory.platform)
    if own and own[0].platform == d.memory.platform != "unknown" and fixes.unsaid(d, own[0]):
        show_round(d, 0)
    else:
        d.say("advice.platform_noted")
        d.state = "answered"
        outcome_row(d)


def unadvised(d: Draft) -> bool:
    """Whether the platform was asked for before anything was advised."""
    return d.state == "asked_platform" and d.memory.round < 0 and not d.memory.told


def show_menu(d: Draft) -> None:
    for category in d.book.menu:
        rules = d.book.categories[category]
        d.offer(Button((rules.menu or rules.title).in_(d.lang), f"topic:{category}"))
    d.offer(Button(say(d.lang, "button.human"), "human"))
    d.state = "menu"


def _escalate(d: Draft, v: Verdict) -> None:
    if v.priority == "P1":
        handover.alarm(d, v.handled_as, v.queue, v.escalation or "p1")
        return
    if not v.human_requested and not v.escalation and inquiry_offer.fits(d, v.category):
        advise(d, v.category)
        _offer_the_second(d, v)
        return
    rules = d.book.categories[v.category]
    d.remember(category=v.category, round=-1, unclear=0)
    _classified(d, rules, v.priority)
    first = fixes.following(d, rules)
    if not outage.answered(d, rules) and first is not None and v.category not in (TO_PEOPLE, OUT_OF_SCOPE):
        fixes.tell(d, rules, rules.rounds(d.memory.platform)[first])
        d.remember(round=first)
    reason = "asked_for_human" if v.human_requested else v.escalation or "route"
    handover.hand_over(d, v.queue or rules.queue, v.priority, reason)
    _offer_the_second(d, v)


def _choices(d: Draft, v: Verdict) -> list[str]:
    """The prediction set as buttons; with fewer than two there is nothing to ask."""
    most = d.book.thresholds.ask_most
    found = [c for c in v.choices or [c for c, _ in v.candidates] if c != OUT_OF_SCOPE][:most]
    return found if len(found) > 1 else []


def _ask_which(d: Draft, choices: list[str]) -> None:
    d.say("ask.which")
    for category in choices:
        rules = d.book.categories[category]
        d.offer(Button((rules.menu or rules.title).in_(d.lang), f"pick:{category}"))
    d.offer(Button(say(d.lang, "button.none_of"), "none_of"), Button(say(d.lang, "button.human"), "human"))
    d.do(Record("asked", {"choices": choices}))
    d.state = "asked_which"


def _ask_platform(d: Draft, rules: Category, more: tuple[str, ...] = ()) -> None:
    """Platforms for which this category has a fix of its own, and ``more``, above the three outcome buttons."""
    d.say("ask.platform")
    ids = list(dict.fromkeys([*(f.platform for f in rules.fixes if f.platform != "unknown"), *more]))
    buttons = [Button(d.book.platforms[p].title.in_(d.lang), f"platform:{p}") for p in ids]
    buttons.append(Button(say(d.lang, "button.not_sure"), "platform:unknown"))
    rows = [tuple(buttons[i : i + _ROW]) for i in range(0, len(buttons), _ROW)]
    d.buttons[:0] = rows
    d.state = "asked_platform"


def _unclear(d: Draft) -> None:
    """Once the menu; the second time a person, who is told what was said."""
    if d.memory.unclear:
        d.say("unclear.second")
        handover.to_human(d, Signal("human"))
        return
    d.remember(unclear=d.memory.unclear + 1)
    d.say("unclear.first")
    show_menu(d)


def _classified(d: Draft, rules: Category, priority: str = "") -> None:
    """Nothing when the ticket was just opened as exactly that."""
    facts = {"category": rules.id, "platform": d.memory.platform, "priority": priority or rules.priority}
    if not any(isinstance(effect, Open) and facts.items() <= effect.facts.items() for effect in d.effects):
        d.do(Record("classified", facts))
