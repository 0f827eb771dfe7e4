"""The desk's paths: a table of pages, and who may see them."""

from __future__ import annotations

from fastapi import FastAPI

from triagebot.web.desk import join, sign_in, stream
from triagebot.web.desk.door import SIGN_IN, Route, guarded
from triagebot.web.desk.join import JOIN
from triagebot.web.site import Site

ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/stream", stream.stream),
    Route("POST", "/desk/sign-out", sign_in.leave),
)


def mount(app: FastAPI, site: Site) -> None:
    app.add_api_route(SIGN_IN, sign_in.show(site), methods=["GET"], response_model=None)
    app.add_api_route(SIGN_IN, sign_in.enter(site), methods=["POST"], response_model=None)
    app.add_api_route(JOIN, join.show(site), methods=["GET"], response_model=None)
    app.add_api_route(JOIN, join.enter(site), methods=["POST"], response_model=None)
    for route in ROUTES:
        app.add_api_route(route.path, guarded(site, route), methods=[route.method], response_model=None)
