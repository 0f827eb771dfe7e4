"""Numbers that belong to everybody and must stay readable: hotlines, short-message senders, dates, times, amounts."""

from __future__ import annotations

import re

_SENDER = r"106[0-9]{2,17}"
_FREE_PHONE = r"(?:400|800)[\- ]?(?:[0-9]{3}[\- ]?[0-9]{4}|[0-9]{4}[\- ]?[0-9]{3})"
# 95xxx banks and payment services, 123xx public lines (12363, 12378), 96110 against fraud, 100xx carriers.
_SHORT_LINE = r"95[0-9]{3}|123[0-9]{2}|96[0-9]{3}|100(?:00|01|10|86)"

_PUBLIC = re.compile(rf"{_SENDER}|{_FREE_PHONE}|{_SHORT_LINE}")
_KNOWN = r"400[\- ]?810[\- ]?8866|955[0-9]{2}|95017|95188|12363|12378|12315|12345|96110"
KNOWN_LINES = re.compile(rf"(?<![0-9])(?:{_KNOWN})(?![0-9])")
LINES = re.compile(rf"(?<![0-9])(?:{_FREE_PHONE}|{_KNOWN})(?![0-9])")
"""Hotlines inside a row of numbers; short ones only if known, for any five figures may be a part of something longer."""

_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_SPLIT_DATE = r"(?:19|20)[0-9]{2}[\-./年](?:0?[1-9]|1[0-2])(?:[\-./月][0-9]{1,2})?(?![0-9])"
SPLIT_DATE = re.compile(_SPLIT_DATE)
"""2026-11-23, 2026/11/23, 2026年11月, 2026.11.23."""
DATE = re.compile(rf"{_SPLIT_DATE}|(?:19|20)[0-9]{{2}}{_MONTH_DAY}(?![0-9])")
"""The same, and 20261123."""
STAMP = re.compile(rf"20[0-4][0-9]{_MONTH_DAY}")
"""How the trade number of a shop or a bank begins: with the day."""
MOMENTS = re.compile(
    rf"(?<![0-9])(?:(?:19|20)[0-9]{{2}}[\-./](?:0?[1-9]|1[0-2])[\-./](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])"
    rf"|(?:19|20)[0-9]{{2}}{_MONTH_DAY}(?![0-9])|[0-9]{{1,2}}[:：][0-9]{{2}}(?:[:：][0-9]{{2}})?(?![0-9])"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9]))"
)
"""Dates, times and amounts inside a row of numbers."""
VERSION = re.compile(
    r"(?<=[A-Za-z]/)[0-9]{1,4}(?:\.[0-9]{1,5}){2,4}(?![0-9])"
    r"|(?<![0-9.])1[0-9]{2}\.0\.[1-9][0-9]{3}\.[0-9]{1,3}(?![0-9.]|[\s_\-]{1,4}[0-9])"
)
"""Chrome/141.0.7390.123: as many figures as a mobile number, and it may begin like one."""


def is_public(number: str) -> bool:
    """Whether this is a hotline or a short-message sender, as typed (400-810-8866, 4008108866, 10690...)."""
    return _PUBLIC.fullmatch(number) is not None
