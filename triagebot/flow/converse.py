"""Inbox -> dialogue or desk -> outbox, each conversation in order, one durable transaction a turn.

A turn is read, decided outside of any transaction (the brain and the dialogue are pure), and written with a check
that nothing changed meanwhile; if something did, it is decided again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlmodel import Session

from triagebot.desk.incident import going
from triagebot.desk.incident.going import AllGoing
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.dialogue import pictures, signals, situation, turn
from triagebot.dialogue.signals import Ears
from triagebot.dialogue.state import ANOTHER, Signal, Step, View
from triagebot.dialogue.step import step, unmoved
from triagebot.errors import ClaimLost, ConflictError, StoreUnavailable
from triagebot.flow import newcomers, outsiders, staff
from triagebot.flow.bell import Bell
from triagebot.flow.claims import Claims
from triagebot.flow.hurry import Hurry
from triagebot.flow.merging import FLOOD, merged
from triagebot.locale import say
from triagebot.messages import Address, Incoming, Outgoing
from triagebot.meter import UNREAD, Meter
from triagebot.store import inbox, outbox
from triagebot.store.inbox import Work
from triagebot.store.store import Store
from triagebot.store.tables import Conversation
from triagebot.triage.brain import NOTHING, Brain, Context
from triagebot.triage.language import language
from triagebot.triage.normalise import normalise
from triagebot.triage.verdict import Verdict

log = structlog.get_logger()

MOST_ATTEMPTS = 5
"""A message that fails this often is put aside as a dead letter, so that others go on."""
_BACKOFF_S = (1, 5, 30, 120)
_MOST_CONFLICTS = 20
_A_WORD = 4
"""Characters: stop and td are said in every language."""


@dataclass(frozen=True)
class _Sight:
    """What was seen before deciding: an agent who speaks to the desk, or the person's conversation. ``outsider``: somebody who
    did not talk to us, and is no agent either."""

    agent_id: int | None
    view: View
    outsider: bool = False


_Chat = tuple[Sequence[Sequence[Work]], _Sight | None]
"""One conversation's messages, in parts that are heard together, and what was seen for the first part."""


@dataclass(frozen=True)
class _Decided:
    """One person's turn, ready to be written. ``rest``: what they said after it, which has its turn afterwards."""

    works: Sequence[Work]
    view: View
    step: Step
    rest: Sequence[Sequence[Work]]

    @property
    def address(self) -> Address:
        return self.works[0].message.address

    @property
    def heard(self) -> list[Incoming]:
        return [work.message for work in self.works]


@dataclass
class Converse:
    """The loop. ``owners``: the (channel, bot) pairs whose messages this process handles; ``holder`` is its name; ``limited``:
    channels on which nobody may have more turns than can be answered; ``can_look``: at pictures."""

    store: Store
    office: Office
    brain: Brain
    owners: Collection[tuple[str, str]]
    clock: Callable[[], datetime]
    work: Bell
    said: Bell
    holder: str
    limited: Collection[str] = ()
    patience_s: float = 1.0
    meter: Meter = UNREAD
    can_look: bool = False

    def __post_init__(self) -> None:
        self.claims = Claims(self.store, self.owners, self.holder)
        self.ears = Ears.of(self.office.book)
        self.hurry = Hurry()

    async def run(self) -> None:
        while True:
            if not await self.once():
                await self.work.wait(self.patience_s)

    async def once(self) -> int:
        """Handle what is waiting now; returns how many messages were taken up."""
        chats = await self._not_too_fast(await self.claims.take_up(self._see, self.clock()))
        left = await self._together(chats)
        await asyncio.gather(*(self._conversation(parts, sight) for parts, sight in left))
        if chats:
            self.said.ring()
        return sum(len(part) for parts, _ in chats for part in parts)

    def _see(self, session: Session, found: Sequence[Work]) -> list[_Chat]:
        """What waits, by conversation, with what must be known to decide on the first part: one read for all of it."""
        now = self.clock()
        chats = [merged(list(works), self.ears) for _, works in groupby(found, key=lambda w: w.message.address)]
        firsts = [parts[0][-1].message for parts in chats]
        return list(zip(chats, self._looks(session, firsts, now), strict=True))

    async def _not_too_fast(self, chats: Sequence[_Chat]) -> list[_Chat]:
        """Without those who had more turns than can be answered: they are told so, once, and heard a little later."""
        now = self.clock()
        ready: list[_Chat] = []
        for parts, sight in chats:
            first = parts[0][0]
            until = None
            if first.message.address.channel in self.limited and sight is not None and sight.agent_id is None:
                until = self.hurry.until(first.message.address, now)
                for _ in parts if until is None else ():
                    self.hurry.turn(first.message.address, now)
            if until is not None and sight is not None:
                works = [work for part in parts for work in part]
                lang = sight.view.lang if self.hurry.tell(first.message.address) and not sight.outsider else ""
                await self.store.write(self._slow_down, works, lang, until, now)
            else:
                ready.append((parts, sight))
        return ready

    def _slow_down(self, session: Session, works: Sequence[Work], lang: str, until: datetime, now: datetime) -> None:
        """``lang``: in which they are told; "" when they know."""
        first = works[0]
        inbox.hold(session, first.id, until, self.claims.mark)
        self.claims.let_go(session, works)
        if lang:
            words = Outgoing(text=say(lang, "flood.slow"))
            outbox.put(session, first.message.address, words, now=now, key=f"slow:{first.id}")

    async def _together(self, chats: Sequence[_Chat]) -> list[_Chat]:
        """First turns of several people in one transaction; returns what must still be handled, each by itself: what agents
        said, what changed in between, what fails, and everything if writing together failed."""
        left: list[_Chat] = []
        ready: list[_Decided] = []
        now = self.clock()
        for parts, sight in chats:
            first = self._decided(parts, sight, now)
            if first is None:
                left.append((parts, sight))
            else:
                ready.append(first)
        written: set[Address] = set()
        if ready:
            try:
                written = await self.store.write(self._write_all, ready, now)
            except Exception as error:
                log.info("turns.apart", turns=len(ready), reason=type(error).__name__)
        for decided in ready:
            if parts := decided.rest if decided.address in written else [decided.works, *decided.rest]:
                left.append((parts, None))
        return left

    def _decided(self, parts: Sequence[Sequence[Work]], sight: _Sight | None, now: datetime) -> _Decided | None:
        """None for what cannot be decided here: words of agents and outsiders, invitations, and what fails (it fails again, by
        itself)."""
        if sight is None or sight.agent_id is not None or sight.outsider:
            return None
        if newcomers.opens_invitation([parts[0][-1].message]):
            return None
        try:
            decided = self.decide(sight.view, [w.message for w in parts[0]], now)
        except Exception:
            return None
        return _Decided(parts[0], sight.view, decided, parts[1:])

    def _write_all(self, session: Session, ready: Sequence[_Decided], now: datetime) -> set[Address]:
        """Returns whose turns were written; nothing was written of a conversation that has changed."""
        loaded = situation.load(session, [(decided.address, decided.view) for decided in ready])
        unmet = [(d.heard[-1], d.step.lang) for d in ready if d.address not in loaded.conversations]
        known = {**loaded.conversations, **turn.meet(session, unmet, now)}
        valid = [d for d in ready if not situation.changed(session, known[d.address], d.view)]
        opened = turn.open_together(session, self.office, [(known[d.address], d.step) for d in valid], now)
        for d in valid:
            conversation = known[d.address]
            turn.apply(
                session, self.office, conversation, d.heard, d.view, d.step, now, opened.get(conversation.id, ())
            )
        outsiders.note(session, [message for d in valid for message in d.heard], now)
        inbox.done(session, [work.id for d in valid for work in d.works], now, self.claims.mark)
        return {d.address for d in valid}

    async def _conversation(self, parts: Sequence[Sequence[Work]], sight: _Sight | None) -> None:
        for number, together in enumerate(parts):
            try:
                await self._handle(together, sight)
            except ClaimLost:
                log.info("claim.lost", inbox=[w.id for w in together])
                return
            except StoreUnavailable:
                raise  # not this message's fault: it is no failed try
            except Exception as error:
                await self._failed(together, [work for part in parts[number + 1 :] for work in part], error)
                return
            sight = None

    async def _failed(self, together: Sequence[Work], later: Sequence[Work], error: Exception) -> None:
        """Later messages of this conversation wait: order matters more than speed."""
        attempts = max(w.attempts for w in together)
        dead = attempts + 1 >= MOST_ATTEMPTS
        wait = timedelta(seconds=_BACKOFF_S[min(attempts, len(_BACKOFF_S) - 1)])
        log.exception("message.failed", inbox=[w.id for w in together], attempts=attempts + 1, dead=dead)
        with contextlib.suppress(ClaimLost):
            await self.store.write(self._put_off, together, later, type(error).__name__, None if dead else wait)

    def _put_off(
        self, session: Session, together: Sequence[Work], later: Sequence[Work], error: str, wait: timedelta | None
    ) -> None:
        now = self.clock()
        for work in together:
            inbox.fail(session, work.id, error, now, None if wait is None else now + wait, self.claims.mark)
        self.claims.let_go(session, later)

    async def _handle(self, together: Sequence[Work], sight: _Sight | None) -> None:
        """Decide and write; when something changed in between, look again and decide again."""
        heard = [w.message for w in together]
        ids = [w.id for w in together]
        for _ in range(_MOST_CONFLICTS):
            now = self.clock()
            seen = sight if sight is not None else await self.store.read(self._look, heard[-1], now)
            sight = None
            try:
                if seen.agent_id is not None:
                    await self.store.write(staff.obey, self.office, seen.agent_id, heard, ids, now, self.claims.mark)
                elif seen.outsider:
                    await self.store.write(outsiders.turn_away, self.office, heard, ids, now, self.claims.mark)
                elif newcomers.opens_invitation(heard):
                    await self.store.write(newcomers.let_in, self.office, heard, ids, now, self.claims.mark)
                else:
                    decided = self.decide(seen.view, heard, now)
                    await self.store.write(self._write, heard, ids, seen.view, decided, now)
            except ClaimLost:
                raise
            except ConflictError:
                continue
            return
        raise ConflictError(f"the conversation changed {_MOST_CONFLICTS} times while it was being decided on")

    def _look(self, session: Session, incoming: Incoming, now: datetime) -> _Sight:
        return self._looks(session, [incoming], now)[0]

    def _looks(self, session: Session, heard: Sequence[Incoming], now: datetime) -> list[_Sight]:
        """What must be known to decide on each of these messages of several chats."""
        people = {(m.address.channel, m.user) for m in heard if (m.address.channel, agents.STAFF) in self.owners}
        staff_ids = {person: agent.id for person, agent in agents.by_users(session, people).items()}
        known = situation.find_all(session, [m.address for m in heard])
        incidents = going.load(session, self.office)
        return [
            _Sight(staff_ids[m.address.channel, m.user], View())
            if (m.address.channel, m.user) in staff_ids
            else _Sight(
                None, self._view(session, known.get(m.address), m, now, incidents) if m.mine else View(), not m.mine
            )
            for m in heard
        ]

    def _view(
        self,
        session: Session,
        conversation: Conversation | None,
        incoming: Incoming,
        now: datetime,
        incidents: AllGoing,
    ) -> View:
        press = signals.press_of(incoming, situation.memory_of(conversation))
        number = press.number if press is not None else None
        seen = situation.look(session, self.office, conversation, incoming, number, now, incidents)
        seen = replace(seen, looks=self.can_look)
        if conversation is None or not signals.of_watches(incoming, press, self.ears):
            return seen
        return replace(seen, watches=situation.watches(session, conversation))

    def _write(
        self, session: Session, heard: Sequence[Incoming], ids: Sequence[int], view: View, decided: Step, now: datetime
    ) -> None:
        to = heard[-1].address
        loaded = situation.load(session, [(to, view)])
        turn.apply(session, self.office, loaded.conversations.get(to), heard, view, decided, now)
        outsiders.note(session, heard, now)
        inbox.done(session, ids, now, self.claims.mark)

    def decide(self, view: View, heard: Sequence[Incoming], now: datetime) -> Step:
        """Pure: what the bot does about these messages of one person."""
        counting = [m for m in heard if not signals.superseded(m, view.memory) or self._is_danger(m)]
        unheard = frozenset(m.external_id for m in heard if m not in counting)
        if not counting:
            return replace(unmoved(view), unheard=unheard)
        return replace(self._step(view, counting, now), unheard=unheard)

    def _is_danger(self, message: Incoming) -> bool:
        """Danger is heard in every version of a message, in whatever order they come."""
        verdict = self.brain.triage(message.text)
        return verdict.decision == "escalate" and verdict.priority == "P1"

    def _step(self, view: View, heard: Sequence[Incoming], now: datetime) -> Step:
        together = "\n".join(dict.fromkeys(m.text for m in heard))
        incoming = heard[-1] if len(heard) == 1 else replace(heard[-1], text=together, message_ref="")
        found = pictures.of(heard, self.brain.telling)
        if found is not None:
            signal = pictures.read(incoming, found, view.memory, self.ears)
        else:
            signal = signals.read(incoming, view.memory, self.ears)
        signal = replace(signal, count=len(heard), flood=len(heard) > FLOOD)
        if signal.name == "watch" and len(signal.text) > _A_WORD and not view.memory.lang_fixed:
            view = replace(view, lang=language(normalise(signal.text)))
        if signal.name == "text" or (signal.name == "measured" and signal.text):
            view, signal = self._judge(view, signal, incoming)
        return step(view, signal, self.office.book, now)

    def _judge(self, view: View, signal: Signal, incoming: Incoming) -> tuple[View, Signal]:
        memory = view.memory
        earlier = memory.texts_beside(signal.ref)
        started = time.perf_counter()
        before = Context(earlier=earlier, category=memory.category) if signal.arg != ANOTHER else NOTHING
        verdict = self._verdict(signal, before)
        self.meter.judged(time.perf_counter() - started)
        chosen = memory.lang_fixed or verdict.filler
        wordless = signal.pictures is not None and not signal.pictures.caption
        lang = view.lang if wordless or (chosen and view.version >= 0) else verdict.lang
        return replace(view, lang=lang), replace(signal, verdict=verdict)

    def _verdict(self, signal: Signal, context: Context) -> Verdict:
        found = signal.pictures
        if found is not None and found.screens:
            return self.brain.triage_screen("\n".join(found.screens), found.caption, context)
        return self.brain.triage(signal.text, context)
