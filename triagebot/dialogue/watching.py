"""Watch mode: what a person hears of unasked, switched on and off by /watch, by buttons and by whole messages. Pure.

It stands beside the problem at hand: nothing of that is touched. Of a report nothing is asked or kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.desk.watching import known, reminders
from triagebot.dialogue import advice, closing, following, handover, hearing, waiting
from triagebot.dialogue.state import Draft, Signal, StopReminders
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe, WatchView
from triagebot.locale import say
from triagebot.messages import Button

_ROW = 3


def menu(d: Draft, s: Signal) -> None:
    """What there is, what is on, and a button to switch each."""
    d.say("watch.menu")
    list_what_is_on(d)
    reminder = _reminder(d)
    d.offer(*reminders.every(d.lang, reminder.months if reminder is not None else 0))
    _offer_rows(d, [_news_on(d, platform) for platform in d.book.watch.platforms if platform not in _platforms(d)])
    _offer_rows(d, [*([_no_reminder(d)] if reminder else []), *(_news_off(d, p) for p in _platforms(d))])
    if len(d.view.watches) > 1:
        d.offer(Button(say(d.lang, "watch.button_stop"), "watch:stop"))


def list_what_is_on(d: Draft) -> None:
    """A line each; nothing when nothing is on."""
    if not d.view.watches:
        return
    d.say("watch.on_now")
    for watch in d.view.watches:
        if watch.platform:
            d.say("watch.line_news", platform=_title(d, watch.platform))
        else:
            d.say("watch.line_reminder", months=watch.months, at=watch.next_at)


def obey(d: Draft, s: Signal) -> None:
    """A button, or a message that means one: ``m3``, ``news.wechat``, ``mute.wechat``, ``off``, ``no``, ``stop``, or "" for the
    menu. ``news`` is of the platform that is being talked about, or one that the person picks."""
    does, _, platform = s.arg.partition(".")
    if does in ("m3", "m6", "m12"):
        _remind(d, int(does[1:]))
    elif does == "news":
        _hear_of(d, platform or d.memory.platform)
    elif does == "mute":
        d.do(Unsubscribe("news", platform))
        d.say("watch.muted", platform=_title(d, platform)) if platform else d.say("watch.all_muted")
    elif does == "off":
        d.do(Unsubscribe("reminder"))
        d.say("watch.reminder_off")
    elif does == "no":
        d.do(Unsubscribe("offer"))
        d.say("watch.declined")
    elif does == "stop":
        _stop(d)
    else:
        menu(d, s)


def obey_while_waiting(d: Draft, s: Signal) -> None:
    """ "Tell me when it works" is said about the ticket that waits, for people or for the end of an incident of which its
    person hears anyway; unless another platform is named."""
    of_ticket = {"handed_over": handover.attach, "followed": following.still_waiting, "waiting": waiting.still}
    ours = d.ticket.platform if d.ticket is not None and d.state != "handed_over" else ""
    if s.text and s.arg in ("news", f"news.{ours}"):
        of_ticket[d.state](d, s)
    else:
        obey(d, s)


def same(d: Draft, s: Signal) -> None:
    """Under news: the person has this trouble, too. ``<platform>.<category>`` says all that need be known."""
    platform, _, category = s.arg.partition(".")
    if category not in d.book.categories or platform not in d.book.platforms:
        closing.nothing_open(d, s)
    elif d.state == "handed_over" and d.ticket is not None and d.ticket.category == category:
        handover.attach(d, s)
    else:
        hearing.ensure_ticket(d, s, category)
        d.remember(platform=platform)
        advice.pick(d, Signal("pick", category))


def _remind(d: Draft, months: int) -> None:
    """One that is on as often already keeps its date."""
    before = _reminder(d)
    at = before.next_at if before is not None and before.months == months else None
    d.do(Subscribe(months=months))
    d.say("watch.reminder_on", months=months, at=at)
    d.say("watch.nothing_kept")
    d.offer(*reminders.every(d.lang, months), _no_reminder(d))


def _hear_of(d: Draft, platform: str) -> None:
    if platform not in d.book.watch.platforms:
        d.say("watch.which_platform")
        _offer_rows(d, [_news_on(d, each) for each in d.book.watch.platforms])
        return
    going = known.news_of(d.view.incidents, platform)
    d.do(Subscribe(platform=platform, incident=going.number if going is not None else None))
    d.say("watch.news_on", platform=_title(d, platform))
    if going is not None:
        d.say("outage.head")
        d.say("outage.line", incident=going)
    else:
        d.say("watch.none_going", platform=_title(d, platform))
    d.say("watch.nothing_kept")
    d.offer(_news_off(d, platform))


def _stop(d: Draft) -> None:
    """Also reminders of what takes its time outside (dialogue.reminders)."""
    d.do(Unsubscribe("all"))
    d.do(StopReminders(everything=True))
    d.say("watch.stopped")


def _reminder(d: Draft) -> WatchView | None:
    return next((watch for watch in d.view.watches if not watch.platform), None)


def _platforms(d: Draft) -> list[str]:
    return [watch.platform for watch in d.view.watches if watch.platform]


def _title(d: Draft, platform: str) -> str:
    known = d.book.platforms.get(platform)
    return known.title.in_(d.lang) if known is not None else platform


def _news_on(d: Draft, platform: str) -> Button:
    return Button(say(d.lang, "watch.button_news", platform=_title(d, platform)), f"watch:news.{platform}")


def _news_off(d: Draft, platform: str) -> Button:
    return Button(say(d.lang, "watch.button_mute", platform=_title(d, platform)), f"watch:mute.{platform}")


def _no_reminder(d: Draft) -> Button:
    return Button(say(d.lang, "watch.button_off"), "watch:off")


def _offer_rows(d: Draft, buttons: Sequence[Button]) -> None:
    for start in range(0, len(buttons), _ROW):
        d.offer(*buttons[start : start + _ROW])
