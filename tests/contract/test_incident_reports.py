"""The log as a stream of reports: each message about a problem is one, with its person, its platform and its wordings."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import FACE, MISSING, House
from triagebot.desk import cards, tickets
from triagebot.desk.incident import reports
from triagebot.desk.incident.limits import limits_of
from triagebot.desk.incident.reports import Numbered
from triagebot.detect.series import Series
from triagebot.rulebook.incident_rules import IncidentRules


def said(house: House, **more: object) -> list[Numbered]:
    begin = house.clock() - timedelta(days=1)
    return house.store.read_now(lambda s: reports.since(s, begin, **more))  # type: ignore[arg-type]


def test_a_message_about_a_problem_is_a_report(house: House) -> None:
    house.hear("刷脸不过")
    ((number, report),) = said(house)
    assert number == house.events()[0].id
    assert (report.person, report.category, report.platform) == (house.conversation().id, FACE, "")
    assert report.at == house.clock().timestamp()


def test_wordings_of_the_category_and_the_version_are_kept(house: House) -> None:
    rules = ["face.strong", f"{FACE}:1003", f"{MISSING}:还没收到"]
    opened(house, "7", verdict={"evidence": {"rules": rules}}, app_version="8.0.50")
    ((_, report),) = said(house)
    assert (report.platform, report.signatures, report.app_version) == ("wechat", (f"{FACE}:1003",), "8.0.50")


def test_what_is_said_later_is_a_report_as_which_it_is_known_then(house: House) -> None:
    number = opened(house, "7", platform="unknown")

    def tell(session: Session) -> None:
        tickets.record(session, house.office, tickets.get(session, number), "classified", "bot", house.clock(),
                       {"platform": "alipay"})  # fmt: skip

    house.store.write_now(tell)
    assert [(r.category, r.platform) for _, r in said(house)] == [(FACE, ""), (FACE, "alipay")]


def test_a_correction_counts_while_it_is_fresh(house: House, clock: FakeClock) -> None:
    house.agent("li")
    opened(house, "7")
    opened(house, "8")
    clock.advance(minutes=50)
    house.verb("li", f"category 1 {MISSING}")
    clock.advance(minutes=11)
    house.verb("li", f"category 2 {MISSING}")
    assert [(r.person, r.category, r.platform) for _, r in said(house)] == [
        (7, FACE, "wechat"), (8, FACE, "wechat"), (7, MISSING, "wechat"),
    ]  # fmt: skip


def test_they_are_read_in_parts_and_up_to_an_end(house: House, clock: FakeClock) -> None:
    for chat in ("7", "8", "9"):
        opened(house, chat)
        clock.advance(minutes=1)
    first = said(house, limit=2)
    assert [report.person for _, report in first] == [7, 8]
    assert [report.person for _, report in said(house, after_id=first[-1][0])] == [9]
    assert said(house, after_id=said(house)[-1][0]) == []
    assert [report.person for _, report in said(house, end=clock() - timedelta(minutes=1))] == [7, 8]
    ids = [number for number, _ in said(house)]
    assert house.store.read_now(reports.ids_after, ids[0], 9) == ids[1:]
    assert [n for n, _ in house.store.read_now(reports.after, ids[0], 1)] == ids[1:2]


def test_levels_are_the_limits_of_series() -> None:
    rules = IncidentRules.model_validate({"least_people": 6, "sensitivity": [
        {"category": FACE, "level": "high", "least_people": 3}, {"category": FACE, "platform": "alipay", "level": "off"},
        {"category": MISSING, "level": "low"}]})  # fmt: skip
    limits = limits_of(rules)
    assert (limits(Series(FACE, "wechat")).least_people, limits(Series(FACE, "wechat")).factor) == (3, 5.0)
    assert limits(Series(FACE, "alipay")).off
    assert limits(Series(MISSING)).factor < limits(Series("report.dispute")).factor == 1.0
    assert limits(Series(MISSING)).least_people == 6


def test_a_version_that_a_person_names_is_in_their_report_and_on_the_card(house: House) -> None:
    house.hear("微信8.0.50刷脸不过")
    assert [report.app_version for _, report in said(house)] == ["8.0.50"]
    house.hear("转人工")
    assert (
        "版本 8.0.50"
        in house.store.read_now(lambda s: cards.render(s, house.office, tickets.get(s, 1), "zh", house.clock())).text
    )
