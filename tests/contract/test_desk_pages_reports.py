"""Reports on the desk: the same figures as on the command line, for the period that is picked, in every form."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import periods
from triagebot.errors import StoreUnavailable
from triagebot.report import build, forms
from triagebot.report.figures import Filters, Report
from triagebot.web.shelf import MOST_KEPT, Shelf


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    clock.advance(minutes=10)
    return Desk(queued.store, clock)


def test_figures_are_those_of_the_command_line(desk: Desk, clock: FakeClock) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    found = json.loads(boss.get("/desk/reports/file?form=json&period=7d").text)
    period = periods.named("7d", clock(), desk.office.zone)
    report = desk.store.read_now(build.build, desk.office, period, Filters(), clock())
    assert found == json.loads(forms.render(report, "json", "zh"))
    part = boss.get("/desk/reports/figures?period=7d").text
    cards = re.sub(r"<[^>]+>|\s+", " ", part)
    assert re.search(r"进线 +1 ", cards)
    assert "style=" not in part, "the browser would not take it"


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.mark.parametrize("period", ["today", "7d", "30d", "month", "own&since=2026-11-20&until=2026-11-23"])
    def test_each_period_has_its_figures(self, desk: Desk, period: str) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        shown = boss.get(f"/desk/reports?period={period}&queue=hotline").text
        assert f"/desk/reports/figures?period={period.replace('&', '&amp;')}&amp;queue=hotline" in shown
        assert 'class="report"' in boss.get(f"/desk/reports/figures?period={period}&queue=hotline").text

    @pytest.mark.parametrize(
        "query",
        [
            "period=never",
            "period=own",
            "period=own&since=2026-11-23&until=2026-11-01",
            "queue=nowhere",
            "period=7years",
        ],
    )
    def test_what_cannot_be_read_is_said_where_the_figures_would_stand(self, desk: Desk, query: str) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        answer = boss.get(f"/desk/reports/figures?{query}")
        assert (answer.status_code, "notice bad" in answer.text, 'class="report"' in answer.text) == (200, True, False)
        assert boss.get(f"/desk/reports/file?form=json&{query}").status_code == 422

    @pytest.mark.parametrize(("form", "begins"), [("html", b"<!doctype html>"), ("text", b""), ("xlsx", b"PK")])
    def test_it_is_downloaded_in_every_form(self, desk: Desk, form: str, begins: bytes) -> None:
        answer = desk.signed_in("主管", role="supervisor").get(f"/desk/reports/file?form={form}&period=today")
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
        assert re.fullmatch(r'attachment; filename="triagebot_2026-11-23\.\w+"', answer.headers["content-disposition"])

    def test_a_form_whose_package_is_missing_is_shown_as_such(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(forms, "find_spec", lambda package: None if package == "xlsxwriter" else object())
        boss = desk.signed_in("主管", role="supervisor")
        page = boss.get("/desk/reports").text
        assert "Excel" not in page
        assert "服务器上没装 xlsxwriter" in page
        assert boss.get("/desk/reports/file?form=xlsx").status_code == 422
        assert boss.get("/desk/reports/file?form=rtf").status_code == 422


def test_what_many_ask_for_is_made_once_and_what_failed_is_made_anew() -> None:
    counted: list[int] = []

    async def make() -> Report:
        counted.append(1)
        await asyncio.sleep(0)
        return "report"  # type: ignore[return-value]

    async def fail() -> Report:
        counted.append(1)
        raise StoreUnavailable("away")

    async def run() -> None:
        shelf = Shelf()
        assert await asyncio.gather(*(shelf.get("a", make) for _ in range(5))) == ["report"] * 5
        assert len(counted) == 1
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await shelf.get("b", fail)
        assert len(counted) == 3
        for n in range(MOST_KEPT):
            await shelf.get(n, make)
        before = len(counted)
        await shelf.get("a", make)
        assert len(counted) == before + 1, "the oldest was let go"

    asyncio.run(run())
