"""Many messages at once: the same verdicts in the same order, worked out on several cores."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from triagebot.triage.brain import Brain
from triagebot.triage.verdict import Verdict

CHUNK = 256
"""Messages that travel to a process and back together."""
_AHEAD = 2
"""Chunks under way for each process: one at work, one waiting, so that memory does not grow with the input."""
_brain: Brain | None = None


def triage_all(brain: Brain, texts: Iterable[str], jobs: int) -> Iterator[Verdict]:
    """A verdict for each text, in order, each judged by itself; ``jobs`` processes work at it.

    The processes are forked, so that they share the model's memory. With one job, or where a process cannot be forked,
    the texts are judged here, one by one as they come.
    """
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(brain.triage, texts)
        return
    global _brain
    _brain = brain  # what is there at the fork need not be sent
    gc.freeze()  # else each process's collector writes to, and so copies, every page that it shares
    rest = iter(texts)
    under_way: deque[Future[list[Verdict]]] = deque()
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
            while chunk := list(islice(rest, CHUNK)):
                under_way.append(pool.submit(_judge, chunk))
                if len(under_way) > jobs * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
    finally:
        _brain = None
        gc.unfreeze()


def _judge(chunk: Sequence[str]) -> list[Verdict]:
    if _brain is None:
        raise RuntimeError("forked from a process that had set no brain")
    return _brain.triage_many(chunk)
