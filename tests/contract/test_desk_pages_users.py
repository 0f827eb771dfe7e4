"""The page of one person: their tickets and words, escaped; their data out or gone, by admins, and noted."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.store.tables import Audit, Conversation

HOSTILE = "<script>alert('name')</script>"


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    """Person 1 wrote something hostile, was answered, and gave one star."""
    queued.hear("<svg onload=alert('words')> 急")
    queued.verb("li", "take 1")
    queued.verb("li", "reply 1 您好，请再试一次")
    queued.verb("li", "resolve 1 好了")
    queued.press("rate:1:1")
    queued.hear("答非所问 <b>")

    def name(session: Session) -> None:
        session.get_one(Conversation, 1).user_name = HOSTILE

    queued.store.write_now(name)
    return Desk(queued.store, clock)


def _audited(desk: Desk) -> list[tuple[str, str]]:
    query = select(Audit).where(col(Audit.action).startswith("privacy")).order_by(col(Audit.id))
    return desk.store.read_now(lambda s: [(row.action, row.target) for row in s.exec(query)])


def test_tickets_words_and_ratings_are_there_and_are_words_only(desk: Desk) -> None:
    page = desk.signed_in("小王").get("/desk/users/1").text
    for words in (
        "alert(&#39;name&#39;)",
        "刷脸不过",
        "您好，请再试一次",
        "alert(&#39;words&#39;)",
        "答非所问 &lt;b&gt;",
        "li",
    ):
        assert words in page, words
    assert "<script>alert" not in page
    assert "<svg onload" not in page
    assert 'aria-label="1 星"' in page
    assert "/desk/users/1/erase" not in page, "agents neither export nor erase"


def test_an_admin_takes_a_persons_data_out(desk: Desk) -> None:
    answer = desk.signed_in("老周", role="admin").post("/desk/users/1/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="triagebot_user_1.json"'
    (conversation,) = answer.json()
    assert (conversation["user_name"], len(conversation["tickets"])) == (HOSTILE, 1)
    assert any(event["type"] == "user_replied" for event in conversation["tickets"][0]["events"])
    assert _audited(desk) == [("privacy export", "conversation:1")]


def test_an_admin_erases_a_person_with_the_box_ticked(desk: Desk) -> None:
    admin = desk.signed_in("老周", role="admin")
    assert admin.post("/desk/users/1/erase").status_code == 422
    assert "alert" in admin.get("/desk/users/1").text, "the box was not ticked"
    page = admin.post("/desk/users/1/erase", sure="yes").text
    assert "没有留下称呼的用户" in page
    assert "记录已删除" in page
    assert "刷脸不过" not in page
    assert _audited(desk) == [("privacy erase", "conversation:1")]
    assert desk.store.read_now(lambda s: s.get_one(Conversation, 1)).state == "erased"


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.mark.parametrize("role", ["agent", "supervisor"])
    def test_others_than_admins_neither_export_nor_erase(self, desk: Desk, role: str) -> None:
        browser = desk.signed_in("小王", role=role)
        assert browser.post("/desk/users/1/export").status_code == 403
        assert browser.post("/desk/users/1/erase", sure="yes").status_code == 403
        assert desk.store.read_now(lambda s: s.get_one(Conversation, 1)).state != "erased"

    def test_nobody_is_there_under_another_number(self, desk: Desk) -> None:
        admin = desk.signed_in("老周", role="admin")
        assert admin.get("/desk/users/99").status_code == 422
        assert admin.post("/desk/users/99/export").status_code == 422
        assert admin.post("/desk/users/99/erase", sure="yes").status_code == 422
        assert _audited(desk) == []
