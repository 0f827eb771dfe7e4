"""One turn, written: what the step decided is made true, in one transaction. What it was decided on is dialogue.situation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from triagebot.desk import cards, erase, escalation, snooze, tickets, topics
from triagebot.desk.afterwards import followups, low_ratings, unfinished
from triagebot.desk.incident import following, going, incidents
from triagebot.desk.office import Office
from triagebot.desk.team import agents, assignment, given_back
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES, Opening
from triagebot.desk.watching import offers
from triagebot.dialogue import pictures, rendering, situation, wishes
from triagebot.dialogue.state import (
    FIRST,
    UNKNOWN,
    Accept,
    Attach,
    Detach,
    Effect,
    Escalate,
    Focus,
    Forget,
    LookAfter,
    Open,
    Record,
    Remind,
    Reopen,
    Resolve,
    SetLang,
    Step,
    StopReminders,
    View,
)
from triagebot.dialogue.watch_state import Subscribe, Unsubscribe
from triagebot.errors import ConflictError
from triagebot.locale import say
from triagebot.messages import (
    PICTURES,
    PRIORITY_FIRST,
    PRIORITY_REPLY,
    PRIORITY_URGENT,
    Address,
    Button,
    Incoming,
    Outgoing,
)
from triagebot.privacy import hidden_kinds_in_words
from triagebot.store import outbox
from triagebot.store.tables import Agent, Conversation, Ticket
from triagebot.text import clip

_SUMMARY = 120
_NAME = 80


@dataclass
class _Turn:
    """One transaction in the making."""

    session: Session
    office: Office
    conversation: Conversation
    step: Step
    now: datetime
    ticket: Ticket | None
    opened: list[Ticket]

    @property
    def lang(self) -> str:
        return self.step.lang

    @property
    def is_first(self) -> bool:
        """Nothing was said to this person before."""
        return self.conversation.version == UNKNOWN

    def has(self, kind: type[Effect]) -> bool:
        return any(isinstance(effect, kind) for effect in self.step.effects)

    def record(self, type: str, actor: str, data: Mapping[str, Any]) -> None:
        if self.ticket is not None:
            tickets.record(self.session, self.office, self.ticket, type, actor, self.now, data)


def apply(
    session: Session, office: Office, conversation: Conversation | None, heard: Sequence[Incoming], view: View,
    step: Step, now: datetime, opened: Sequence[Ticket] = (),
) -> int | None:  # fmt: skip
    """Write the turn: events, ticket, conversation, reply. Returns the number of the ticket in focus.

    ``conversation`` as it is now. Raises ConflictError when it or its ticket changed since ``view`` was read; nothing
    is written then. ``opened``: what ``open_together`` has opened for it.
    """
    incoming = heard[-1]
    if situation.changed(session, conversation, view):
        raise ConflictError("the conversation or its ticket changed in the meantime")
    conversation = conversation or _meet(session, incoming, step.lang, now)
    ticket = session.get(Ticket, view.ticket.number) if view.ticket is not None else None
    turn = _Turn(session, office, conversation, step, now, ticket, list(opened))
    _keep_name_and_language(turn, incoming)
    _carry_out(turn, [e for e in step.effects if isinstance(e, FIRST)])
    _log_what_was_heard(turn, heard)
    _carry_out(turn, [e for e in step.effects if not isinstance(e, FIRST)])
    _reply(turn, heard)
    conversation.state = step.state
    conversation.memory = step.memory.to_json()
    conversation.ticket_id = _focus_after(turn)
    conversation.version += 1
    conversation.updated_at = now
    session.add(conversation)
    return conversation.ticket_id


def open_together(
    session: Session, office: Office, turns: Sequence[tuple[Conversation, Step]], now: datetime
) -> dict[int | None, list[Ticket]]:
    """The tickets that these steps open, by conversation; all of them in one statement."""
    openings = [
        Opening(conversation, step.lang, effect.facts, clip(effect.summary, _SUMMARY))
        for conversation, step in turns for effect in step.effects if isinstance(effect, Open)
    ]  # fmt: skip
    found: dict[int | None, list[Ticket]] = {}
    for ticket in tickets.open_all(session, office, openings, now):
        found.setdefault(ticket.conversation_id, []).append(ticket)
    return found


def _focus_after(turn: _Turn) -> int | None:
    """What the person's next words are about. An old button of a ticket that is over does not take them away from the
    one at hand, unless the bot just asked something about it."""
    number = turn.ticket.id if turn.ticket is not None else None
    at_hand = turn.conversation.ticket_id
    ended = turn.ticket is None or turn.ticket.status not in OPEN_STATES
    asks = turn.step.memory.pending or turn.step.memory.day_of
    if at_hand in (None, number) or not ended or asks or turn.has(Forget):
        return number
    before = turn.session.get(Ticket, at_hand)
    return at_hand if before is not None and before.status in OPEN_STATES else number


def _carry_out(turn: _Turn, effects: Sequence[Effect]) -> None:
    for effect in effects:
        EFFECTS[type(effect)](turn, effect)


def choose_language(session: Session, incoming: Incoming, lang: str, now: datetime) -> None:
    """The person wants to be spoken to in ``lang``, whatever they write in."""
    conversation = situation.find(session, incoming.address) or _meet(session, incoming, lang, now)
    conversation.lang = lang
    conversation.memory = replace(situation.memory_of(conversation), lang_fixed=True).to_json()
    conversation.version += 1
    session.add(conversation)


def meet(session: Session, strangers: Sequence[tuple[Incoming, str]], now: datetime) -> dict[Address, Conversation]:
    """Conversations of people whom nobody has met yet, each with their language; all of them in one statement.

    Their version is that of a View without a conversation: nothing was said yet.
    """
    met = {
        incoming.address: Conversation(
            channel=incoming.address.channel, bot=incoming.address.bot, chat=incoming.address.chat, user=incoming.user,
            user_name=clip(incoming.user_name, _NAME), lang=lang, version=UNKNOWN, created_at=now, updated_at=now)
        for incoming, lang in strangers
    }  # fmt: skip
    session.add_all(met.values())
    session.flush()
    return met


def _meet(session: Session, incoming: Incoming, lang: str, now: datetime) -> Conversation:
    return meet(session, [(incoming, lang)], now)[incoming.address]


def _keep_name_and_language(turn: _Turn, incoming: Incoming) -> None:
    if incoming.user_name:
        turn.conversation.user_name = clip(incoming.user_name, _NAME)
    turn.conversation.lang = turn.lang


def _log_what_was_heard(turn: _Turn, heard: Sequence[Incoming]) -> None:
    heard = [message for message in heard if message.external_id not in turn.step.unheard]
    for message in heard:
        if message.kind == "press":
            turn.record("user_pressed", "user", {"action": message.action})
        elif _is_command(message):
            turn.record("user_pressed", "user", {"action": message.text.split()[0]})
        elif message.kind == "edit":
            turn.record("user_edited", "user", {"text": message.text, "message": message.message_ref})
        elif message.kind == "text" and message.text.strip():
            turn.record("user_replied", "user", {"text": message.text, "message": message.message_ref})
        elif message.kind in PICTURES:
            _log_picture(turn, message)
    said = [m for m in heard if m.kind != "press" and not _is_command(m)]
    if turn.ticket is None or not said:
        return
    if turn.ticket.status in HUMAN_STATES:
        snooze.wake_by_person(turn.session, turn.office, turn.ticket, turn.now)
        cards.refresh(turn.session, turn.office, turn.ticket, turn.now)
        _tell_assignee(turn, said)
        topics.post(turn.session, turn.office, turn.ticket, _words(said, topics.LANG), turn.now)
    elif following.follows(turn.ticket) and (words := _words(said, topics.LANG)):
        following.pass_on(turn.session, turn.ticket, words, turn.now)


def _log_picture(turn: _Turn, message: Incoming) -> None:
    """Words of a screen are the person's, marked as read; of other pictures the step notes that they came."""
    if words := pictures.caption(message):
        turn.record("user_replied", "user", {"text": words, "message": message.message_ref})
    if message.seen is not None and (words := pictures.screen(message)):
        shown = {"keepsake": message.seen.keepsake} if message.seen.keepsake else {}
        turn.record("user_replied", "user", {"text": words, "screen": True, "message": message.message_ref, **shown})


def _words(heard: Sequence[Incoming], lang: str) -> str:
    """All that was said, for colleagues who read ``lang``."""
    lines: list[str] = []
    for message in heard:
        lines.append(pictures.caption(message) if message.kind in PICTURES else message.text)
        if words := pictures.screen(message):
            lines.append(say(lang, "notice.screen", text=words))
    return "\n".join(line for line in lines if line)


def _is_command(message: Incoming) -> bool:
    """Spoken to the bot, not to the people who have the ticket: no words of theirs wait for an answer."""
    return message.kind == "text" and message.text.lstrip().startswith("/")


def _tell_assignee(turn: _Turn, heard: Sequence[Incoming]) -> None:
    """The agent who holds the ticket hears the person's words as they come, not only as a changed card."""
    ticket = turn.ticket
    holder = turn.session.get(Agent, ticket.assignee_id) if ticket is not None and ticket.assignee_id else None
    to = agents.address(holder) if holder is not None else None
    if ticket is None or holder is None or to is None or not (words := _words(heard, holder.lang)):
        return
    text = say(holder.lang, "notice.user_wrote", number=ticket.id, text=clip(words, 3000))
    buttons = ((Button(say(holder.lang, "verb.show.button"), f"show:{ticket.id}"),),)
    outbox.put(turn.session, to, Outgoing(text=text, buttons=buttons, ticket=ticket.id), now=turn.now,
               priority=PRIORITY_REPLY, ticket_id=ticket.id)  # fmt: skip


def _open(turn: _Turn, effect: Open) -> None:
    if effect.leave and turn.ticket is not None:
        turn.record(effect.leave, "system", {"reason": "new_problem"})
    if not turn.opened:
        opened = open_together(turn.session, turn.office, [(turn.conversation, turn.step)], turn.now)
        turn.opened = opened[turn.conversation.id]
    turn.ticket = turn.opened.pop(0)


def _reopen(turn: _Turn, effect: Reopen) -> None:
    if turn.ticket is None:
        return
    following.reopen(
        turn.session, turn.office, turn.ticket, "user", turn.now, {"reason": clip(effect.reason, _SUMMARY)}
    )
    given_back.if_holder_is_gone(turn.session, turn.office, turn.ticket, turn.now)
    if turn.ticket.status in HUMAN_STATES:
        assignment.offer(turn.session, turn.office, turn.ticket, turn.now)


def _focus(turn: _Turn, effect: Focus) -> None:
    turn.ticket = tickets.held(turn.session, effect.number)


def _escalate(turn: _Turn, effect: Escalate) -> None:
    if turn.ticket is not None:
        escalation.escalate(turn.session, turn.office, turn.ticket, "bot", turn.now, queue=effect.queue,
                            priority=effect.priority, reason=effect.reason, category=effect.category)  # fmt: skip


def _resolve(turn: _Turn, effect: Resolve) -> None:
    turn.record("resolved", effect.by, {"by": effect.by})
    if turn.ticket is not None:
        offers.plan_after_case(turn.session, turn.office, turn.ticket, turn.now)
    if turn.ticket is not None and turn.ticket.escalated_at is not None:
        cards.refresh(turn.session, turn.office, turn.ticket, turn.now)


def _forget(turn: _Turn, effect: Forget) -> None:
    erase.erase_conversation(turn.session, turn.office, turn.conversation, turn.now)
    turn.ticket = None


def _record(turn: _Turn, effect: Record) -> None:
    by_user = effect.type in ("fact_given", "rated", "rating_explained", "chosen", "user_sent", "closed")
    turn.record(effect.type, "user" if by_user else "bot", effect.data)
    if turn.ticket is not None and effect.type == "rated":
        low_ratings.plan(turn.session, turn.office, turn.ticket, turn.now)
        offers.plan_after_rating(turn.session, turn.office, turn.ticket, turn.now)
    if turn.ticket is not None and turn.ticket.escalated_at is not None:
        cards.refresh(turn.session, turn.office, turn.ticket, turn.now)


def _attach(turn: _Turn, effect: Attach) -> None:
    incident = going.joined(turn.session, effect.incident)
    if turn.ticket is not None and turn.ticket.incident_id != incident.id:
        incidents.attach(turn.session, turn.office, turn.ticket, incident, {}, "bot", turn.now)


def _detach(turn: _Turn, effect: Detach) -> None:
    """A ticket that others follow is worked on by itself anyway."""
    ticket = turn.ticket
    if ticket is not None and ticket.incident_id is not None and not following.leads(turn.session, ticket):
        incidents.detach(turn.session, turn.office, ticket, {}, "user", turn.now)


def _remind(turn: _Turn, effect: Remind) -> None:
    if turn.ticket is not None:
        followups.schedule(turn.session, turn.office, turn.ticket, turn.now)


def _look_after(turn: _Turn, effect: LookAfter) -> None:
    if turn.ticket is not None:
        unfinished.plan(turn.session, turn.office, turn.ticket, turn.now)


def _wish(turn: _Turn, effect: wishes.Wish) -> None:
    wishes.carry_out(turn.session, turn.office, turn.conversation, turn.ticket, effect, turn.now)


def _set_lang(turn: _Turn, effect: SetLang) -> None:
    turn.conversation.lang = effect.lang


EFFECTS: dict[type[Effect], Callable[[_Turn, Any], None]] = {
    Open: _open, Reopen: _reopen, Focus: _focus, Escalate: _escalate, Resolve: _resolve, Forget: _forget,
    Record: _record, Remind: _remind, LookAfter: _look_after, Attach: _attach, Detach: _detach, SetLang: _set_lang,
    Accept: _wish, StopReminders: _wish, Subscribe: _wish, Unsubscribe: _wish,
}  # fmt: skip


def _reply(turn: _Turn, heard: Sequence[Incoming]) -> None:
    """All that the step says, as one message, and the papers after it; it is written into the log like everything else."""
    incoming = heard[-1]
    spoken = (
        rendering.render(turn.session, turn.office, turn.conversation, turn.ticket, part, turn.now, turn.lang)
        for part in turn.step.parts
    )
    lines = [line for line in spoken if line]
    hidden = tuple(dict.fromkeys(kind for message in heard for kind in (*message.hidden, *pictures.hidden(message))))
    if hidden:
        lines.append(say(turn.lang, "privacy.hidden", kinds=hidden_kinds_in_words(hidden, turn.lang)))
    if not lines or (turn.step.silent and not hidden):
        return
    text = "\n".join(lines)
    number = turn.ticket.id if turn.ticket is not None else None
    incident = next((part.values["incident"] for part in turn.step.parts if "incident" in part.values), None)
    told = {"incident": incident.number} if incident is not None else {}
    turn.record("bot_replied", "bot", {"text": text, **told})
    urgent = turn.ticket is not None and turn.ticket.priority == "P1"
    verdict = turn.step.verdict
    outbox.put(
        turn.session,
        incoming.address,
        Outgoing(
            text=text,
            buttons=tuple(tuple(_numbered(b, number) for b in row) for row in turn.step.buttons),
            ticket=number,
            verdict=verdict.to_json() if verdict is not None else None,
            drop_buttons_of=incoming.message_ref if incoming.kind == "press" else "",
            keepsake=turn.step.keepsake,
        ),
        now=turn.now,
        priority=PRIORITY_URGENT if urgent else PRIORITY_FIRST if turn.is_first else PRIORITY_REPLY,
        ticket_id=number,
    )
    for words in turn.step.papers:
        turn.record("bot_replied", "bot", {"text": words})
        outbox.put(turn.session, incoming.address, Outgoing(text=words, ticket=number), now=turn.now,
                   priority=PRIORITY_URGENT if urgent else PRIORITY_REPLY, ticket_id=number)  # fmt: skip


def _numbered(button: Button, number: int | None) -> Button:
    """The ticket travels in the button, so that pressing an old one is understood as what it was."""
    return button if number is None else replace(button, action=f"{button.action}:{number}")
