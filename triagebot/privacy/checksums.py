"""Check digits. They never decide whether something is hidden, only what it is or where it ends.

python-stdnum is imported at the first use: it builds a table of look-alike characters that a start need not wait for.
"""

from __future__ import annotations


def is_luhn(digits: str) -> bool:
    """Bank cards (ISO/IEC 7812)."""
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


def is_company(code: str) -> bool:
    """Unified social credit codes of businesses (GB 32100); they are public."""
    from stdnum.cn import uscc

    return bool(uscc.is_valid(code))
