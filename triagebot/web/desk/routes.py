"""The desk's paths: a table of pages, and who may see them."""

from __future__ import annotations

from fastapi import FastAPI

from triagebot.web.desk import (
    acting,
    beat,
    board,
    health,
    incident,
    incidents,
    join,
    look,
    me,
    people,
    picture,
    reports,
    rules,
    sign_in,
    stream,
    ticket,
    users,
)
from triagebot.web.desk.door import SIGN_IN, Route, guarded
from triagebot.web.desk.join import JOIN
from triagebot.web.site import Site

ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk", board.show),
    Route("GET", "/desk/board", board.again),
    Route("GET", "/desk/stream", stream.stream),
    Route("GET", "/desk/tickets/{number:int}", ticket.show),
    Route("GET", "/desk/tickets/{number:int}/parts", ticket.parts),
    Route("GET", "/desk/tickets/{number:int}/pictures/{name}", picture.show),
    Route("POST", "/desk/tickets/{number:int}/presence", beat.beat),
    Route("POST", "/desk/tickets/{number:int}/{verb}", acting.act),
    Route("POST", "/desk/look", look.choose),
    Route("POST", "/desk/sign-out", sign_in.leave),
    Route("GET", "/desk/me", me.show),
    Route("POST", "/desk/me/available", me.available),
    Route("POST", "/desk/me/sign-out", me.sign_out_everywhere),
    Route("GET", "/desk/users/{number:int}", users.show),
    Route("POST", "/desk/users/{number:int}/export", users.export, "admin"),
    Route("POST", "/desk/users/{number:int}/erase", users.erase_, "admin"),
    Route("GET", "/desk/incidents", incidents.show),
    Route("POST", "/desk/incidents", incidents.open_, "supervisor"),
    Route("GET", "/desk/incidents/{number:int}", incident.show),
    Route("GET", "/desk/incidents/{number:int}/postmortem", incident.look_back),
    Route("GET", "/desk/incidents/{number:int}/postmortem.md", incident.file),
    Route("POST", "/desk/incidents/{number:int}/ack", incident.acknowledge, "supervisor"),
    Route("POST", "/desk/incidents/{number:int}/status", incident.status, "supervisor"),
    Route("POST", "/desk/incidents/{number:int}/resolve", incident.resolve, "supervisor"),
    Route("POST", "/desk/incidents/{number:int}/attach", incident.attach, "supervisor"),
    Route("POST", "/desk/incidents/{number:int}/detach", incident.detach, "supervisor"),
    Route("GET", "/desk/reports", reports.show, "supervisor"),
    Route("GET", "/desk/reports/figures", reports.figures, "supervisor"),
    Route("GET", "/desk/reports/file", reports.file, "supervisor"),
    Route("GET", "/desk/rules", rules.show),
    Route("POST", "/desk/rules/corrections", rules.review, "supervisor"),
    Route("GET", "/desk/rules/{category}", rules.one),
    Route("GET", "/desk/people", people.show),
    Route("POST", "/desk/people/invite", people.invite, "supervisor"),
    Route("POST", "/desk/people/{number:int}/{verb}", people.change, "admin"),
    Route("GET", "/desk/health", health.show, "supervisor"),
    Route("POST", "/desk/health/letters", health.letter, "admin"),
    Route("GET", "/desk/health/audit", health.verify, "admin"),
)


def mount(app: FastAPI, site: Site) -> None:
    app.add_api_route(SIGN_IN, sign_in.show(site), methods=["GET"], response_model=None)
    app.add_api_route(SIGN_IN, sign_in.enter(site), methods=["POST"], response_model=None)
    app.add_api_route(JOIN, join.show(site), methods=["GET"], response_model=None)
    app.add_api_route(JOIN, join.enter(site), methods=["POST"], response_model=None)
    for route in ROUTES:
        app.add_api_route(route.path, guarded(site, route), methods=[route.method], response_model=None)
