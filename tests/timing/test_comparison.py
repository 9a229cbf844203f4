"""Steps of a comparison: when it goes on, and with what."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from reglab.errors import ComparisonError
from reglab.report.policy import read_policy
from reglab.report.records import RemarkKind
from reglab.timing.comparison import Comparer, Comparison
from reglab.timing.pairs import Round
from reglab.timing.precheck import Examination
from reglab.timing.prerequisites import paired_rule

RULE = paired_rule(read_policy())
# Twelve deviations, all different, around nothing.
WOBBLE = tuple(1 + 0.0005 * step * (-1) ** step for step in range(12))


def rounds(seconds: float) -> Round:
    return Round(wall_seconds=(seconds,), cpu_seconds=(seconds / 2,))


def pairs(
    *, candidate: float = 1.0, sentinel: float = 1.0, noise: Sequence[float] = WOBBLE
) -> list[Mapping[str, Round]]:
    return [
        {
            "baseline": rounds(0.1),
            "candidate": rounds(0.1 * candidate * each),
            "sentinel": rounds(0.1 * sentinel * each),
        }
        for each in noise
    ]


def test_decided_scenarios_take_no_more_pairs() -> None:
    """A scenario proven slower and one proven not slower are both done."""
    found = Comparison(pairs={"slow": pairs(candidate=1.1), "same": pairs()})
    assert found.undecided(RULE) == []


def test_an_undecided_scenario_goes_on() -> None:
    """Noise that spans both margins needs more pairs."""
    wide = [1 + 50 * (each - 1) for each in WOBBLE]
    assert Comparison(pairs={"same": pairs(), "wild": pairs(noise=wide)}).undecided(RULE) == ["wild"]


def test_a_sentinel_that_moved_goes_on() -> None:
    """Where the baseline is slower than itself, more pairs are taken before anything is called void."""
    assert Comparison(pairs={"list": pairs(sentinel=1.1)}).undecided(RULE) == ["list"]


def compared_without_times(*, explained: Mapping[str, str]) -> set[RemarkKind]:
    """Compare one scenario that the baseline does not have, and return the kinds of what is remarked."""
    nothing: Any = None
    found = Comparison(
        examinations={"baseline": {"new": Examination(complaint="404")}, "candidate": {"new": Examination()}}
    )
    comparer = Comparer(
        sides=(),
        scenarios=["new"],
        sizes={},
        launcher=nothing,
        rule=RULE,
        chance=nothing,
        progress=nothing,
        found=found,
        touched=frozenset({"new"}),
        explained=explained,
    )
    assert comparer.comparable() == []
    return {remark.kind for remark in found.remarks}


def test_a_comparison_without_a_timed_scenario_proves_nothing() -> None:
    """What the change merely touches is a note each, and the whole is inconclusive: never a pass."""
    assert RemarkKind.INCONCLUSIVE in compared_without_times(explained={})


def test_a_change_that_declares_every_difference_is_no_empty_run() -> None:
    """Its suite and its ledger say of each scenario that it is another: that is read with the change, and a note."""
    assert compared_without_times(explained={"new": "the scenario is new with this change"}) == {RemarkKind.NOTE}


def test_a_round_yields_its_median() -> None:
    """Of 1, 2 and 9 s the round's one number is 2 s: one slow request does not move it."""
    assert Round(wall_seconds=(1.0, 9.0, 2.0), cpu_seconds=(1.0,)).wall_seconds_median == 2.0


def test_the_policy_without_a_rule_on_pairs_is_refused(tmp_path: Path) -> None:
    """Without margins nothing can be decided, and that is said before anything is measured."""
    (tmp_path / "policy.toml").write_text(
        'schema_version = 1\nextends = false\nreason = "A test of one rule."\n'
        '[[record]]\nfile = "compare.jsonl"\ninstrument = "compare"\nreason = "r"\n'
        '[[rule]]\nname = "r"\ninstrument = "compare"\nmetrics = ["seconds"]\ntest = "budget"\nat_most = 1\n'
        'unit = "s"\nreason = "A test."\nnext_step = "None."\n',
        encoding="utf-8",
    )
    with pytest.raises(ComparisonError, match="no rule with test"):
        paired_rule(read_policy(tmp_path / "policy.toml"))
