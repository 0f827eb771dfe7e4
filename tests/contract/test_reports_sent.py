"""Scheduled reports and /report: to the right people, in their language, once a period, made when they are sent."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from PIL import Image

from tests.conftest import FakeClock
from tests.storing import OWNERS
from tests.unit.house import House, office
from triagebot.desk import reports
from triagebot.desk.schedules import parse
from triagebot.errors import DeliveryError
from triagebot.flow.bell import Bell
from triagebot.flow.deliver import Deliver
from triagebot.messages import Address, Outgoing, Receipt
from triagebot.report import forms
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Outbox, ReportSent

DAILY, WEEKLY = "daily 09:00", "weekly mon 09:00"


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """10:00 on Monday 23 November in Shanghai; boss and chief supervise, chief reads English, li works."""
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor")
    house.agent("chief", role="admin", lang="en")
    return house


def send_due(house: House, lines: str = DAILY) -> int:
    return house.store.write_now(reports.send_due, office(), parse(lines, office().book.queues), house.clock())


def ordered(house: House, chat: str = "boss") -> list[tuple[str, str, str]]:
    """(form, first day, language) of what waits or was sent in a chat."""
    orders = [row.payload["order"] for row in house.rows(Outbox) if row.chat == chat and "order" in row.payload]
    return [(o["form"], o["since"][:10], o["lang"]) for o in orders]


def test_supervisors_get_text_picture_and_sheet_in_their_language(house: House) -> None:
    assert send_due(house) == 1
    # Yesterday begins at 16:00 UTC of the day before.
    assert ordered(house) == [(form, "2026-11-21", "zh") for form in ("text", "png", "xlsx")]
    assert ordered(house, "chief") == [(form, "2026-11-21", "en") for form in ("text", "png", "xlsx")]
    assert ordered(house, "li") == []


def test_a_period_is_sent_once_however_often_it_is_looked_at(house: House, clock: FakeClock) -> None:
    assert [send_due(house, f"{DAILY}; {WEEKLY}") for _ in range(3)] == [2, 0, 0]
    assert len(ordered(house)) == 6
    clock.advance(hours=22)
    assert send_due(house) == 0
    clock.advance(hours=1)
    assert [send_due(house) for _ in range(2)] == [1, 0]
    assert ordered(house)[-1][1] == "2026-11-22"


def test_of_periods_missed_during_a_stop_only_the_newest_is_sent(house: House, clock: FakeClock) -> None:
    send_due(house)
    clock.advance(days=5)
    assert send_due(house) == 1
    assert {day for _, day, _ in ordered(house)} == {"2026-11-21", "2026-11-26"}


def test_a_clock_that_is_set_back_repeats_nothing(house: House, clock: FakeClock) -> None:
    send_due(house)
    clock.advance(days=-3)
    assert send_due(house) == 0
    assert len(ordered(house)) == 3


def test_two_processes_at_once_send_one(house: House, database_url: str) -> None:
    other = Store.open(database_url)
    planned = parse(DAILY, office().book.queues)

    async def both() -> list[int]:
        doors = [house.store, other] * 8
        return await asyncio.gather(*(d.write(reports.send_due, office(), planned, house.clock()) for d in doors))

    try:
        assert sum(asyncio.run(both())) == 1
    finally:
        other.close()
    assert len(ordered(house)) == 3
    assert len(house.rows(ReportSent)) == 1


def test_nothing_is_lost_while_there_is_nobody_to_tell(store: Store, clock: FakeClock) -> None:
    house = House(store, clock)
    assert send_due(house) == 0
    house.agent("boss", role="supervisor")
    assert send_due(house) == 1


def test_a_line_may_name_its_readers_and_its_queue(house: House) -> None:
    assert send_due(house, f"{DAILY} queue=hotline to=li") == 1
    assert [form for form, _, _ in ordered(house, "li")] == ["text", "png", "xlsx"]
    assert ordered(house) == []
    filters = [row.payload["order"]["filters"] for row in house.rows(Outbox) if "order" in row.payload]
    assert filters == [[["queue", "hotline"]]] * 3


def test_a_supervisor_asks_in_chat_and_an_agent_may_not(house: House) -> None:
    assert house.verb("boss", "report 上周 hotline") == ""
    assert ordered(house) == [(form, "2026-11-15", "zh") for form in ("text", "png", "xlsx")]
    house.hear("/report 昨天", chat="boss")
    assert [text for text in house.told("boss") if text] == []
    house.hear("/report whenever", chat="boss")
    assert "看不懂「whenever」" in house.told("boss")[-1]
    house.hear("/report", chat="li")
    assert len(ordered(house, "li")) == 0
    assert house.told("li")[-1]


@dataclass
class Network:
    """Takes everything, and remembers it."""

    sent: list[tuple[str, Outgoing]] = field(default_factory=list)
    channel: str = "telegram"
    bot: str = "1"

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        if message.order is not None and not message.text and message.attachment is None:
            raise DeliveryError("an empty message", permanent=True)
        self.sent.append((to.chat, message))
        return Receipt(f"m{len(self.sent)}")

    def to(self, chat: str) -> list[Outgoing]:
        return [message for name, message in self.sent if name == chat]


def deliver(house: House) -> Network:
    """Until nothing waits."""
    network = Network()

    async def run() -> None:
        loop = Deliver(house.store, office(), {"telegram": network}, OWNERS, house.clock, Bell(), patience_s=0.05)  # type: ignore[dict-item]
        while await loop.once():
            pass

    asyncio.run(asyncio.wait_for(run(), 60))
    return network


def test_what_is_sent_is_the_report(house: House) -> None:
    house.hear("刷脸不过")
    house.clock.advance(days=1)  # type: ignore[attr-defined]
    send_due(house)
    text, picture, sheet = deliver(house).to("boss")
    assert "2026年11月23日（周一）" in text.text
    assert "进线 1（" in text.text
    assert picture.attachment is not None
    assert (picture.attachment.name, picture.attachment.picture) == ("triagebot_2026-11-23.png", True)
    assert Image.open(io.BytesIO(picture.attachment.data)).size == (1600, 2000)
    assert sheet.attachment is not None
    assert (sheet.attachment.name, sheet.attachment.data[:2]) == ("triagebot_2026-11-23.xlsx", b"PK")
    assert {row.state for row in house.rows(Outbox) if row.chat == "boss"} == {"sent"}


def test_others_are_spoken_to_while_a_report_is_made(house: House) -> None:
    send_due(house)
    later = Address("telegram", "1", "7")
    house.store.write_now(outbox.put, later, Outgoing("您好"), now=house.clock())
    network = deliver(house)
    assert network.sent[0][0] == "7"
    assert len(network.to("boss")) == len(network.to("chief")) == 3


def test_without_the_extra_the_text_goes_out_and_says_what_is_missing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "find_spec", lambda name: None)
    send_due(house)
    text, *others = deliver(house).to("boss")
    assert "服务报告" in text.text
    assert ["triagebot[reports]" in other.text for other in others] == [True, True]


def test_a_report_that_cannot_be_made_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def broken(*_: object) -> bytes:
        calls.append(1)
        raise ValueError("once")

    monkeypatch.setattr("triagebot.report.forms.render", broken)
    house.store.write_now(reports.send_due, office(), parse(f"{DAILY} to=boss", office().book.queues), house.clock())
    assert deliver(house).sent == []
    monkeypatch.undo()
    house.clock.advance(minutes=5)  # type: ignore[attr-defined]
    assert len(deliver(house).to("boss")) == 3
    assert len(calls) == 1


def test_an_order_survives_the_outbox(house: House) -> None:
    house.verb("boss", "report 2026-11-16 2026-11-18 hotline")
    (head,) = house.store.read_now(outbox.heads, OWNERS, house.clock(), 10)
    assert head.message.order is not None
    assert head.message.order.filters == (("queue", "hotline"),)
    assert datetime.fromisoformat(head.message.order.since) == datetime(2026, 11, 15, 16, tzinfo=UTC)
