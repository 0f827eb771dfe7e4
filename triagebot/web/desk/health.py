"""How the service is, dead letters, and the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from triagebot.access import audit, audit_check
from triagebot.access.audit_check import WORDS
from triagebot.desk import condition, dead_letters
from triagebot.desk.condition import Condition
from triagebot.desk.dead_letters import INBOX, OUTBOX, Letter
from triagebot.desk.office import Office
from triagebot.desk.team import agents, roster
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Audit
from triagebot.web.desk.door import Visit

_ORDER = {"error": 0, "warning": 1, "ok": 2}
_MOST_LETTERS = 50
_AUDIT_ROWS = 50
_BOXES = {box.name: box for box in (INBOX, OUTBOX)}
_MOST_DIGITS = 18


async def show(visit: Visit, told: str = "") -> Response:
    admin = agents.may(visit.agent, "admin")
    found, letters, rows, names = await visit.site.store.read(_read, visit.now, admin)
    told_of = list(condition.findings(found, visit.site.office, visit.site.figures(), visit.now, visit.lang))
    worst = min((finding.state for finding in told_of), key=_ORDER.__getitem__)
    return visit.page("desk/health.html", heading=say(visit.lang, "web.nav.health"), told=told, findings=told_of, worst=worst,
                      condition=found, process=condition.process, letters=letters, rows=rows, names=names,
                      zone=visit.site.office.zone)  # fmt: skip


def _read(
    session: Session, now: datetime, admin: bool
) -> tuple[Condition, dict[str, list[Letter]], list[Audit], dict[str, str]]:
    """Dead letters quote people, and the audit log names colleagues: both are for admins."""
    found = condition.read(session, now)
    if not admin:
        return found, {}, [], {}
    letters = {
        name: dead_letters.listed(session, box)[:_MOST_LETTERS]
        for name, box in _BOXES.items()
        if found.vitals.dead[name]
    }
    rows = audit.listed(session, None, "", _AUDIT_ROWS)
    return found, letters, rows[::-1], roster.names(session)


async def letter(visit: Visit) -> Response:
    """Try a dead letter again, or let it go."""
    box, number, what = _BOXES.get(visit.field("box")), visit.field("number"), visit.field("do")
    if box is None or not number.isdecimal() or len(number) > _MOST_DIGITS or what not in ("retry", "drop"):
        raise DeskError(say(visit.lang, "web.health.no_letter"))
    await visit.site.store.write(_letter, visit.site.office, visit.agent, box.name, int(number), what, visit.now)
    return await show(visit, say(visit.lang, f"web.health.{what}_done"))


def _letter(session: Session, office: Office, agent: Agent, name: str, number: int, what: str, now: datetime) -> None:
    box = _BOXES[name]
    if what == "retry":
        dead_letters.retry(session, box, [number])
    else:
        dead_letters.drop(session, office, box, [number], now)
    audit.note(session, now, f"agent:{agent.id}", f"dead letter {what}", target=f"{name}:{number}")


async def verify(visit: Visit) -> Response:
    """Whether the audit log is whole: reads all of it."""
    found = await visit.site.store.read(audit_check.verify)
    if found.broken is None:
        words, kind = say(visit.lang, "web.health.audit_sound", rows=found.rows, hash=found.hash[:16]), "good"
    else:
        fault = WORDS[found.broken.fault]
        words = say(visit.lang, "web.health.audit_broken", row=found.broken.row, rows=found.rows,
                    fault=fault.en if visit.lang == "en" else fault.zh)  # fmt: skip
        kind = "bad"
    return visit.page("desk/notice.html", words=words, kind=kind)
