"""The chat's paths."""

from __future__ import annotations

from fastapi import FastAPI

from triagebot.web.chat import keepsake, page, post, stream
from triagebot.web.chat.door import Answer, guarded
from triagebot.web.chat.house import ChatHouse

ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/", page.page),
    ("GET", "/widget.js", page.widget),
    ("GET", "/chat/stream", stream.stream),
    ("POST", "/chat/begin", post.begin),
    ("POST", "/chat/messages", post.message),
    ("POST", "/chat/pictures", post.picture),
    ("GET", keepsake.PATH, keepsake.keepsake),
)


def mount(app: FastAPI, house: ChatHouse) -> None:
    for method, path, answer in ROUTES:
        app.add_api_route(path, guarded(house, answer), methods=[method], response_model=None)
