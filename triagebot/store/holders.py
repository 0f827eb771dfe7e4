"""The names under which processes hold leases and claims, and whether such a process is no more."""

from __future__ import annotations

import os
import socket
import uuid
from functools import cache
from hashlib import sha256
from pathlib import Path

_OURS: set[str] = set()


def own() -> str:
    """``host:pid:place:random``: never used again, also when the host gives the same pid to another process."""
    name = f"{socket.gethostname()}:{os.getpid()}:{_place()}:{uuid.uuid4().hex[:8]}"
    _OURS.add(name)
    return name


def is_dead(holder: str) -> bool:
    """Whether ``holder`` was a process that could be seen from here and is no more; False for those of other machines."""
    host, pid, place, _ = (*holder.split(":"), "", "", "", "")[:4]
    if (host, place) != (socket.gethostname(), _place()) or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return holder not in _OURS
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _place() -> str:
    """Tells apart machines of the same name, and containers of one machine: a pid means something only within one."""
    try:
        seen = Path("/proc/sys/kernel/random/boot_id").read_text() + os.readlink("/proc/self/ns/pid")
    except OSError:
        seen = ""
    return sha256(seen.encode()).hexdigest()[:8]
