"""Cores that the sides run on: on one core of their own, and where it is permitted ahead of everything else there.

A request that waits for a processor behind somebody else's process is not slower. On a machine with four busy processes
a core, pairs had a standard deviation of 8 to 19 % at normal priority, 6 to 24 % at nice -15, and 0.6 to 1.6 % in the
real-time class: see docs/method.md.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypedDict

_LOWEST_REALTIME: Final = 1
# The database processes of those that are measured go before those of the next pair, which only gets ready.
_MEASURED_BACKEND: Final = 2


class Place(TypedDict):
    """What a measured process is told about where to run, and whether the database server is ours to schedule."""

    core: int | None
    is_realtime: bool
    is_server_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """`measured` is the core of every measured process (None: any); `others` are for everybody else."""

    measured: int | None = None
    others: tuple[int, ...] = ()
    is_realtime: bool = False

    @property
    def all(self) -> list[int]:
        """Every core that may be used; none where they cannot be chosen."""
        return [] if self.measured is None else [*self.others, self.measured]

    def place(self, *, is_server_ours: bool) -> Place:
        """Where a measured process is to go."""
        return Place(core=self.measured, is_realtime=self.is_realtime, is_server_ours=is_server_ours)

    @property
    def told(self) -> str:
        """Say it for the record."""
        if self.measured is None:
            return "not pinned: fewer than two cores"
        others = ", ".join(str(core) for core in self.others)
        priority = "real-time priority" if self.is_realtime else "normal priority (real-time is not permitted here)"
        return f"sides on core {self.measured}, the rest on {others}; {priority}"


def chosen_cores() -> Cores:
    """Choose the last core for the sides: interrupts mostly go to the first ones."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores()
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return Cores()
    return Cores(measured=allowed[-1], others=tuple(allowed[:-1]), is_realtime=_may_be_realtime())


def take(place: Place) -> None:
    """Go to the measured core, as a process that has loaded all it needs."""
    if place["core"] is not None:
        os.sched_setaffinity(0, {place["core"]})
    if place["is_realtime"]:
        _hurry(0)


def prefer(backends: Iterable[int]) -> None:
    """Let the database processes of a measured process answer before any other of the server's."""
    for process_id in backends:
        with suppress(OSError):  # permitted to nobody but root, where the server has an account of its own
            if os.sched_getscheduler(process_id) == os.SCHED_RR:
                _hurry(process_id, priority=_MEASURED_BACKEND)


def keep_off(cores: Cores, process_id: int) -> None:
    """Keep a server, and the processes that it starts from now on, off the measured core, and let it answer at once."""
    if cores.others:
        with suppress(OSError):  # it may be somebody else's
            os.sched_setaffinity(process_id, cores.others)
            if cores.is_realtime:
                _hurry(process_id)


@contextmanager
def kept_off(cores: Cores) -> Iterator[None]:
    """Keep this process off the measured core during the block; its children start at normal priority."""
    before = os.sched_getaffinity(0) if cores.others else set()
    if cores.others:
        os.sched_setaffinity(0, cores.others)
    try:
        if cores.is_realtime:
            _hurry(0, flags=os.SCHED_RESET_ON_FORK)
        yield
    finally:
        if cores.is_realtime:
            _slow_down()
        if before:
            os.sched_setaffinity(0, before)


def _may_be_realtime() -> bool:
    try:
        _hurry(0, flags=os.SCHED_RESET_ON_FORK)
    except (AttributeError, OSError):
        return False
    _slow_down()
    return True


def _hurry(process_id: int, *, flags: int = 0, priority: int = _LOWEST_REALTIME) -> None:
    os.sched_setscheduler(process_id, os.SCHED_RR | flags, os.sched_param(priority))


def _slow_down() -> None:
    # The flag stays: only a privileged process may take it off, and it does no harm at normal priority.
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
