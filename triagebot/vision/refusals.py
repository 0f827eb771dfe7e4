"""Why a picture was not looked at, or nothing came of it. Each has its words in the catalogues: ``picture.<name>``."""

from __future__ import annotations

from typing import Literal

Why = Literal[
    "",
    "blind",
    "pdf",
    "format",
    "empty",
    "bytes",
    "pixels",
    "broken",
    "slow",
    "busy",
    "gone",
    "no_words",
    "no_face",
    "many_faces",
    "small_face",
]
"""``blind``: the extra is not installed. ``pdf``: perhaps a report, which belongs to nobody else. ``format``: no PNG, JPEG or
WebP. ``empty``: no bytes. ``bytes`` and ``pixels``: too large. ``broken``: cut off, or not what it says it is. ``slow``: took
longer than a look may, or more memory. ``busy``: too many others wait. ``gone``: the network does not give it to us any more,
or the process that had it ended. The others: it was looked at, and the thing asked for is not in it."""
