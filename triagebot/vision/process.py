"""One child process that looks at pictures, as the service sees it: started, asked, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from triagebot.vision import frames
from triagebot.vision.look import Look, Purpose

PROGRAM = ("-m", "triagebot.vision.child")
"""What Python runs."""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR")
_ADDED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_ARENA_MAX": "2",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""Threads cost address space, each pool of the allocator 64 MB of it. onnxruntime (from 1.29) would tell its maker of each
start, and keep a number of this machine in the home folder."""


_BUFFER = 1 << 16
_GOODBYE_S = 5.0
"""Wall seconds after which a killed process is left to the system: something else may hold its pipes."""


class ChildFailed(Exception):
    """No answer came. ``how``: how the process ended, or what it said instead; nothing of a picture."""

    def __init__(self, how: str, short: bool = False) -> None:
        self.short = short
        """Whether it is likely to have been time or memory that it lacked."""
        super().__init__(how)


class Child:
    """Ready to look. Ask it one thing at a time; after a ChildFailed, or when an answer was not waited for, end it."""

    def __init__(self, process: asyncio.subprocess.Process, transport: asyncio.SubprocessTransport) -> None:
        self._process = process
        self._transport = transport
        self.looks = 0

    @classmethod
    async def start(cls, seconds: float, patience_s: float, program: Sequence[str] = PROGRAM) -> Self:
        """``seconds``: how long it may look at one picture before it ends itself; ``patience_s``: wall seconds that it may
        take to be ready. Raises ChildFailed."""
        pipe, nowhere, loop = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL, asyncio.get_running_loop()
        try:
            transport, protocol = await loop.subprocess_exec(
                lambda: asyncio.subprocess.SubprocessStreamProtocol(_BUFFER, loop),
                sys.executable, "-P", "-B", *program, str(os.getpid()), str(seconds),
                stdin=pipe, stdout=pipe, stderr=nowhere, env=_environment(),
            )  # fmt: skip
        except OSError as error:
            raise ChildFailed(f"cannot be started ({error.strerror})") from None
        child = cls(asyncio.subprocess.Process(transport, protocol, loop), transport)
        try:
            async with asyncio.timeout(patience_s):
                _, _, trouble = await child._heard()
            if trouble:
                raise ChildFailed(trouble)
        except TimeoutError:
            await child.end()
            raise ChildFailed(f"was not ready after {patience_s:g} s") from None
        except BaseException:
            await child.end()
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def memory(self) -> int:
        """Bytes that it has in memory now; 0 where the system does not say."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0

    async def ask(self, data: bytes, purpose: Purpose) -> tuple[Look, str]:
        """What it saw, and what went wrong inside meanwhile ("" for nothing). Raises ChildFailed."""
        self.looks += 1
        assert self._process.stdin is not None  # noqa: S101 (it was started with pipes)
        try:
            self._process.stdin.write(frames.asked(purpose, data))
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except OSError:
            pass  # it ended while it was being told; what it was like is found out below
        words, shown, trouble = await self._heard()
        try:
            return frames.look_of(words, shown), trouble
        except ValueError as error:
            raise ChildFailed(str(error)) from None

    def kill(self) -> None:
        """At once, whatever it does. Its pipes are closed, too: asyncio would wait for the end of what nobody reads."""
        self._transport.close()

    async def end(self) -> None:
        """Kills it, and returns when it is gone."""
        self.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._process.wait()

    async def _heard(self) -> tuple[bytes, bytes, str]:
        assert self._process.stdout is not None  # noqa: S101 (it was started with pipes)
        read = self._process.stdout.readexactly
        try:
            words, shown, trouble = frames.lengths(await read(frames.ANSWERED.size))
            return await read(words), await read(shown), (await read(trouble)).decode(errors="replace")
        except asyncio.IncompleteReadError:
            code = await self._ended()
            raise ChildFailed(f"ended with {code}", short=-code in _SHORT) from None
        except ValueError as error:
            raise ChildFailed(str(error)) from None

    async def _ended(self) -> int:
        """With what it ended, now that its pipe has; it may have closed that and go on, which ends here."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                return await self._process.wait()
        await self.end()
        return self._process.returncode or 0


_SHORT = (signal.SIGKILL, signal.SIGXCPU, getattr(signal, "SIGALRM", 0))
"""What the system ends a process with that takes too much; SIGALRM is its own clock's."""


def _environment() -> dict[str, str]:
    """No token, no key, no address of a database: it does not need them. Modules are found where this process finds them."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **_ADDED, "PYTHONPATH": os.pathsep.join(sys.path)}
