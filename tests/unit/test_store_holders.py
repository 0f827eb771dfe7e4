"""Whether the holder of a lease is no more can be said only of processes that can be seen from here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from triagebot.store import holders


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(30)
    return process.pid


def with_pid(pid: int | str) -> str:
    host, _, place, random = holders.own().split(":")
    return f"{host}:{pid}:{place}:{random}"


def test_the_living_and_the_dead(gone: int) -> None:
    assert not holders.is_dead(holders.own())
    assert not holders.is_dead(with_pid(os.getppid()))
    assert holders.is_dead(with_pid(gone))


def test_a_new_process_that_got_our_number_is_not_us() -> None:
    assert holders.is_dead(with_pid(os.getpid()) + "x")


def test_of_other_machines_and_containers_nothing_is_known(gone: int) -> None:
    host, pid, place, random = with_pid(gone).split(":")
    for other in (f"x{host}:{pid}:{place}:{random}", f"{host}:{pid}:x{place}:{random}", f"{host}:{pid}", "a", ""):
        assert not holders.is_dead(other)
    assert not holders.is_dead(with_pid("x"))


def test_no_name_is_used_twice() -> None:
    assert holders.own() != holders.own()
