"""The ASGI app: which path leads where. No pages about itself: nothing here is for strangers."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.messages import Intake, Webhook
from triagebot.unbuilt_models import models_of
from triagebot.web import hooks
from triagebot.web.health import Health
from triagebot.web.metrics import Metrics

with models_of("fastapi"):
    from fastapi import FastAPI


def application(
    health: Health, metrics: Metrics, webhooks: Sequence[Webhook], intake: Intake, patience_s: float = hooks.PATIENCE_S
) -> FastAPI:
    """``webhooks`` post into ``intake``; ``patience_s``: see hooks.PATIENCE_S."""
    app = FastAPI(title="triagebot", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_api_route("/healthz", health.alive, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/readyz", health.ready, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/metrics", metrics.show, methods=["GET"], response_model=None)
    for hook in webhooks:
        receive = hooks.endpoint(hook, intake, metrics.meter.answered, patience_s)
        app.add_api_route(hook.path, receive, methods=["POST"], response_model=None)
    return app
