"""What the child that looks at pictures may not do, so that a picture that takes it over has won nothing. Each is asked of the
system where the system knows it (all of them on Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

if sys.platform != "win32":
    import resource

MOST_MEMORY = 1400 * 1024 * 1024
"""Bytes of address space, of which about a third is ever in memory (docs/decisions/0014)."""
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def end_with(parent: int) -> None:
    """This process is killed when ``parent``, its parent's process id, ends; at once when that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def stand_back() -> None:
    """Where memory or time is short, the service comes first. A Ctrl-C is the service's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(5)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")


def limit(memory: int = MOST_MEMORY) -> None:
    """No file is ever written, no memory dump left, and no more than ``memory`` bytes taken."""
    if sys.platform != "win32":
        _most(resource.RLIMIT_CORE, 0)
        _most(resource.RLIMIT_FSIZE, 0)
        _most(resource.RLIMIT_AS, memory)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def shut() -> None:
    """From here on nothing can be opened: no file, no connection, no pipe. What is open stays so."""
    if sys.platform != "win32":
        _most(resource.RLIMIT_NOFILE, 0)


def within(seconds: float) -> None:
    """This process ends after so many seconds, whatever it does then and whatever its parent has come to; 0: it may go on."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def give_back() -> None:
    """What the last picture took and nobody holds goes back to the system, so that the next large one finds room."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _most(kind: int, value: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(kind, (value, value))
