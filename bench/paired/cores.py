"""Which processor core the two sides share, and which are left to the database and to us."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """`measured` is the core of every measured process (None: any); `others` are for everybody else."""

    measured: int | None = None
    others: tuple[int, ...] = ()

    @property
    def told(self) -> str:
        """Say it for the record."""
        if self.measured is None:
            return "not pinned: fewer than two cores"
        return f"sides on core {self.measured}, the rest on {', '.join(map(str, self.others))}"


def chosen_cores() -> Cores:
    """Choose the last core for the sides: interrupts mostly go to the first ones."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores()
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return Cores()
    return Cores(measured=allowed[-1], others=tuple(allowed[:-1]))


def keep_off(cores: Cores, process_id: int) -> None:
    """Keep a process, and those that it starts from now on, off the measured core. Needs its owner's rights."""
    if cores.others:
        with suppress(OSError):
            os.sched_setaffinity(process_id, cores.others)


@contextmanager
def kept_off(cores: Cores) -> Iterator[None]:
    """Keep this process off the measured core during the block."""
    before = os.sched_getaffinity(0) if cores.others else set()
    keep_off(cores, 0)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)
