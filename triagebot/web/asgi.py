"""The ASGI app: which path leads where. No pages about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from triagebot.messages import Intake, Webhook
from triagebot.unbuilt_models import models_of
from triagebot.web import hooks
from triagebot.web.health import Health
from triagebot.web.metrics import Metrics
from triagebot.web.site import Site

if TYPE_CHECKING:  # the pages' templates, which a process that only sends does not need
    from triagebot.web.chat.house import ChatHouse

with models_of("fastapi"):
    from fastapi import FastAPI


def application(
    health: Health, metrics: Metrics, webhooks: Sequence[Webhook], intake: Intake, patience_s: float = hooks.PATIENCE_S,
    site: Site | None = None, chat: ChatHouse | None = None,
) -> FastAPI:  # fmt: skip
    """``webhooks`` post into ``intake``; ``patience_s``: see hooks.PATIENCE_S; ``site``: None for no pages; ``chat``: None
    where people do not talk to the bot on a page."""
    app = FastAPI(title="triagebot", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_api_route("/healthz", health.alive, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/readyz", health.ready, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/metrics", metrics.show, methods=["GET"], response_model=None)
    for hook in webhooks:
        receive = hooks.endpoint(hook, intake, metrics.meter.answered, patience_s)
        app.add_api_route(hook.path, receive, methods=["POST"], response_model=None)
    if site is not None:
        _add_pages(app, site, chat)
    return app


def _add_pages(app: FastAPI, site: Site, chat: ChatHouse | None) -> None:
    """Imported where there are pages: a process that only sends needs no templates."""
    from triagebot.web import pages
    from triagebot.web.chat import routes as chat_routes
    from triagebot.web.desk import routes

    for path, give in pages.files().items():
        app.add_api_route(path, give, methods=["GET", "HEAD"], response_model=None)
    routes.mount(app, site)
    if chat is not None:
        chat_routes.mount(app, chat)
