"""The rule `paired` on samples: pairs in, one finding a scenario out."""

from dataclasses import replace
from typing import Any

import pytest

from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement
from reglab.report.rules.paired import PairedRule
from tests.report.making import sample

# Seconds of twelve pairs: no two deviations equal, so that no rank is shared.
BASELINE = tuple(0.1 + 0.0001 * step for step in range(12))
WOBBLE = tuple(1 + 0.0005 * step * (-1) ** step for step in range(12))


def rule(**more: Any) -> PairedRule:
    return PairedRule(
        test="paired",
        name="no-slowdown",
        instrument="compare",
        metrics=("seconds",),
        unit="change",
        reason="because",
        next_step="mend it",
        **more,
    )


def side(
    variant: str, factor: float, *, pairs: int = 12, scenario: str = "list", metric: str = "seconds"
) -> Measurement:
    values = tuple(factor * each * wobble for each, wobble in zip(BASELINE, WOBBLE, strict=True))[:pairs]
    if variant == "baseline":
        values = BASELINE[:pairs]
    return sample(*values, metric=metric, variant=variant, scenario=scenario, instrument="compare")


@pytest.mark.parametrize(
    ("factor", "outcome"), [(1.10, Outcome.FAIL), (1.0, Outcome.PASS), (0.5, Outcome.PASS), (1.035, Outcome.FAIL)]
)
def test_a_slowdown_fails_and_its_proven_absence_passes(factor: float, outcome: Outcome) -> None:
    """Ten per cent slower fails, equal or faster passes; between the margins, 2 % is proven first."""
    (finding,) = rule().findings([side("baseline", 1), side("candidate", factor)])
    assert finding.outcome is outcome


def test_a_finding_tells_effect_interval_pairs_and_noise() -> None:
    """What a reader needs to believe a slowdown stands in one line."""
    (finding,) = rule().findings([side("baseline", 1), side("candidate", 1.10)])
    assert finding.found == "slower: +10.0 % (95 % interval +9.7 % to +10.2 %), 12 pairs, noise 0.34 % a pair"


def test_a_finding_carries_the_margins_it_was_judged_by() -> None:
    """A plot draws the margins of the policy that decided, not some of its own."""
    (finding,) = rule(fail_above=0.03, pass_below=0.08).findings([side("baseline", 1), side("candidate", 1)])
    assert finding.margins == (0.03, 0.08)


def test_too_few_pairs_are_inconclusive() -> None:
    """Six pairs decide nothing, and the finding says how many would."""
    (finding,) = rule().findings([side("baseline", 1, pairs=6), side("candidate", 1.10, pairs=6)])
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.found.endswith("12 pairs are the fewest that can decide")


@pytest.mark.parametrize("missing", ["baseline", "candidate"])
def test_a_missing_side_fails(missing: str) -> None:
    """A scenario that one side did not answer is never a pass."""
    sides = [each for each in (side("baseline", 1), side("candidate", 1)) if each.variant != missing]
    (finding,) = rule().findings(sides)
    assert finding.outcome is Outcome.FAIL


def test_sides_of_different_length_fail() -> None:
    """Values that are no pairs fail: a side died on the way."""
    (finding,) = rule().findings([side("baseline", 1), side("candidate", 1, pairs=11)])
    assert (finding.outcome, "are no pairs" in finding.found) == (Outcome.FAIL, True)


def test_sides_that_an_interruption_left_uneven_are_inconclusive() -> None:
    """A comparison that was stopped within a pair proves nothing against either side."""
    sides = [side("baseline", 1), replace(side("candidate", 1, pairs=11), is_cut_short=True)]
    (finding,) = rule().findings(sides)
    assert finding.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("candidate", [1.0, 1.10])
def test_a_sentinel_that_moves_voids_the_comparison(candidate: float) -> None:
    """Where the baseline is slower than itself, neither a fail nor a pass can be believed."""
    sides = [side("baseline", 1), side("candidate", candidate), side("sentinel", 1.10)]
    (finding,) = rule(sentinel="sentinel").findings(sides)
    assert (finding.outcome, "void" in finding.found) == (Outcome.INCONCLUSIVE, True)


def test_a_sentinel_that_stays_changes_nothing() -> None:
    """A sentinel equal to its baseline leaves a fail a fail."""
    sides = [side("baseline", 1), side("candidate", 1.10), side("sentinel", 1)]
    (finding,) = rule(sentinel="sentinel").findings(sides)
    assert finding.outcome is Outcome.FAIL


def test_a_sentinel_that_was_asked_for_and_is_not_there_voids_the_comparison() -> None:
    """Without the sentinel that the policy wants, nobody knows whether the machine moved."""
    (finding,) = rule(sentinel="sentinel").findings([side("baseline", 1), side("candidate", 1)])
    assert finding.outcome is Outcome.INCONCLUSIVE


def test_a_rate_is_slower_when_it_falls() -> None:
    """For a metric that is better when higher, a fall of 10 % is the regression and a rise is none."""
    outcomes = [
        rule(sentinel="")
        .findings([side("baseline", 1, metric="throughput_rps"), side("candidate", factor, metric="throughput_rps")])[0]
        .outcome
        for factor in (0.9, 1.1)
    ]
    assert outcomes == [Outcome.FAIL, Outcome.PASS]


def test_margins_that_leave_no_room_are_refused() -> None:
    """fail_above must be below pass_below."""
    with pytest.raises(ValueError, match="fail_above is not below pass_below"):
        rule(fail_above=0.05, pass_below=0.02)
