"""Which conversations of the inbox may be worked on: the queries, built once for each set of owners.

Conversations are chosen first, by their oldest pending message, so that one person's flood, or one that waits for a retry,
keeps nobody else waiting.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.sql.selectable import CTE

from triagebot.store import waits
from triagebot.store.statements import owned, table_of
from triagebot.store.tables import Inbox, UtcDateTime

Owners = frozenset[tuple[str, str]]
_NO_END: ColumnElement[int] = literal_column(str(2**62))
_AT = bindparam("at", type_=UtcDateTime)
_BOX = table_of(Inbox)
_HEAD = _BOX.alias("head")


@cache
def all_of(owners: Owners) -> Select[Any]:
    """What waits in the ``most`` conversations whose oldest message may be handled, at most ``deep`` from each."""
    return _messages_of(_heads(owners).cte("ready"))


@cache
def free(owners: Owners) -> Select[Any]:
    """As ``all_of``, of conversations of which no other than ``holder`` has a message at ``at``; locked, and without those
    that another transaction has locked: it is about to take them.

    The conditions on the head are checked again by PostgreSQL once the row is locked, on what it is then.
    """
    locked = _heads(owners).where(*_nobody_elses(_HEAD)).with_for_update(of=_HEAD, skip_locked=True)
    return _messages_of(locked.cte("ready"))


@cache
def any_free(owners: Owners) -> Select[Any]:
    return _heads(owners).where(*_nobody_elses(_HEAD)).with_only_columns(_HEAD.c.id)


def _heads(owners: Owners) -> Select[Any]:
    """The oldest pending message of each conversation, and ``last``: up to which one it is handed out."""
    mark = _BOX.alias("mark")
    oldest = select(func.min(_BOX.c.id)).where(_pending(_BOX), owned(_BOX, owners)).group_by(*_chat(_BOX))
    deepest = (
        select(mark.c.id).where(_pending(mark), *_same_chat(mark, _HEAD))
        .order_by(mark.c.id).offset(bindparam("deep") - 1).limit(1).correlate(_HEAD).scalar_subquery()
    )  # fmt: skip
    return (
        select(_HEAD.c.id, *_chat(_HEAD), func.coalesce(deepest, _NO_END).label("last"))
        .where(_HEAD.c.id.in_(oldest.scalar_subquery()), waits.are_over(_HEAD.c.not_before))
        .order_by(_HEAD.c.id).limit(bindparam("most"))
    )  # fmt: skip


def _messages_of(ready: CTE) -> Select[Any]:
    whole = and_(*_same_chat(_BOX, ready), _pending(_BOX), _BOX.c.id <= ready.c.last)
    return select(_BOX).join_from(ready, _BOX, whole).order_by(ready.c.id, _BOX.c.id)


def _nobody_elses(head: FromClause) -> list[ColumnElement[bool]]:
    other = _BOX.alias("other")
    others = exists().where(_pending(other), *_same_chat(other, head), not_(_free(other))).correlate(head)
    return [_pending(head), _free(head), not_(others)]


def _free(table: FromClause) -> ColumnElement[bool]:
    return or_(table.c.claimed_by.in_(["", bindparam("holder")]), table.c.claimed_until <= _AT)


def _pending(table: FromClause) -> ColumnElement[bool]:
    return table.c.state == literal_column("'pending'")


def _chat(table: FromClause) -> tuple[ColumnElement[Any], ...]:
    return table.c.channel, table.c.bot, table.c.chat


def _same_chat(one: FromClause, other: FromClause) -> list[ColumnElement[bool]]:
    return [a == b for a, b in zip(_chat(one), _chat(other), strict=True)]
