"""Differences between two runs: a regression shows, and equal runs show nothing."""

import re
from dataclasses import replace

from reglab.report.findings import Finding
from reglab.report.history.run_differences import difference
from reglab.report.outcomes import Outcome
from reglab.report.renderings import run_lists
from tests.report.examples import healthy, n_plus_one
from tests.report.making import ENVIRONMENT

_LINE = re.compile(r"(\.py):(\d+)")


def test_equal_runs_do_not_differ() -> None:
    """A run against itself has no turn and no move."""
    found = difference(baseline=healthy(), candidate=healthy())
    assert (found.comparable, found.turns, found.moves) == (True, (), ())


def test_a_regression_is_a_cause_and_moves_its_counter() -> None:
    """An N+1 is one new cause, which explains all findings that turned, and moves its queries from 3 to 53."""
    found = difference(baseline=healthy(), candidate=n_plus_one())
    assert (len(found.new_causes), found.gone_causes, found.causes_in_both, found.turns) == (1, (), 0, ())
    assert {finding.outcome for finding in found.new_causes[0].findings} == {Outcome.FAIL}
    assert [(move.baseline, move.candidate, move.is_worse) for move in found.moves] == [(3, 53, True), (3, 8, True)]


def test_what_was_mended_is_a_cause_that_is_gone() -> None:
    """The other way round the cause is gone; the same run twice has it in both."""
    found = difference(baseline=n_plus_one(), candidate=healthy())
    assert (found.new_causes, len(found.gone_causes)) == ((), 1)
    assert difference(baseline=n_plus_one(), candidate=n_plus_one()).causes_in_both == 1


def test_a_quantity_that_vanished_is_told() -> None:
    """What the candidate did not measure is a move, and a worse one."""
    candidate = replace(healthy(), samples=healthy().samples[1:])
    (move,) = difference(baseline=healthy(), candidate=candidate).moves
    assert (move.candidate, move.is_worse) == (None, True)


def test_runs_of_different_machines_are_marked() -> None:
    """Two machines are compared with a warning, for their times do not compare."""
    records = tuple(
        replace(each, header=replace(each.header, environment=replace(ENVIRONMENT, machine="other")))
        for each in healthy().records
    )
    found = difference(baseline=healthy(), candidate=replace(healthy(), records=records))
    assert "measured on different machines" in run_lists.difference(found)


def test_a_finding_that_only_moved_its_line_is_not_turned() -> None:
    """Ten lines inserted above: the same finding at another line is the same finding, whether it is named or shown."""
    before = n_plus_one()
    moved = replace(before, findings=tuple(_moved(finding) for finding in before.findings))
    assert any(_moved(finding) != finding for finding in before.findings)
    assert difference(baseline=before, candidate=moved).turns == ()


def _moved(finding: Finding) -> Finding:
    """Return a finding ten lines further down."""
    evidence = tuple(replace(one, source=_LINE.sub(_ten_more, one.source)) for one in finding.evidence)
    return replace(finding, part=_LINE.sub(_ten_more, finding.part), evidence=evidence)


def _ten_more(found: "re.Match[str]") -> str:
    return f"{found[1]}:{int(found[2]) + 10}"
