"""The SLA report as a page: the same code as ``triagebot sla report``. Building it may take seconds; the page comes first."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog
from starlette.responses import Response

from triagebot.desk import periods
from triagebot.desk.periods import Period
from triagebot.errors import DeskError, StoreError, TriagebotError, UsageError
from triagebot.locale import say
from triagebot.report import as_html, build, forms, words
from triagebot.report.figures import Filters, Report
from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS

log = structlog.get_logger()

NAMED = ("today", "7d", "30d", "month", "own")
"""Periods to choose from; ``own``: from one date to another, both included."""
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_KEPT_TO = timedelta(minutes=1)
"""How exactly ``until now`` is meant: who asks within it is given what another has just had made."""


async def show(visit: Visit) -> Response:
    """The picker, and a place that the figures are loaded into."""
    asked = visit.request.query_params
    chosen = {name: asked.get(name, "") for name in ("period", "since", "until", "queue")}
    chosen["period"] = chosen["period"] or "7d"
    queues = [(name, visit.site.office.queue_title(name, visit.lang)) for name in visit.site.office.book.queues]
    query = urlencode({name: value for name, value in chosen.items() if value})
    return visit.page("desk/reports.html", heading=say(visit.lang, "web.nav.reports"), chosen=chosen, named=NAMED,
                      queues=queues, query=query, today=f"{visit.now.astimezone(visit.site.office.zone):%Y-%m-%d}",
                      forms=[(form.name, form.missing) for form in forms.FORMS.values()])  # fmt: skip


async def figures(visit: Visit) -> Response:
    """What ``show`` loads. Why there are none is said in their place."""
    try:
        report = await _report(visit)
    except StoreError as error:
        log.error("desk.outage", path=visit.request.url.path, reason=str(error))
        return visit.page("desk/notice.html", words=say(visit.lang, "web.outage"), kind="bad")
    except TriagebotError as error:
        return visit.page("desk/notice.html", words=str(error), kind="bad")
    made = await asyncio.to_thread(as_html.sections, report, visit.lang)
    return visit.page("desk/report_figures.html", sections=made, span=words.span(report, visit.lang),
                      scope=words.scope(report, visit.lang), length=words.length(report, visit.lang),
                      made=words.moment(report.made_at, report.zone, visit.lang))  # fmt: skip


async def file(visit: Visit) -> Response:
    """MissingPartError when the form needs a package that is not installed here."""
    name = visit.request.query_params.get("form", "")
    if name not in forms.FORMS:
        raise DeskError(say(visit.lang, "web.reports.no_form", form=name))
    forms.check(name)
    report = await _report(visit)
    made = await asyncio.to_thread(forms.render, report, name, visit.lang)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{forms.file_name(report, name)}"'}
    return Response(made, media_type=_TYPES[name], headers=headers)


async def _report(visit: Visit) -> Report:
    asked, site = visit.request.query_params, visit.site
    period, queue = _period(visit), asked.get("queue", "")
    if queue and queue not in site.office.book.queues:
        raise DeskError(say(visit.lang, "desk.no_such_queue", queue=queue, known=", ".join(site.office.book.queues)))
    return await site.reports.get(
        (period, queue), lambda: site.store.read(build.build, site.office, period, Filters(queue=queue), visit.now)
    )


def _period(visit: Visit) -> Period:
    """DeskError names what cannot be read."""
    asked, zone = visit.request.query_params, visit.site.office.zone
    now = _floor(visit.now)
    name = asked.get("period", "7d")
    try:
        if name == "own":
            until = datetime.fromisoformat(asked.get("until", "")) + timedelta(days=1)
            return periods.between(asked.get("since", ""), until.date().isoformat(), now, zone)
        return periods.named(name, now, zone)
    except (UsageError, ValueError, OverflowError):
        raise DeskError(say(visit.lang, "web.reports.no_period")) from None


def _floor(now: datetime) -> datetime:
    """At the last whole ``_KEPT_TO``."""
    return now - timedelta(seconds=now.timestamp() % _KEPT_TO.total_seconds())
