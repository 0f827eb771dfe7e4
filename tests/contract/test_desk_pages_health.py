"""How the service is, in words; dead letters tried again or let go; the audit log looked at and verified."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import House, office
from triagebot.desk import condition
from triagebot.desk.condition import Condition, Finding
from triagebot.messages import Address, Outgoing
from triagebot.store import leases, outbox
from triagebot.store.clock import database_now
from triagebot.store.tables import Audit, Outbox


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    return Desk(queued.store, clock)


def _states(desk: Desk, **figures: float) -> dict[str, Finding]:
    def read(session: Session) -> Condition:
        return condition.read(session, desk.clock())

    found = desk.store.read_now(read)
    return {finding.what: finding for finding in condition.findings(found, office(), figures, desk.clock(), "zh")}


def _dead_letter(session: Session, now: object) -> None:
    outbox.put(session, Address("telegram", "1", "7"), Outgoing(text="<i>您好</i>"), now=now)  # type: ignore[arg-type]
    session.flush()
    row = session.exec(select(Outbox).where(Outbox.chat == "7")).all()[-1]
    row.state, row.error, row.attempts, row.sent_at = "dead", "Telegram: <b>blocked</b>", 8, now  # type: ignore[assignment]
    session.add(row)


def test_what_waits_too_long_and_what_stands_still_is_said(desk: Desk, queued: House, clock: FakeClock) -> None:
    queued.deliver()
    states = _states(desk)
    assert (states["database"].state, states["inbox"].state, states["outbox"].state) == ("ok", "ok", "ok")
    assert (states["tick"].state, "triagebot run" in states["tick"].words) == ("error", True)
    desk.store.write_now(lambda s: leases.acquire(s, "tick", "host:41:ab:cd", database_now(s, clock()), 3600.0))
    queued.arrive("还是不行")
    clock.advance(minutes=2)
    states = _states(desk, accuracy=0.931)
    assert states["inbox"].state == "warning"
    assert states["inbox"].words == "telegram 有 1 条在等，最久 2 分钟"
    assert "host:41" in states["tick"].words
    assert "93.1%" in states["model"].words
    clock.advance(minutes=30)
    assert _states(desk)["inbox"].state == "error"


def test_a_dead_letter_is_tried_again_or_let_go_and_that_is_noted(desk: Desk, clock: FakeClock) -> None:
    desk.store.write_now(_dead_letter, clock())
    desk.store.write_now(_dead_letter, clock())
    numbers = desk.store.read_now(lambda s: [r.id for r in s.exec(select(Outbox).where(Outbox.state == "dead"))])
    admin = desk.signed_in("老周", role="admin")
    page = admin.get("/desk/health").text
    assert "&lt;b&gt;blocked&lt;/b&gt;" in page
    assert "<b>blocked" not in page
    admin.post("/desk/health/letters", box="outbox", number=str(numbers[0]), do="retry")
    admin.post("/desk/health/letters", box="outbox", number=str(numbers[1]), do="drop")

    def after(session: Session) -> tuple[list[str], list[str]]:
        states = [session.get_one(Outbox, number).state for number in numbers]
        rows = session.exec(select(Audit).where(Audit.target.startswith("outbox:")).order_by(Audit.id))  # type: ignore[attr-defined,arg-type]
        return states, [row.action for row in rows]

    assert desk.store.read_now(after) == (["pending", "dropped"], ["dead letter retry", "dead letter drop"])
    assert admin.post("/desk/health/letters", box="outbox", number=str(numbers[1]), do="retry").status_code == 422


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_supervisors_see_how_it_is_but_neither_letters_nor_the_audit_log(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        desk.store.write_now(_dead_letter, clock())
        boss = desk.signed_in("主管", role="supervisor")
        page = boss.get("/desk/health").text
        assert "1 条试过几次都没成功" in page
        assert "您好" not in page
        assert "审计日志（" not in page
        assert boss.post("/desk/health/letters", box="outbox", number="1", do="drop").status_code == 403

    @pytest.mark.parametrize("form", [{"box": "attic"}, {"number": "x"}, {"do": "read"}, {"number": "9" * 30}])
    def test_what_is_no_letter_is_said(self, desk: Desk, form: dict[str, str]) -> None:
        answer = desk.signed_in("老周", role="admin").post(
            "/desk/health/letters", **{"box": "outbox", "number": "1", "do": "drop", **form}
        )
        assert (answer.status_code, "没有这条消息" in answer.text) == (422, True)

    def test_the_audit_log_is_verified_and_its_first_broken_row_named(self, desk: Desk, queued: House) -> None:
        admin = desk.signed_in("老周", role="admin")
        admin.post("/desk/people/1/role", role="agent")
        assert "完好" in admin.get("/desk/health/audit").text
        assert "sign in" in admin.get("/desk/health").text

        def tamper(session: Session) -> None:
            session.execute(text("DROP TRIGGER audit_no_update"))
            session.execute(text("UPDATE audit SET actor = 'agent:99' WHERE id = 1"))

        desk.store.write_now(tamper)
        assert "第 1 行：不是当初写下的样子" in admin.get("/desk/health/audit").text
