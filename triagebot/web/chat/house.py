"""What the chat's pages need beside what all pages share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from triagebot.locale import LANGUAGES
from triagebot.messages import Address, Intake, Seen
from triagebot.vision.keepsakes import Keepsakes
from triagebot.web import pages
from triagebot.web.callers import caller_of
from triagebot.web.chat import visitor
from triagebot.web.chat.hands import Hands
from triagebot.web.chat.limits import Limits
from triagebot.web.chat.wakes import Wakes
from triagebot.web.site import Site


@dataclass(frozen=True)
class ChatHouse:
    """``look``: what is in a picture that is not committed yet; ``keepsakes``: pictures that may be shown for a while.
    ``embedding``: origins that may show the chat in a frame; ``proxies``: see web.callers."""

    site: Site
    intake: Intake
    wakes: Wakes
    look: Callable[[Address, bytes], Awaitable[Seen]]
    keepsakes: Keepsakes
    embedding: tuple[str, ...] = ()
    proxies: int = 0
    limits: Limits = field(default_factory=Limits)
    hands: Hands = field(default_factory=Hands)

    def caller(self, request: Request) -> str:
        return caller_of(request, self.proxies)

    def chat(self, request: Request) -> str:
        return visitor.chat_of(request, secure=self.site.secure)

    def framed(self, request: Request) -> bool:
        """Whether the page is shown by another site, and may be."""
        return bool(self.embedding) and request.query_params.get("embed") == "1"


def language(request: Request) -> str:
    """In which the page is: it says so with all that it asks for."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in LANGUAGES else pages.language_of(request)
