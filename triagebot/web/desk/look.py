"""How the desk looks to one agent: its colours stay with the browser, its language with the person, in chats too."""

from __future__ import annotations

import re

from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from triagebot.locale import LANGUAGES
from triagebot.store.tables import Agent
from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS

THEMES = ("auto", "light", "dark")
_KEPT_S = 365 * 24 * 3600
_BACK = re.compile(r"/desk(/[a-z0-9._-]+)*(\?[^\\#\s]*)?")


async def choose(visit: Visit) -> Response:
    """POST /desk/look with ``theme`` or ``lang``, and ``to``: the page to come back to."""
    theme, lang, back = visit.field("theme"), visit.field("lang"), visit.field("to")
    response = RedirectResponse(back if _BACK.fullmatch(back) else "/desk", 303, HEADERS)
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=_KEPT_S, path="/", secure=visit.site.secure, httponly=True,
                            samesite="lax")  # fmt: skip
    if lang in LANGUAGES:
        await visit.site.store.write(_speak, visit.agent.id or 0, lang)
    return response


def _speak(session: Session, agent_id: int, lang: str) -> None:
    agent = session.get_one(Agent, agent_id)
    agent.lang = lang
    session.add(agent)
