"""Cores and priorities of each process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from reglab.timing.variants import Launcher
from reglab.timing.workers.cpu_affinity import Cores, keep_off, prefer

SERVER, MEASURED, NOT_OURS = 101, 102, 103


@pytest.fixture
def priorities(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Stand in for the kernel's schedule, which only root may change: the real-time priority by process."""
    found: dict[int, int] = {}

    def schedule(process_id: int, policy: int, parameters: os.sched_param) -> None:
        if process_id == NOT_OURS:
            raise PermissionError(1, "Operation not permitted")
        assert policy & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
        found[process_id] = parameters.sched_priority

    monkeypatch.setattr(os, "sched_setscheduler", schedule)
    monkeypatch.setattr(os, "sched_setaffinity", lambda *_: None)
    monkeypatch.setattr(
        os, "sched_getscheduler", lambda process_id: os.SCHED_RR if process_id in found else os.SCHED_OTHER
    )
    return found


def test_a_measured_database_process_goes_before_the_rest_of_its_server(priorities: dict[int, int]) -> None:
    """It has the higher real-time priority, so that the next pair, which gets ready, cannot delay it."""
    keep_off(Cores(measured=1, others=(0,), is_realtime=True), SERVER)
    priorities[MEASURED] = priorities[SERVER]  # forked from it
    prefer([MEASURED])
    assert priorities[MEASURED] > priorities[SERVER]


def test_a_database_process_at_normal_priority_stays_there(priorities: dict[int, int]) -> None:
    """Where the server could not be hurried, its measured processes are not either: they would starve it."""
    prefer([MEASURED])
    assert priorities == {}


def test_a_database_process_that_nobody_may_schedule_is_left_alone(priorities: dict[int, int]) -> None:
    """The kernel's refusal is no error: the record tells the placement."""
    priorities[NOT_OURS] = 1
    prefer([NOT_OURS])
    assert priorities[NOT_OURS] == 1


@pytest.fixture
def bound() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that waits, on the first core alone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        yield process


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="with one core there is nothing to keep off")
def test_what_loads_beside_a_measurement_may_use_every_core_after_it(
    bound: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """A process that was kept off the measured core is let on it again, and one that has ended is passed over."""
    first, *rest = sorted(os.sched_getaffinity(0))
    launcher = Launcher(
        suite=tmp_path,
        clock=datetime(2026, 1, 1, tzinfo=UTC),
        checkout=tmp_path,
        subject_paths=(),
        harness=tmp_path,
        bytecode=tmp_path,
        database_url=None,
        cores=Cores(measured=rest[-1], others=(first, *rest[:-1])),
    )
    launcher.set_free([SimpleNamespace(pid=_ended()), bound])  # type: ignore[list-item]
    assert os.sched_getaffinity(bound.pid) == {first, *rest}


def _ended() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid
