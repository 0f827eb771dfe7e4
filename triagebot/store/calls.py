"""One call in one transaction, and its database errors in words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from triagebot.errors import StoreError
from triagebot.store import engines

T = TypeVar("T")


def in_transaction(engine: Engine, call: Callable[[Session], T]) -> T:
    """Rows that come out keep their values: nothing is expired by the commit."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return call(session)


def once(engine: Engine, url: URL, call: Callable[[Session], T]) -> T:
    try:
        return in_transaction(engine, call)
    except DBAPIError as error:
        if is_callers(error):
            raise
        raise engines.in_words(error, url) from error


def is_callers(error: BaseException) -> bool:
    """Broken constraints and errors of its own are the caller's; the rest is the database's, and is put in words."""
    return isinstance(error, IntegrityError) or not isinstance(error, DBAPIError)


def submit(threads: ThreadPoolExecutor, work: Callable[[], T]) -> Future[T]:
    try:
        return threads.submit(work)
    except RuntimeError:
        raise closed() from None


def closed() -> StoreError:
    return StoreError("the database was closed; the program is stopping")
