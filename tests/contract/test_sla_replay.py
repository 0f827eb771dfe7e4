"""What attainment would have been under another policy: on cases that one can work out by hand, and beside the report."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.acceptance.service import rules_folder
from tests.conftest import FakeClock
from tests.desk_traffic import fill
from tests.unit.house import House, office_with
from triagebot import rulebook
from triagebot.cli import main
from triagebot.desk import promises
from triagebot.desk.office import Office, open_office
from triagebot.desk.periods import Period
from triagebot.report.build import build
from triagebot.report.figures import Filters, Share
from triagebot.report.replay import Beside, Replay, Turned, replay
from triagebot.store.store import Store

STEPS = [{"at": 1.0, "do": ["notify_supervisor", "raise_priority"], "metrics": ["first_response"]}]
ROWS = [{"queue": queue, "priority": f"P{n}", "first_response": "2h", "resolution": "8h"}
        for queue in ("customer_service", "hotline", "security") for n in (1, 2, 3, 4)]  # fmt: skip


def policy(*, steps: list[dict[str, object]] | None = None, **targets: dict[str, str]) -> Office:
    """``P3={"first_response": "1h"}`` instead of two hours; without steps nothing happens by itself."""
    rows = [{**row, **targets.get(row["priority"], {})} for row in ROWS]
    return office_with(version=9, policies=rows, steps=steps or [])


def seen(house: House, other: Office, clock: FakeClock, queue: str = "") -> Replay:
    period = Period(clock() - timedelta(days=1), clock() + timedelta(seconds=1))
    return house.store.read_now(replay, house.office, other, period, queue)


def handed_over(store: Store, clock: FakeClock, at: Office) -> House:
    """Ticket 1 waits in customer service as P3 since 10:00; its answer is due at 12:00."""
    house = House(store, clock, at)
    house.agent("li", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    return house


@pytest.mark.parametrize(
    ("target", "would", "turned"),
    [
        ("2h", Share(1, 1), []),
        ("89m", Share(0, 1), [Turned(1, "first_response", "customer_service", "P3", 60)]),
        ("90m", Share(1, 1), []),
        ("0", Share(0, 0), []),
    ],
)
def test_a_stricter_target_breaks_what_was_kept(
    store: Store, clock: FakeClock, target: str, would: Share, turned: list[Turned]
) -> None:
    house = handed_over(store, clock, policy())
    clock.advance(minutes=90)
    house.verb("li", "reply 1 换个亮处试试")
    found = seen(house, policy(P3={"first_response": target}), clock)
    assert found.metrics["first_response"] == Beside(Share(1, 1), would)
    assert list(found.broken) == turned
    assert (found.saved, found.tickets, found.versions, found.version) == ((), 1, (9,), 9)
    assert found.priorities["P3"] == found.queues["customer_service"] == found.metrics


def test_a_wider_target_keeps_what_broke(store: Store, clock: FakeClock) -> None:
    house = handed_over(store, clock, policy())
    clock.advance(hours=3)
    house.verb("li", "reply 1 换个亮处试试")
    found = seen(house, policy(P3={"first_response": "4h"}), clock)
    assert found.metrics["first_response"] == Beside(Share(0, 1), Share(1, 1))
    assert list(found.saved) == [Turned(1, "first_response", "customer_service", "P3", 3600)]
    assert seen(house, policy(P3={"first_response": "4h"}), clock, "security").tickets == 0


def test_what_the_old_promise_raised_is_not_carried_over(store: Store, clock: FakeClock) -> None:
    """Broken after two hours, the ticket was raised to P2, whose resolution then broke at once; under four hours nothing
    would have been raised."""
    old = policy(steps=STEPS, P2={"resolution": "90m"})
    house = handed_over(store, clock, old)
    clock.advance(hours=2, minutes=5)
    house.store.write_now(promises.sweep, old, clock())
    assert house.ticket().priority == "P2"
    clock.advance(minutes=55)
    house.verb("li", "reply 1 换个亮处试试")
    house.verb("li", "resolve 1")
    found = seen(house, policy(steps=STEPS, P2={"resolution": "90m"}, P3={"first_response": "4h"}), clock)
    assert found.metrics["first_response"] == Beside(Share(0, 1), Share(1, 1))
    assert found.metrics["resolution"] == Beside(Share(0, 1), Share(1, 1))


def test_what_the_other_promise_raises_is_raised_at_its_moment_and_once(store: Store, clock: FakeClock) -> None:
    """P3 breaks at 11:00 and is raised to P2, which wants it solved within 90 minutes: dated at 11:30, not at the raise. That
    breach was brought about by the raise, and so was the one of P2's own first answer: neither raises to P1."""
    other = policy(steps=[{"at": 1.0, "do": ["raise_priority"]}], P3={"first_response": "1h"}, P2={"resolution": "90m"},
                   P1={"resolution": "1m"})  # fmt: skip
    house = handed_over(store, clock, policy())
    clock.advance(minutes=85)
    house.verb("li", "reply 1 换个亮处试试")
    house.verb("li", "resolve 1")
    found = seen(house, other, clock)
    assert found.metrics["first_response"] == Beside(Share(1, 1), Share(0, 1))
    assert found.metrics["resolution"] == Beside(Share(1, 1), Share(1, 1))


def test_a_breach_after_the_raise_raises_again(store: Store, clock: FakeClock) -> None:
    """As above, but solved only after P2's 90 minutes: that breach raises to P1, and nothing is left to raise."""
    other = policy(steps=[{"at": 1.0, "do": ["raise_priority"]}], P3={"first_response": "1h"}, P2={"resolution": "90m"})
    house = handed_over(store, clock, policy())
    clock.advance(minutes=100)
    house.verb("li", "reply 1 换个亮处试试")
    house.verb("li", "resolve 1")
    assert seen(house, other, clock).metrics["resolution"] == Beside(Share(1, 1), Share(0, 1))


def test_what_people_moved_stays_moved(store: Store, clock: FakeClock) -> None:
    """Transferred after an hour, and urgent from then on: the other policy of that queue and priority counts."""
    house = handed_over(store, clock, policy())
    house.agent("boss", role="supervisor")
    clock.advance(minutes=60)
    house.verb("boss", "transfer 1 hotline")
    house.verb("boss", "priority 1 P2")
    clock.advance(minutes=20)
    house.verb("boss", "reply 1 好的")
    assert seen(house, policy(P2={"first_response": "1m"}), clock).metrics["first_response"].would == Share(0, 1)
    assert seen(house, policy(P3={"first_response": "1m"}), clock).metrics["first_response"].would == Share(0, 1)
    assert seen(house, policy(P2={"first_response": "81m"}), clock).metrics["first_response"].would == Share(1, 1)


END = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def test_the_same_policy_gives_the_figures_of_the_report(store: Store) -> None:
    """Without automatic raises: nobody swept the made-up log, so that it holds none."""
    office = open_office(rulebook.load(rules_folder()), ZoneInfo("Asia/Shanghai"))
    rules = office.book.sla.model_copy(update={"steps": ()})
    calm = open_office(office.book.model_copy(update={"sla": rules}), office.zone)
    store.write_now(fill, office, tickets=500, days=35, until=END)
    period = Period(END - timedelta(days=14), END)
    report = store.read_now(build, office, period, Filters(), END).now
    found = store.read_now(replay, office, calm, period)
    assert {metric: beside.was for metric, beside in found.metrics.items()} == report.attainment
    assert {metric: beside.would for metric, beside in found.metrics.items()} == report.attainment
    assert (found.broken, found.saved) == ((), ())
    assert report.attainment["first_response"].whole > 50
    assert {q.queue: q.attainment for q in report.queues if q.attainment} == {
        queue: {metric: beside.was for metric, beside in rows.items()} for queue, rows in found.queues.items()
    }


@pytest.fixture
def file(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the policy, beside an empty database."""
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(tmp_path))
    return Path(shutil.copy(rules_folder() / "sla.yaml", tmp_path / "strict.yaml"))


def command(*arguments: str) -> int:
    try:
        main(["sla", "replay", *arguments])
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_nothing_to_compare_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--policy", str(file)) == 0
    assert "没什么可比" in capsys.readouterr().out
    assert command("--policy", str(file), "--json", "--since", "7d") == 0
    assert json.loads(capsys.readouterr().out)["tickets"] == 0


def test_the_words_of_a_comparison(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = yaml.safe_load(file.read_text(encoding="utf-8"))
    rules |= {"version": 2, "policies": [{**row, "first_response": "1m"} for row in rules["policies"]]}
    file.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    opened = Store.open(f"sqlite:///{file.parent / 'bot.db'}")
    opened.write_now(
        fill, open_office(rulebook.load(rules_folder()), ZoneInfo("Asia/Shanghai")), tickets=200, days=20, until=END
    )
    opened.close()
    assert command("--policy", str(file), "--since", "2026-11-09", "--until", "2026-11-23") == 0
    said = capsys.readouterr().out
    for part in (
        "2026年11月9日（周一） – 2026年11月22日（周日）",
        "strict.yaml（第 2 版）",
        "首次回复",
        "会变成超时的",
        "#",
        "只换了承诺",
    ):
        assert part in said
    assert command("--policy", str(file), "--since", "2026-11-09", "--until", "2026-11-23", "--lang", "en") == 0
    assert not [c for c in capsys.readouterr().out if "\u4e00" <= c <= "\u9fff"]


def test_a_mistake_in_the_file_is_told_with_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(
        file.read_text(encoding="utf-8").replace("first_response: 15m", "first_response: soon", 1), encoding="utf-8"
    )
    assert command("--policy", str(file)) == 2
    said = capsys.readouterr().err
    assert f"{file}:" in said
    assert "first_response" in said
    assert command("--policy", str(file.parent / "nowhere.yaml")) == 2
    assert "nowhere.yaml" in capsys.readouterr().err
    assert command("--policy", str(file), "--queue", "sales") == 2
