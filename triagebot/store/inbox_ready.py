"""Which conversations of the inbox may be worked on: the queries, built once for each set of owners.

Conversations are chosen first, by their oldest pending message, so that one person's flood, or one that waits for a retry,
keeps nobody else waiting. What waits is walked through in the order in which it is handed out (``ix_inbox_next``), and only as
far as needed, so that ten thousand who wait make it no dearer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import CTE

from triagebot.store import waits
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import table_of, waiting, walked
from triagebot.store.tables import Inbox

Owners = frozenset[tuple[str, str]]
_NO_END: ColumnElement[int] = literal_column(str(2**62))
_AT = bindparam("at", type_=UtcDateTime)
_BOX = table_of(Inbox)
_HEAD = _BOX.alias("head")
_LEAST: BindParameter[int] = bindparam("lane")
_WAITING = waiting(_BOX, "lane", _LEAST, "claimed_by", "claimed_until")


@cache
def all_of(owners: Owners) -> Select[Any]:
    """What waits in the ``most`` conversations whose oldest message may be handled, at most ``deep`` from each; known people
    first."""
    return _messages_of(_walked(_heads(_HEAD, owners)).cte("ready"))


@cache
def free(owners: Owners, dialect: str) -> Select[Any]:
    """As ``all_of``, of conversations of which no other than ``holder`` has a message at ``at``; locked, and without those
    that another transaction has locked: it is about to take them.

    The conditions on the head are checked again by PostgreSQL once the row is locked, on what it is then.
    """
    if dialect == "sqlite":
        return _messages_of(_free_heads(owners, dialect).cte("ready"))
    row = _BOX.alias("row")
    locked = select(row.c.id).where(row.c.id == _WAITING.c.id, _pending(row), _free(row))
    heads = _free_heads(owners, dialect).join(locked.with_for_update(skip_locked=True).lateral("locked"), true())
    return _messages_of(heads.cte("ready"))


@cache
def any_free(owners: Owners, dialect: str) -> Select[Any]:
    return _free_heads(owners, dialect).with_only_columns(_HEAD.c.id if dialect == "sqlite" else _WAITING.c.id)


def _free_heads(owners: Owners, dialect: str) -> Select[Any]:
    if dialect == "sqlite":
        return _walked(_heads(_HEAD, owners)).where(*_nobody_elses(_HEAD))
    heads = _heads(_WAITING, owners).select_from(_WAITING).where(*_nobody_elses(_WAITING))
    return heads.order_by(_WAITING.c.lane, _WAITING.c.id)


def _heads(rows: FromClause, owners: Owners) -> Select[Any]:
    """Of ``rows`` the oldest pending message of each conversation, and ``last``: up to which one it is handed out.

    What is asked of each row is asked of it by itself. An EXISTS would be planned as a join with all that waits, which takes
    minutes where PostgreSQL does not know how much that is."""
    mark, earlier = _BOX.alias("mark"), _BOX.alias("earlier")
    deepest = (
        select(mark.c.id).where(_pending(mark), *_same_chat(mark, rows))
        .order_by(mark.c.id).offset(bindparam("deep") - 1).limit(1).correlate(rows).scalar_subquery()
    )  # fmt: skip
    oldest = select(func.min(earlier.c.id)).where(_pending(earlier), *_same_chat(earlier, rows)).correlate(rows)
    return (
        select(rows.c.id, *_chat(rows), rows.c.lane, func.coalesce(deepest, _NO_END).label("last"))
        .where(walked(rows, owners), rows.c.id == oldest.scalar_subquery(), waits.are_over(rows.c.not_before))
        .limit(bindparam("most"))
    )  # fmt: skip


def _walked(heads: Select[Any]) -> Select[Any]:
    return heads.where(_pending(_HEAD), _HEAD.c.lane >= _LEAST).order_by(_HEAD.c.lane, _HEAD.c.id)


def _messages_of(ready: CTE) -> Select[Any]:
    whole = and_(*_same_chat(_BOX, ready), _pending(_BOX), _BOX.c.id <= ready.c.last)
    return select(_BOX).join_from(ready, _BOX, whole).order_by(ready.c.lane, ready.c.id, _BOX.c.id)


def _nobody_elses(head: FromClause) -> list[ColumnElement[bool]]:
    other = _BOX.alias("other")
    others = select(other.c.id).where(_pending(other), *_same_chat(other, head), not_(_free(other))).limit(1)
    return [_free(head), others.correlate(head).scalar_subquery().is_(None)]


def _free(table: FromClause) -> ColumnElement[bool]:
    return or_(table.c.claimed_by.in_(["", bindparam("holder")]), table.c.claimed_until <= _AT)


def _pending(table: FromClause) -> ColumnElement[bool]:
    return table.c.state == literal_column("'pending'")


def _chat(table: FromClause) -> tuple[ColumnElement[Any], ...]:
    return table.c.channel, table.c.bot, table.c.chat


def _same_chat(one: FromClause, other: FromClause) -> list[ColumnElement[bool]]:
    return [a == b for a, b in zip(_chat(one), _chat(other), strict=True)]
