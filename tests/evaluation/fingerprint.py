"""Fingerprints of an evaluation file: tests can tell its messages from the examples in rules/ and need not hold them.

To renew them after the file has changed, from the project's folder::

    python -m tests.evaluation.fingerprint FILE.tsv > tests/evaluation/dev.fingerprints.txt

One line a message, sorted, so that neither their order nor their labels remain: the hash of the whole bare text (16
hexadecimal digits), a space, and the hashes of the parts that ``rulebook.likeness`` compares (4 characters of base64
each, without separators; none for a text that is too short to compare). Parts are short, so that somebody who wants to
can guess them: this keeps messages from being read, searched or trained on by mistake, it is no encryption.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from triagebot.rulebook.likeness import alike, bare, parts
from triagebot.rulebook.near_copies import read_messages

SALT = b"triagebot"
_WHOLE_BYTES = 8
_PART_BYTES = 3
"""A message has some 30 parts and the rules 6,000: with 16.8 million values, a chance match in a pair is rare."""


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of one bare text and of its parts."""

    whole: str
    parts: frozenset[bytes]

    def __str__(self) -> str:
        return f"{self.whole} {b64encode(b''.join(sorted(self.parts))).decode()}".rstrip()


def fingerprint(text: str) -> Fingerprint:
    plain = bare(text)
    return Fingerprint(_hash(plain, _WHOLE_BYTES).hex(), frozenset(_hash(part, _PART_BYTES) for part in parts(plain)))


def read(lines: str) -> list[Fingerprint]:
    """What ``main`` printed."""
    return [_read(line) for line in lines.splitlines()]


def copies(texts: Iterable[str], messages: list[Fingerprint]) -> set[str]:
    """Those of ``texts`` that are one of the messages, or nearly."""
    shown = {text: fingerprint(text) for text in texts}
    wholes = {message.whole for message in messages}
    near = alike([own.parts for own in shown.values()], [message.parts for message in messages])
    names = list(shown)
    return {text for text, own in shown.items() if own.whole in wholes} | {names[n] for n, _, _ in near}


def _hash(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size, salt=SALT).digest()


def _read(line: str) -> Fingerprint:
    whole, _, packed = line.partition(" ")
    hashes = b64decode(packed)
    return Fingerprint(whole, frozenset(hashes[n : n + _PART_BYTES] for n in range(0, len(hashes), _PART_BYTES)))


def main() -> None:
    for line in sorted({str(fingerprint(message.text)) for message in read_messages(Path(sys.argv[1]))}):
        print(line)


if __name__ == "__main__":
    main()
