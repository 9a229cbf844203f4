"""Neutral changes stacked: as many as fit together are one pull request; where that fails, its halves are."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tools.planted.catalogue import NeutralChange
from tools.planted.copies import PatchError, apply, planted_copy
from tools.planted.instruments import gate_and_compare
from tools.planted.processes import Processes
from tools.planted.runner import Runner
from tools.planted.sightings import Sighting

STACKED_MAX: Final = 16
Stack = Sequence[NeutralChange]
LookAtStack = Callable[[Stack, Path, Processes], Sighting]


def sighting_of_stack(stack: Stack, folder: Path, processes: Processes) -> Sighting:
    """Run the gate and compare on one pull request of several changes."""
    return gate_and_compare([entry.patch for entry in stack if entry.patch], folder, processes)


def stacks_of(entries: Stack, folder: Path) -> Iterator[Stack]:
    """Yield changes in stacks that apply one behind another; one that fits on none is alone. Tried out in `folder`."""
    left = [entry for entry in entries if entry.patch]
    number = 0
    while left:
        copy, stack, others = planted_copy(folder / str(number)), list[NeutralChange](), list[NeutralChange]()
        for entry in left:
            fits = len(stack) < STACKED_MAX and _applied(entry, copy)
            (stack if fits else others).append(entry)
        yield stack or others[:1]
        left, number = others if stack else others[1:], number + 1


def _applied(entry: NeutralChange, copy: Path) -> bool:
    try:
        if entry.patch:
            apply(entry.patch, copy)
    except PatchError:
        return False
    return True


def run_stacked(runner: Runner, entries: Stack, *, look: LookAtStack = sighting_of_stack) -> None:
    """Run what has no result yet, and keep one for each change: all of a stack that passes have passed."""
    missing = [entry for entry in entries if entry.patch and not runner.is_done(entry)]
    with tempfile.TemporaryDirectory(prefix="stacks-") as folder:
        waiting = list(stacks_of(missing, Path(folder)))
    while waiting and not runner.is_late:
        stack = waiting.pop(0)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="planted-") as folder:
            try:
                seen = look(stack, Path(folder), runner.processes)
            except BaseException:
                runner.processes.end()
                raise
        if seen.is_pass or len(stack) == 1:
            seconds = (time.monotonic() - started) / len(stack)
            for entry in stack:
                runner.results.add(runner.result_of(entry, seen, seconds=seconds))
        else:
            half = len(stack) // 2
            waiting[:0] = [stack[:half], stack[half:]]
