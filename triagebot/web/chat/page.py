"""The chat's page, and the script by which another site shows it in a corner."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from triagebot.locale import catalogue, say
from triagebot.store import mailbox
from triagebot.vision.header import MOST_BYTES
from triagebot.web import pages
from triagebot.web.chat import post
from triagebot.web.chat.house import ChatHouse, language
from triagebot.web.chat.shown import in_words
from triagebot.web.site import HEADERS

_IN_SCRIPT = "web.chat.js."
_ALSO = ("picture_sent", "picture_large", "no_pdf", "no_picture")
"""What script and server both say of pictures."""
_IN_WIDGET = "web.widget."
_MENU = ("status", "human", "watch", "privacy", "forgetme")
_EXAMPLES = ("face", "code", "late", "scam")


async def page(house: ChatHouse, request: Request) -> Response:
    """Without a word of what was said: the script fetches that."""
    chat = house.chat(request)
    met = await house.site.store.read(mailbox.language, chat) if chat else None
    lang = language(request) if "lang" in request.query_params else met or language(request)
    framed = house.framed(request)
    headers = {**HEADERS, "content-security-policy": _policy(house.embedding if framed else ())}
    script_words = {**_words(lang, _IN_SCRIPT), **{name: say(lang, f"web.chat.{name}") for name in _ALSO}}
    menu = [(f"/{name}", in_words(name, lang)) for name in _MENU]
    return pages.page("chat/page.html", lang, headers=headers, theme="auto", framed=framed, known=met is not None,
                      cookie=bool(chat), menu=menu, script_words=script_words, examples=_EXAMPLES, longest=post.LONGEST,
                      largest=MOST_BYTES)  # fmt: skip


async def widget(house: ChatHouse, request: Request) -> Response:
    """For other sites, so it may be loaded from anywhere; what it opens may not be shown everywhere."""
    words = {lang: _words(lang, _IN_WIDGET) for lang in ("zh", "en")}
    script = pages.rendered("chat/widget.js", "zh", widget_words=words)
    headers = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff",
               "cross-origin-resource-policy": "cross-origin"}  # fmt: skip
    return Response(script, media_type="text/javascript", headers=headers)


def _policy(origins: tuple[str, ...]) -> str:
    """Pictures that a person sends are shown from the browser's own memory (blob:). ``origins``: who may frame the page."""
    policy = HEADERS["content-security-policy"].replace("img-src 'self' data:", "img-src 'self' blob:")
    return policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(origins)}") if origins else policy


def _words(lang: str, prefix: str) -> dict[str, str]:
    """Those of the catalogue that a script says."""
    return {key.removeprefix(prefix): text for key, text in catalogue(lang).items() if key.startswith(prefix)}
