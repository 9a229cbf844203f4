"""Neutral changes stacked into one pull request: what passes together has passed, and what does not is told apart."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tools.planted.test_runner import PASSED, Looks, a_neutral_change, a_regression, a_runner
from tools.planted.catalogue import NeutralChange, neutral_changes
from tools.planted.copies import apply, planted_copy
from tools.planted.judgement import Judgement
from tools.planted.sightings import Sighting
from tools.planted.stacks import STACKED_MAX, run_stacked, stacks_of

NAMES = ("comments", "docstrings", "type-hints", "early-return")
ALARM = Sighting(outcome="fail", rule="rows-accepted", told="more rows")


class StackLooks:
    """Stands in for the gate: fails where a change that it takes for a regression is in the stack."""

    def __init__(self, bad: str = "") -> None:
        self.stacks: list[list[str]] = []
        self._bad = bad

    def __call__(self, stack: Sequence[NeutralChange], *_: object) -> Sighting:
        names = [entry.name for entry in stack]
        self.stacks.append(names)
        return ALARM if self._bad in names else PASSED


def test_changes_that_pass_together_have_passed(tmp_path: Path) -> None:
    """One gate for all of them, a result for each, and nothing to do the next time."""
    runner, look = a_runner(tmp_path, Looks()), StackLooks()
    entries = [a_neutral_change(name) for name in NAMES]
    run_stacked(runner, entries, look=look)
    assert look.stacks == [list(NAMES)]
    assert [runner.judge(entry).judgement for entry in entries] == [Judgement.PASSED] * 4
    run_stacked(runner, entries, look=look)
    assert len(look.stacks) == 1


def test_a_false_alarm_is_one_change_s_own(tmp_path: Path) -> None:
    """A stack that fails is split until the one that fails is alone; the others have passed."""
    runner, look = a_runner(tmp_path, Looks()), StackLooks("type-hints")
    entries = [a_neutral_change(name) for name in NAMES]
    run_stacked(runner, entries, look=look)
    found = {entry.name: runner.judge(entry).judgement for entry in entries}
    assert found == dict.fromkeys(NAMES, Judgement.PASSED) | {"type-hints": Judgement.FALSE_ALARM}
    assert look.stacks == [list(NAMES), list(NAMES[:2]), list(NAMES[2:]), ["type-hints"], ["early-return"]]


def test_every_patch_is_in_one_stack_and_fits_there(tmp_path: Path) -> None:
    """What changes the same lines as another is in a stack of its own kind."""
    entries = [entry for entry in neutral_changes() if entry.patch]
    stacks = list(stacks_of(neutral_changes(), tmp_path / "trials"))
    assert sorted(entry.name for stack in stacks for entry in stack) == sorted(entry.name for entry in entries)
    assert max(map(len, stacks)) <= STACKED_MAX
    assert len(stacks) < len(entries) / 3
    for number, stack in enumerate(stacks):
        copy = planted_copy(tmp_path / str(number))
        for entry in stack:
            assert entry.patch
            apply(entry.patch, copy)


def test_an_interrupt_ends_what_the_stack_started(tmp_path: Path) -> None:
    """No gate goes on behind a run that was ended, and what was seen before is kept."""

    def interrupted(*_: object) -> Sighting:
        raise KeyboardInterrupt

    runner = a_runner(tmp_path, Looks())
    with pytest.raises(KeyboardInterrupt):
        run_stacked(runner, [a_neutral_change()], look=interrupted)
    assert runner.processes.is_ended


@pytest.mark.parametrize("is_stack", [True, False])
def test_nothing_new_begins_when_the_time_is_over(tmp_path: Path, is_stack: bool) -> None:
    """A part of a whole run ends by itself; what it did not come to is not run."""
    looks = Looks()
    runner = a_runner(tmp_path, looks)
    runner.ends_at = 0.0
    entry = a_neutral_change() if is_stack else a_regression()
    if isinstance(entry, NeutralChange):
        run_stacked(runner, [entry], look=StackLooks())
    (done,) = runner.run([entry])
    assert (done.judgement, looks.names) == (Judgement.NOT_RUN, [])
