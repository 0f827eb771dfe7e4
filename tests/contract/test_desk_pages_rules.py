"""The rules to read, and corrections to look over: what a supervisor decides is what training uses."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import FACE, MISSING, SCAM, House
from triagebot.desk import corrections
from triagebot.store.tables import Audit

HOSTILE = '</p><script>alert("x")</script>&amp;<b>'


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    """A ticket whose category an agent has corrected."""
    queued.hear(f"刷脸 {HOSTILE}", chat="8")
    queued.press("human:2", chat="8")
    queued.verb("li", f"category 2 {MISSING}")
    return Desk(queued.store, clock)


def _usable(desk: Desk, accepted_only: bool = False) -> list[tuple[str, str]]:
    rows = desk.store.read_now(corrections.corrections, accepted_only)
    return [(row.text, row.category) for row in rows]


def _event(desk: Desk) -> str:
    return str(desk.store.read_now(corrections.made)[-1].event)


def test_what_is_accepted_is_what_training_uses_and_what_is_rejected_is_not(desk: Desk) -> None:
    boss, said = desk.signed_in("主管", role="supervisor"), (f"刷脸 {HOSTILE}", MISSING)
    assert (_usable(desk), _usable(desk, accepted_only=True)) == ([said], []), "nobody has looked at it yet"
    page = boss.post("/desk/rules/corrections", event=_event(desk), decision="accepted").text
    assert "已采纳" in page
    assert _usable(desk, accepted_only=True) == [said]
    boss.post("/desk/rules/corrections", event=_event(desk), decision="rejected")
    assert _usable(desk) == []
    boss.post("/desk/rules/corrections", event=_event(desk), decision="")
    assert (_usable(desk), _usable(desk, accepted_only=True)) == ([said], []), "taken back"
    audited = desk.store.read_now(
        lambda s: [r.data["decision"] for r in s.exec(select(Audit).where(Audit.action == "correction"))]
    )
    assert audited == ["accepted", "rejected", ""]


def test_a_decision_counts_for_all_who_said_the_same_and_not_for_another_category(desk: Desk, queued: House) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    boss.post("/desk/rules/corrections", event=_event(desk), decision="rejected")
    queued.hear(f"刷脸 {HOSTILE}", chat="9")
    queued.press("human:3", chat="9")
    queued.verb("li", f"category 3 {MISSING}")
    assert _usable(desk) == []
    queued.verb("li", f"category 3 {SCAM}")
    assert _usable(desk) == [(f"刷脸 {HOSTILE}", SCAM)]


def test_what_was_erased_is_not_to_be_looked_over(desk: Desk, queued: House) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    boss.post("/desk/rules/corrections", event=_event(desk), decision="accepted")
    queued.hear("/forgetme", chat="8")
    queued.press("forget:yes", chat="8")
    assert "没有新的更正" in boss.get("/desk/rules").text
    assert _usable(desk, accepted_only=True) == []


def test_only_the_newest_are_looked_at(desk: Desk, queued: House) -> None:
    queued.verb("li", f"category 1 {MISSING}")

    def looked_at(session: Session) -> list[int]:
        return [correction.ticket for correction in corrections.made(session, 1)]

    assert desk.store.read_now(looked_at) == [1]
    assert [correction.ticket for correction in desk.store.read_now(corrections.made)] == [2, 1]


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_words_of_people_are_words_and_nothing_else(self, desk: Desk) -> None:
        page = desk.signed_in("主管", role="supervisor").get("/desk/rules").text
        assert "<script>alert" not in page
        assert "&lt;/p&gt;&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&amp;amp;&lt;b&gt;" in page

    def test_agents_read_rules_and_decide_nothing(self, desk: Desk) -> None:
        browser = desk.signed_in("小王")
        assert "alert" not in browser.get("/desk/rules").text
        assert browser.post("/desk/rules/corrections", event=_event(desk), decision="accepted").status_code == 403
        assert _usable(desk, accepted_only=True) == []

    @pytest.mark.parametrize(
        ("event", "decision"), [("1", "accepted"), ("999999", "accepted"), ("x", "accepted"), ("", "")]
    )
    def test_what_is_no_correction_cannot_be_accepted(self, desk: Desk, event: str, decision: str) -> None:
        answer = desk.signed_in("主管", role="supervisor").post(
            "/desk/rules/corrections", event=event, decision=decision
        )
        assert (answer.status_code, "没有这条更正" in answer.text) == (422, True)

    def test_there_is_no_fourth_decision(self, desk: Desk) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        assert boss.post("/desk/rules/corrections", event=_event(desk), decision="maybe").status_code == 422

    def test_categories_are_found_by_their_title_and_their_examples(self, desk: Desk) -> None:
        browser = desk.signed_in("小王")
        by_title = browser.get(f"/desk/rules?q=标题 {FACE}").text
        assert f"/desk/rules/{FACE}" in by_title
        assert f"/desk/rules/{MISSING}" not in by_title
        assert browser.get("/desk/rules?q=例子").text.count("/desk/rules/") > 5
        none = browser.get("/desk/rules?q=<script>nothing").text
        assert "没有符合" in none
        assert "<script>nothing" not in none

    def test_one_category_tells_its_fixes_questions_and_tests(self, desk: Desk) -> None:
        browser = desk.signed_in("小王")
        page = browser.get(f"/desk/rules/{FACE}").text
        for words in ("换个亮处", "打开微信相机权限", "例子"):
            assert words in page
        assert "是哪一条记录" in browser.get("/desk/rules/report.dispute").text
        assert browser.get("/desk/rules/no.such").status_code == 422
