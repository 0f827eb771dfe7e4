"""Those who come with a problem: what they say first, and what they do about what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from triagebot.demo import cast
from triagebot.demo.mailbox import BOT, CHANNEL
from triagebot.demo.week import Week
from triagebot.messages import Address, Batch, Incoming, Outgoing

_MOST_WORDS = 14
"""After that a person falls silent, whatever they are asked."""


@dataclass
class Person:
    """``first``: their first words; ``stubborn``: nothing that the bot says helps them (they are part of the incident);
    ``unhappy``: they have just given a low rating, and say why."""

    number: int
    name: str
    lang: str
    first: str
    stubborn: bool = False
    said: int = 0
    unhappy: bool = False
    heard: Outgoing | None = field(default=None, repr=False)

    @property
    def chat(self) -> str:
        return sha256(f"demo {self.number}".encode()).hexdigest()[:32]

    async def come(self, week: Week) -> None:
        week.readers[self.chat] = self.react
        await self._say(week, text=self.first)

    async def _say(self, week: Week, *, text: str = "", action: str = "") -> None:
        self.said += 1
        message = Incoming(
            address=Address(CHANNEL, BOT, self.chat), external_id=f"demo-{self.number}-{self.said}", user=self.chat,
            user_name=self.name, at=week.clock(), kind="press" if action else "text", text=text, action=action,
            lang_hint=self.lang,
        )  # fmt: skip
        await week.app.intake(Batch([message]))

    async def react(self, week: Week) -> None:
        """To what they were told last, by the bot or by a colleague."""
        message = week.mailbox.last.get(self.chat)
        if message is None or message is self.heard or self.said >= _MOST_WORDS:
            return
        self.heard = message
        actions = {button.action.partition(":")[0]: button.action for row in message.buttons for button in row}
        chance = week.chance.random()
        if "rate" in actions:
            await self._rate(week)
        elif self.unhappy:
            self.unhappy = False
            await self._say(week, text=week.chance.choice(cast.COMPLAINTS[self.lang]))
        elif "solved" in actions:
            await self._judge_fix(week, actions, chance)
        elif "pick" in actions or "platform" in actions or "skip" in actions:
            if chance < 0.7:
                await self._answer(week, message, chance)
        elif chance < 0.35:
            await self._say(week, text=week.chance.choice(cast.THANKS[self.lang]))

    async def _judge_fix(self, week: Week, actions: dict[str, str], chance: float) -> None:
        if chance < cast.SILENT:
            return
        if self.stubborn or chance > cast.SILENT + cast.SOLVED:
            human = "human" in actions and week.chance.random() < cast.STRAIGHT_TO_PEOPLE * (4 if self.stubborn else 1)
            await self._say(week, action=actions["human" if human else "not_solved"])
        else:
            await self._say(week, action=actions["solved"])

    async def _answer(self, week: Week, message: Outgoing, chance: float) -> None:
        """A button of several at random, or a few words."""
        buttons = [button for row in message.buttons for button in row]
        if chance < 0.35 and len(buttons) > 1:
            await self._say(week, action=week.chance.choice(buttons[:-1]).action)
        else:
            await self._say(week, text=week.chance.choice(cast.ANSWERS[self.lang]))

    async def _rate(self, week: Week) -> None:
        if week.chance.random() < 0.45:
            return
        stars = week.chance.choices((5, 4, 3, 2, 1), (52, 26, 10, 7, 5))[0]
        message = week.mailbox.last[self.chat]
        self.unhappy = stars <= 2
        action = next((b.action for row in message.buttons for b in row if b.action.startswith(f"rate:{stars}:")), "")
        if action:
            await self._say(week, action=action)
