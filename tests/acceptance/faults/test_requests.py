"""What may be posted to a webhook by anybody: refused before it costs anything, without harm to what Telegram posts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, func, select

from tests.acceptance.faults.conftest import SECRET, Observe, free_port
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import opened
from tests.acceptance.service import Service, environment
from tests.benchmarks.telegram import rss_mb
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Inbox, Ticket

pytestmark = pytest.mark.xdist_group("requests to the webhook")
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Site:
    """A real service in webhook mode, for all cases of this file; each has a person of its own."""

    telegram: FaultyTelegram
    service: Service
    store: Store
    web: str
    person: int = 7000

    def post(self, body: bytes, secret: str | None = SECRET) -> int:
        """The status of the answer."""
        headers = {_HEADER: secret.encode()} if secret is not None else {}
        return httpx.post(f"{self.web}/tb/telegram/4242", content=body, headers=headers, timeout=60).status_code

    def said(self, words: str = "收不到验证码") -> bytes:
        """A new update of a new person."""
        self.person += 1
        self.telegram.says(self.person, words)
        return json.dumps(self.telegram.queue.pop()).encode()

    def rows(self) -> int:
        return self.store.read_now(lambda s: s.exec(select(func.count()).select_from(Inbox)).one())

    def heard(self, person: int) -> list[str]:
        """The person's words in the log of their tickets, which are counted by ``tickets``."""
        said = ("user_replied", "user_edited")
        return [e.data["text"] for e in self.store.read_now(_events_of, str(person)) if e.type in said]

    def tickets(self, person: int) -> int:
        return len({event.ticket_id for event in self.store.read_now(_events_of, str(person))})

    def still_works(self) -> bool:
        """The next person is answered."""
        body = self.said()
        taken = self.post(body) == 200
        self.telegram.wait_text(self.person, "1.")
        return taken


def _events_of(session: Session, chat: str) -> list[Event]:
    of = select(Event).join(Ticket, col(Ticket.id) == Event.ticket_id)
    of = of.join(Conversation, col(Conversation.id) == Ticket.conversation_id).where(Conversation.chat == chat)
    return list(session.exec(of.order_by(col(Event.id))))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    url = f"sqlite:///{folder / 'bot.db'}"
    migrate.upgrade(url)
    env = environment(
        folder, models, TRIAGEBOT_WEB_PORT=str(port), TRIAGEBOT_TELEGRAM_MODE="webhook",
        TRIAGEBOT_TELEGRAM_WEBHOOK_URL="https://bot.example.org/tb", TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET=SECRET,
    )  # fmt: skip
    with FaultyTelegram() as telegram, opened(url) as store:
        service = Service(env, telegram.base, folder)
        service.start()
        telegram.wait(lambda: service.says("run.started"), "the service", 60)
        yield Site(telegram, service, store, f"http://127.0.0.1:{port}")
        service.kill()


@pytest.mark.fault("webhook 没带密钥、密钥不对", "webhook without the secret, with a wrong one")
def test_without_the_secret_nothing_gets_in(site: Site, observe: Observe) -> None:
    before = site.rows()
    given = [None, "", "wrong", SECRET[:-1], SECRET + "1", SECRET.upper(), "密钥"]
    answers = Counter(site.post(site.said(), secret) for secret in given)
    observe(posts=len(given), refused_with_401=answers[401], in_the_inbox=site.rows() - before)
    assert answers == {401: len(given)}
    assert site.rows() == before
    assert site.still_works()


@pytest.mark.fault("同一条更新同时投递 100 次", "the same update 100 times at once")
def test_the_same_update_a_hundred_times_at_once_has_one_effect(site: Site, observe: Observe) -> None:
    body = site.said()
    with ThreadPoolExecutor(25) as pool:
        answers = Counter(pool.map(lambda _: site.post(body), range(100)))
    site.telegram.wait_text(site.person, "1.")
    replays = Counter(site.post(body) for _ in range(5))
    assert site.still_works()
    mine = select(Inbox).where(Inbox.chat == str(site.person - 1))
    rows = site.store.read_now(lambda s: s.exec(mine).all())
    tickets = site.tickets(site.person - 1)
    observe(posts=105, answered_200=(answers + replays)[200], in_the_inbox=len(rows), tickets=tickets,
            answers=site.telegram.count(site.person - 1))  # fmt: skip
    assert (answers, replays) == ({200: 100}, {200: 5})
    assert (len(rows), tickets, site.telegram.count(site.person - 1)) == (1, 1, 1)


@pytest.mark.fault("webhook 收到 10 MB、很深的 JSON、不是 JSON 的东西", "10 MB, deep JSON, no JSON at all")
def test_what_is_too_large_or_no_update_is_refused_and_costs_no_memory(site: Site, observe: Observe) -> None:
    assert site.still_works()
    before, memory = site.rows(), rss_mb(site.service.pid)
    bodies = {
        413: [b'{"update_id": 1, "message": {"text": "' + b"x" * 10_000_000 + b'"}}'] * 5,
        400: [b"[" * 500_000, b'{"a":' * 100_000, b"", b"\xff\xfe", b"null", b"[]", b'{"update_id": "1"}', b"{" * 1000],
    }
    answers = {status: Counter(site.post(body) for body in some) for status, some in bodies.items()}
    grown = rss_mb(site.service.pid) - memory
    observe(posts=sum(map(len, bodies.values())), refused_with_413=answers[413][413], refused_with_400=answers[400][400],
            in_the_inbox=site.rows() - before, memory_grew_mb=round(grown))  # fmt: skip
    assert answers == {status: {status: len(some)} for status, some in bodies.items()}
    assert site.rows() == before
    assert grown < 30
    assert site.still_works()


@pytest.mark.fault("先到改后的消息，再到原文，webhook 重投", "an edit before its original, posted again and again")
def test_an_edit_that_comes_before_its_original_counts_whatever_is_posted_again(site: Site, observe: Observe) -> None:
    written = json.loads(site.said("刷脸老是不过"))
    later = {"text": "收不到验证码", "edit_date": written["message"]["date"] + 5}
    edited = {"update_id": written["update_id"] + 100_000, "edited_message": {**written["message"], **later}}
    posts = [json.dumps(update).encode() for update in (edited, written, edited, written)]
    assert [site.post(body) for body in posts] == [200] * 4
    person = site.person
    site.telegram.wait_text(person, "1.")
    assert site.still_works()
    heard = site.heard(person)
    observe(posts=len(posts), heard="、".join(heard), answers=site.telegram.count(person))
    assert heard[-1:] == ["收不到验证码"]
    assert len(heard) == len(set(heard))
