"""What the bot must never say: a way round the law, a request for secrets, a number or address that nobody vouched for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.rulebook.never_advise import tunnel
from triagebot.rulebook.never_ask import secret
from triagebot.rulebook.pack import Finding, Pack
from triagebot.rulebook.speech import speech

_LINE = re.compile(
    r"(?<![\d.,-])(?:[48]00[- ]?(?:\d{3}[- ]?\d{4}|\d{4}[- ]?\d{3})|95\d{3}|123\d{2}|96\d{3})(?![\d%]|,\d|\s*(?:元|yuan))"
)
_HOST = re.compile(
    r"(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|gov|app|cc|vip|info|top|xyz|io|me)(?![a-z0-9])", re.IGNORECASE
)


def check(pack: Pack) -> Iterator[Finding]:
    known = _official(pack)
    for said in speech(pack):
        found = (tunnel(said.text), secret(said.text, asks=said.asks), *unknown_addresses(said.text, known))
        yield from (pack.finding(said.file, said.at, what) for what in found if what)


def unknown_addresses(text: str, known: frozenset[str]) -> Iterator[str]:
    """Hotline numbers and web addresses in ``text`` that are not in ``known``."""
    for found in (*_LINE.finditer(text), *_HOST.finditer(text)):
        if _bare(found.group()) not in known:
            yield f"`{found.group()}` is not in contacts.yaml; only numbers and addresses from there may be given"


def _official(pack: Pack) -> frozenset[str]:
    values = [contact.value for _, contact in pack.listed.get("contacts", ())]
    found = (each for value in values for shape in (_LINE, _HOST) for each in shape.findall(value))
    return frozenset(map(_bare, found))


def _bare(address: str) -> str:
    return re.sub("[ -]", "", address) if address[0].isdigit() else address.lower()
