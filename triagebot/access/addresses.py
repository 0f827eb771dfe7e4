"""Where people find us: the addresses of links that work once."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.access import tokens


@dataclass(frozen=True)
class Addresses:
    """``web``: the pages' public address, without a slash at its end; ``telegram``: the bot's name there, "" when not known."""

    web: str = "http://127.0.0.1:8080"
    telegram: str = ""

    def sign_in(self, token: str) -> str:
        return f"{self.web}/desk/sign-in?token={token}"

    def join(self, token: str) -> str:
        """The page on which an invited person says their name."""
        return f"{self.web}/desk/join?token={token}"

    def join_in_chat(self, token: str) -> str:
        """A link that opens the chat and says ``join_words``; "" when the bot's name is not known."""
        return f"https://t.me/{self.telegram}?start={tokens.JOIN}{token}" if self.telegram else ""

    def join_words(self, token: str) -> str:
        """What an invited person may write to the bot instead."""
        return f"/start {tokens.JOIN}{token}"
