"""What the one who starts the service is told: where the chat is, and how to get into the desk."""

from __future__ import annotations

import socket
from contextlib import suppress

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from triagebot.access import links
from triagebot.app import App
from triagebot.desk.team import agents
from triagebot.settings import Settings
from triagebot.store import later

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (nothing is bound here)
"""An address to listen on that no browser can open, and one of the same machine that it can."""


def address(settings: Settings, listening: socket.socket) -> str:
    """Where people find the pages: as the settings say, or where we listen."""
    host = settings.web_host
    host = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return settings.web_url or f"http://{host}:{listening.getsockname()[1]}"


async def tell(app: App, url: str, *, alone: bool) -> None:
    """``alone``: without a chat network there is nobody whom the bot could send a link, so there is one here; it is worth an
    admin's rights, once, for ten minutes, to whoever reads the terminal. A log is kept and read by others: there it is only
    said where the desk is (``triagebot agents link`` gives a link)."""
    chat = f"{url}/" if app.settings.web_chat else ""
    if app.settings.log_format == "json":
        structlog.get_logger().info("run.open", chat=chat, desk=f"{url}/desk")
        return
    token = await app.store.write(_link, app) if alone else ""
    desk = f"{url}/desk/sign-in?token={token}" if alone else f"{url}/desk"
    if chat:
        print(f"聊天 / Chat:  {chat}", flush=True)
    once = "  （一次有效，10 分钟内 / works once, within 10 minutes）" if alone else ""
    print(f"坐席 / Desk:  {desk}{once}", flush=True)


def _link(session: Session, app: App) -> str:
    """For the operator, who is made an admin on first use; of several who start at once, the others find them there."""
    now = app.clock()
    with suppress(IntegrityError), later.savepoint(session):
        agents.by_name(session, agents.LOCAL, now)
    local = agents.by_name(session, agents.LOCAL, now)
    return links.issue(session, "sign_in", now, by="system", agent_id=local.id)
