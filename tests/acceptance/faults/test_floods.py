"""Thousands at once, or one person with a thousand messages: nothing is lost, and the others hardly notice."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import aiohttp
import httpx
import pytest
from sqlmodel import col, select

from tests.acceptance.faults.conftest import SECRET, Observe
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.others import Others, p99, rss_mb
from tests.acceptance.faults.people import People, opened, outcome, wait_until_all_is_done, waiting
from tests.acceptance.service import Service
from triagebot.store.tables import Event, Inbox, Outbox

PACE = "28"
"""Telegram's own: the outbox really fills."""
MOST_S = 5.0
"""What others may wait, on a machine that does everything else at the same time."""
DANGER = "我被骗了，钱已经转过去了"
STRANGERS = {False: (200, 4.0), True: (10_000, 60.0)}
"""How many write, within how many seconds."""
ONE = (1000, 200, 50, 60.0)
"""Short messages, messages of 4,096 signs, pictures and as many documents, of one person each; within how many seconds."""
POSTS = {False: 300, True: 4000}
MOST_CONNECTIONS = 300


@pytest.fixture
def telegram_env(env: dict[str, str]) -> dict[str, str]:
    return {**env, "TRIAGEBOT_TELEGRAM_RATE": PACE, "TRIAGEBOT_ADMINS": "8001", "TRIAGEBOT_LOG_LEVEL": "WARNING"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.mark.timeout(1800)
@pytest.mark.fault("一分钟内一万个陌生人", "10,000 strangers in a minute")
def test_others_do_not_wait_behind_strangers_however_many(
    telegram_env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    long: bool, observe: Observe,
) -> None:  # fmt: skip
    """A stranger in danger comes in the middle; the answers to all take minutes."""
    count, within_s = STRANGERS[long]
    service, people = services(telegram_env), People(telegram, count, first=100_001)
    others, victim = Others(people), 99
    with opened(database_url) as store:
        service.start()
        others.begin()
        before, began, half = rss_mb(service.pid), time.monotonic(), 0.0
        said, answered, backlog, look_at = 0, 0, 0, 0.0

        def meanwhile() -> None:
            nonlocal said, answered, half, backlog, look_at
            now = time.monotonic()
            due = min(count, int((now - began) / within_s * count))
            people.say(due - said)
            said = due
            if not half and said >= count // 2:
                half = now
                people.one_says(victim, DANGER)
            if now >= look_at:
                look_at = now + 1.0
                backlog = max(backlog, waiting(store))
                answered = len({message.chat for message in telegram.sent if message.chat > 100_000})

        others.go_on_until(lambda: said == count and answered == count, 1500, meanwhile)
        wait_until_all_is_done(people, store)
        last = max(message.at for message in telegram.sent if message.chat > 100_000)
        saved = next(message.at for message in telegram.sent if message.chat == victim) - half
        found = outcome(people, store)
        observe(
            users=count, within_s=round(within_s), **others.figures(), danger_ms=round(saved * 1000),
            most_waiting=backlog, last_stranger_s=round(last - began), rss_mb_before=before,
            rss_mb_after=rss_mb(service.pid), lost=found.lost, doubled=found.doubled, unanswered=found.unanswered,
        )  # fmt: skip
        assert (found.lost, found.doubled, found.disordered, found.unanswered) == (0, 0, 0, 0)
        assert others.p99_s <= MOST_S
        assert p99(others.replied) <= MOST_S
        assert rss_mb(service.pid) - before <= 60
        assert service.stop() == 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.fault(
    "一个人发一千条、两百段长文、许多图片和文件", "one person with 1,000 messages, long texts, pictures and documents"
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_person_who_sends_far_too_much_is_slowed_told_once_and_heard(
    telegram_env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    observe: Observe,
) -> None:  # fmt: skip
    """Without a short version: an answer a second is what one chat may hear (tests/contract/test_floods_of_one.py has no such
    limit)."""
    messages, texts, pictures, within_s = ONE
    service, people = services(telegram_env), People(telegram, 1, first=6001)
    others, pasting, showing = Others(people, pause_s=1.0), 6002, 6003
    document = {"file_id": "d", "file_name": "截图.zip", "file_size": 30 * 2**20, "mime_type": "application/zip"}
    flood: list[Callable[[], object]] = [
        *(partial(people.one_says, 6001, f"收不到验证码（{n}）") for n in range(messages)),
        *(partial(people.one_says, pasting, (f"第{n}段" + "收不到验证码。" * 600)[:4096]) for n in range(texts)),
        *(partial(telegram.says, showing, "", photo=[{"file_id": f"p{n}"}]) for n in range(pictures)),
        *(partial(telegram.says, showing, "", document=document) for _ in range(pictures)),
    ]
    random.Random(20261129).shuffle(flood)
    with opened(database_url) as store:
        service.start()
        others.begin()
        before, said = rss_mb(service.pid), 0
        people.one_says(showing, "刷脸不过")
        began = time.monotonic()

        def meanwhile() -> None:
            nonlocal said
            due = min(len(flood), int((time.monotonic() - began) / within_s * len(flood)))
            for one in flood[said:due]:
                one()
            said = due

        theirs = ("6001", str(pasting), str(showing))
        others.go_on_until(lambda: said == len(flood) and not store.read_now(_waiting_of, theirs), 600, meanwhile)
        answers = telegram.count(showing)
        people.one_says(showing, "还是刷脸不过")
        telegram.wait(lambda: telegram.count(showing) > answers, "an answer to words")
        wait_until_all_is_done(people, store, 400)  # the agent hears an answer a second
        found = outcome(people, store)
        noted = store.read_now(_noted)
        refused = [text for text in telegram.texts(showing) if "图片" in text or "文件" in text]
        slowed = Counter(m.chat for m in telegram.sent if "一会儿把您后面的话合在一起看" in m.text)
        observe(
            messages=messages, texts_of_4096=texts, pictures=pictures, documents=pictures, **others.figures(),
            answers_to_the_one=telegram.count(6001), told_to_wait=slowed[6001], answers_to_pictures=len(refused),
            pictures_noted=noted["photo"], documents_noted=noted["document"], rss_mb_before=before,
            rss_mb_after=rss_mb(service.pid), lost=found.lost, doubled=found.doubled,
        )  # fmt: skip
        assert (found.lost, found.doubled, found.disordered, found.unanswered) == (0, 0, 0, 0)
        assert (noted["photo"], noted["document"], len(refused)) == (pictures, pictures, 2)
        assert set(slowed.values()) <= {1}
        assert telegram.count(6001) <= messages // 5
        assert not {method for method, _ in telegram.calls if method == "getfile"}
        assert others.p99_s <= MOST_S
        assert rss_mb(service.pid) - before <= 60
        assert service.stop() == 0


def _waiting_of(session: Any, chats: Collection[str]) -> int:
    pending = [session.exec(select(table.id).where(table.state == "pending", col(table.chat).in_(chats))).all()
               for table in (Inbox, Outbox)]  # fmt: skip
    return sum(map(len, pending))


def _noted(session: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for data in session.exec(select(Event.data).where(Event.type == "user_sent")):
        found[data["kind"]] += data.get("count", 1)
    return found


@pytest.mark.timeout(600)
@pytest.mark.fault("许多 webhook 请求同时到", "many webhook posts at once")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_posts_at_once_are_bounded_and_come_again_and_health_is_told_meanwhile(
    webhook_env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    long: bool, observe: Observe,
) -> None:  # fmt: skip
    """Far more than Telegram would: each post that was not taken is made again, as Telegram does."""
    count = POSTS[long]
    service = services(webhook_env)
    with opened(database_url) as store:
        service.start()
        telegram.wait(lambda: service.says("run.started"), "a process that has started", 60)
        before = rss_mb(service.pid)
        path = telegram.webhook["url"].removeprefix("https://bot.example.org")
        statuses, healthy = asyncio.run(_flood(service.web, path, count))
        taken = store.read_now(_taken)
        observe(
            posts=sum(statuses.values()), taken=statuses[200], come_again=statuses[503],
            healthz_most_ms=round(max(healthy) * 1000), rss_mb_before=before, rss_mb_after=rss_mb(service.pid),
            lost=count - len(set(taken)), doubled=len(taken) - len(set(taken)),
        )  # fmt: skip
        assert set(statuses) <= {200, 503}
        assert statuses[200] == count == len(taken) == len(set(taken))
        assert max(healthy) <= MOST_S
        assert rss_mb(service.pid) - before <= 100
        assert service.stop() == 0


def _taken(session: Any) -> list[str]:
    return list(session.exec(select(Inbox.external_id).order_by(col(Inbox.id))))


async def _flood(web: str, path: str, count: int) -> tuple[Counter[int], list[float]]:
    """All at the same time. Returns the statuses, and how long /healthz took each time."""
    statuses: Counter[int] = Counter()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}

    async def post(client: aiohttp.ClientSession, number: int) -> None:
        person = {"id": 100_000 + number, "type": "private", "first_name": "王女士", "is_bot": False}
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": person,
            "from": person,
            "text": "收不到验证码",
        }
        status = 0
        while status != 200:
            async with client.post(web + path, json={"update_id": number, "message": message}) as answer:
                status = answer.status
            statuses[status] += 1
            if status != 200:
                await asyncio.sleep(0.5)

    over = threading.Event()
    connections = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
    async with aiohttp.ClientSession(headers=headers, connector=connections) as client:
        watching = asyncio.create_task(asyncio.to_thread(_watch, web, over))
        await asyncio.gather(*(post(client, number) for number in range(1, count + 1)))
        over.set()
        healthy = await watching
    return statuses, healthy


def _watch(web: str, over: threading.Event) -> list[float]:
    healthy = []
    while not over.wait(0.1):
        began = time.monotonic()
        httpx.get(f"{web}/healthz", timeout=30).raise_for_status()
        healthy.append(time.monotonic() - began)
    return healthy
