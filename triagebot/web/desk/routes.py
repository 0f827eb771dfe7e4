"""The desk's paths: a table of pages, and who may see them."""

from __future__ import annotations

from fastapi import FastAPI

from triagebot.web.desk import acting, beat, board, join, look, sign_in, stream, ticket
from triagebot.web.desk.door import SIGN_IN, Route, guarded
from triagebot.web.desk.join import JOIN
from triagebot.web.site import Site

ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk", board.show),
    Route("GET", "/desk/board", board.again),
    Route("GET", "/desk/stream", stream.stream),
    Route("GET", "/desk/tickets/{number:int}", ticket.show),
    Route("GET", "/desk/tickets/{number:int}/parts", ticket.parts),
    Route("POST", "/desk/tickets/{number:int}/presence", beat.beat),
    Route("POST", "/desk/tickets/{number:int}/{verb}", acting.act),
    Route("POST", "/desk/look", look.choose),
    Route("POST", "/desk/sign-out", sign_in.leave),
)


def mount(app: FastAPI, site: Site) -> None:
    app.add_api_route(SIGN_IN, sign_in.show(site), methods=["GET"], response_model=None)
    app.add_api_route(SIGN_IN, sign_in.enter(site), methods=["POST"], response_model=None)
    app.add_api_route(JOIN, join.show(site), methods=["GET"], response_model=None)
    app.add_api_route(JOIN, join.enter(site), methods=["POST"], response_model=None)
    for route in ROUTES:
        app.add_api_route(route.path, guarded(site, route), methods=[route.method], response_model=None)
