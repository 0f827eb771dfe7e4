"""What all pages share, and what all answers carry: the parts of the house that they need, headers, the address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request

from triagebot.desk.office import Office
from triagebot.store.store import Store
from triagebot.vision.keepsakes import Keepsakes
from triagebot.web.kept import Kept
from triagebot.web.live import Live
from triagebot.web.shelf import Shelf

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""For pages: nothing is loaded from anywhere else, no script stands in a page, nobody frames it, and no one keeps it."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Site:
    """``url``: the public address, without a slash at its end; ``stopping``: set when the process is to end;
    ``kept``: parts of pages that many ask for, without anything of one agent in them; ``reports``: made lately;
    ``figures``: of the model in use (see triage.model), empty where this process judges nothing; ``keepsakes``: pictures that
    this process may still show."""

    store: Store
    office: Office
    clock: Callable[[], datetime]
    url: str
    live: Live
    stopping: asyncio.Event
    kept: Kept[str] = field(default_factory=Kept, compare=False)
    reports: Shelf = field(default_factory=Shelf)
    figures: Callable[[], Mapping[str, float]] = dict
    keepsakes: Keepsakes = field(default_factory=Keepsakes, compare=False)

    @property
    def secure(self) -> bool:
        """Whether cookies may be kept to encrypted connections."""
        return self.url.startswith("https://")

    def is_meant(self, request: Request) -> bool:
        """Whether the request names this site: a page of another name that resolves to our address (DNS rebinding) does not."""
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname
        return asked in _LOOPBACK or asked == urlsplit(self.url).hostname

    def is_own(self, request: Request) -> bool:
        """Whether a form was sent by one of our pages: browsers name the page's origin with every POST."""
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return urlsplit(origin).netloc in (request.headers.get("host"), urlsplit(self.url).netloc)
