"""A big desk for benchmarks, made up from a seed: tickets with what was said at them, in the words of the rules' examples.

Rows go straight into the database in the way that is quickest there.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import psycopg

from triagebot.desk.office import Office
from triagebot.store import engines

_AGENTS = ("李静", "王磊", "赵敏", "陈晨", "孙悦", "周凯")
_NAMES = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄")
_OPEN = ("queued", "queued", "assigned", "assigned", "pending", "on_hold")
_OVER = ("closed", "resolved", "closed", "merged")
_ANSWERS = (
    "您好，麻烦把页面提示的原文发我看看。",
    "请换到光线好的地方再试一次，摘掉眼镜。",
    "已经帮您登记，明天上午给您回复。",
)
_TYPES = (
    "user_replied",
    "user_replied",
    "agent_replied",
    "user_replied",
    "note",
    "fact_given",
    "user_replied",
    "agent_replied",
)
_TICKET = ("id", "conversation_id", "status", "category", "platform", "priority", "queue", "assignee_id", "lang", "summary",
           "rating", "sla", "created_at", "updated_at", "escalated_at", "next_due_at", "due_at", "due_metric",
           "tags")  # fmt: skip


class Archive:
    """``tickets`` of which every ``open_every``-th is open, each with ``messages`` messages, over the year before ``until``."""

    def __init__(
        self, office: Office, *, tickets: int, messages: int, open_every: int, until: datetime, seed: int = 7
    ) -> None:
        self.office, self.tickets, self.messages, self.until, self.seed = office, tickets, messages, until, seed
        self.open_every = open_every
        book = office.book
        self.categories = sorted(book.categories)
        self.said = {
            name: [*book.categories[name].examples.zh, *book.categories[name].examples.en] for name in self.categories
        }
        self.promises = {(queue, priority): json.dumps(office.promise(queue, priority))
                         for queue in book.queues for priority in ("P1", "P2", "P3", "P4")}  # fmt: skip

    def fill(self, url: str) -> None:
        """Into a migrated, empty database."""
        at = self.until.replace(tzinfo=None)
        people = ((n, "bench", "1", str(n), str(n), f"{random.Random(n).choice(_NAMES)}先生{n}", "zh", "idle", "{}", 0, at, at)
                  for n in range(1, self.tickets + 1))  # fmt: skip
        agents = ((n, name, "agent", "", "", "", "zh", True, at) for n, name in enumerate(_AGENTS, start=1))
        bulk(url, "conversation", ("id", "channel", "bot", "chat", "user", "user_name", "lang", "state", "memory", "version",
                                   "created_at", "updated_at"), people)  # fmt: skip
        bulk(url, "agent", ("id", "name", "role", "channel", "user", "queues", "lang", "active", "created_at"), agents)
        bulk(url, "ticket", _TICKET, self._tickets())
        bulk(url, "event", ("id", "ticket_id", "at", "type", "actor", "data"), self._events())
        ready(url)

    def _tickets(self) -> Iterator[Sequence[Any]]:
        rng = random.Random(self.seed)
        for n in range(1, self.tickets + 1):
            at = self._begin(n)
            is_open = n % self.open_every == 0
            status = rng.choice(_OPEN if is_open else _OVER)
            category = rng.choice(self.categories)
            queue = self.office.book.categories[category].queue
            priority = rng.choices(("P1", "P2", "P3", "P4"), (2, 18, 50, 30))[0]
            due = self.until.replace(tzinfo=None) + timedelta(minutes=rng.randrange(-300, 3000))
            runs = is_open and status in ("queued", "assigned")
            yield (n, n, status, category, rng.choice(sorted(self.office.book.platforms)), priority, queue,
                   rng.randrange(1, len(_AGENTS) + 1) if status != "queued" else None, rng.choice(("zh",) * 9 + ("en",)),
                   rng.choice(self.said[category])[:120], None if is_open else rng.choice((None, 1, 3, 5)),
                   self.promises[queue, priority], at, at, at, due if runs else None, due if runs else None,
                   "first_response" if runs else "", "急" if rng.random() < 0.01 else "")  # fmt: skip

    def _events(self) -> Iterator[Sequence[Any]]:
        """Message by message, so that every ticket's are spread over its life."""
        rng = random.Random(self.seed + 1)
        number = 0
        for n in range(1, self.tickets + 1):
            at = self._begin(n)
            said = self.said[rng.choice(self.categories)]
            for m in range(self.messages):
                number += 1
                type = _TYPES[m % len(_TYPES)]
                text = rng.choice(_ANSWERS) if type == "agent_replied" else rng.choice(said)
                if rng.random() < 0.02:
                    text += f"，错误码 {rng.randrange(1000, 9999)}"
                actor = "user" if type != "agent_replied" and type != "note" else "agent:1"
                data = json.dumps(
                    {"text": text, "agent_name": "李静"} if actor != "user" else {"text": text}, ensure_ascii=False
                )
                yield number, n, at + timedelta(minutes=7 * m), type, actor, data

    def _begin(self, n: int) -> datetime:
        return self.until.replace(tzinfo=None) - timedelta(days=365) * (1 - n / self.tickets)


def bulk(url: str, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    if url.startswith("sqlite"):
        marks = ", ".join("?" for _ in columns)
        plain = ([_text(value) for value in row] for row in rows)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
            database.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", plain)
        return
    with psycopg.connect(_libpq(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def ready(url: str) -> None:
    """As a database is that has been in use: its statistics are known, its numbers go on where the rows end."""
    if url.startswith("sqlite"):
        return
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        for table in ("conversation", "agent", "ticket", "event"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        connection.execute("VACUUM ANALYZE")


def _libpq(url: str) -> str:
    return engines.parse(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _text(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
