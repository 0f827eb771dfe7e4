"""What is counted: reports of people, by what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

BIN_S = 300
"""Wall seconds of one bin; bins begin at multiples of it since 1970."""
_PARTS = "|"


@dataclass(frozen=True, slots=True)
class Report:
    """One person says that something fails. ``at``: seconds since 1970. ``person``: who (a conversation's id), so that one
    angry person is counted once. ``category`` and ``platform`` as in rules/; ``platform`` "" where it is unknown.
    ``signatures``: ids of the wordings of a platform that were recognised (triage.signatures); ``app_version``: as written
    ("8.0.50"), "" where it is unknown."""

    at: float
    person: int
    category: str
    platform: str = ""
    signatures: tuple[str, ...] = ()
    app_version: str = ""


class Series(NamedTuple):
    """What reports have in common; "" is any. ``key`` names it for good, in tables and logs."""

    # A tuple, as each message makes and looks up some: a dataclass costs four times as much.

    category: str = ""
    platform: str = ""
    signature: str = ""
    app_version: str = ""

    @property
    def key(self) -> str:
        return _PARTS.join((self.category, self.platform, self.signature, self.app_version))

    @classmethod
    def of_key(cls, key: str) -> Series:
        """The reverse of ``key``; ValueError for what is none."""
        parts = key.split(_PARTS)
        if len(parts) != 4:
            raise ValueError(f"not a series: {key!r}")
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Surge:
    """More people than usual report ``series``. ``at``: when it was noticed, ``since``: when it began, as estimated (both
    seconds since 1970). ``people``: how many different ones since then, where ``expected`` (a mean) would be usual."""

    series: Series
    at: float
    since: float
    people: int
    expected: float


@dataclass(frozen=True, slots=True)
class Calm:
    """A surge is over: ``since``: no more people than usual from then on (seconds since 1970)."""

    series: Series
    at: float
    since: float
