"""Paired decisions: each statistic against arithmetic done by hand."""

import math

import pytest

from reglab.report.rules.paired_statistics import (
    Conclusion,
    Margins,
    decide,
    hodges_lehmann,
    holm,
    log_ratios,
    signed_rank_chances,
    signed_rank_p,
    walsh_interval,
)

# Twelve small deviations that sum to zero and are all different, so that no rank is shared.
NOISE = [0.001 * step for step in (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6)]
NOISE = [each + 0.00001 * index for index, each in enumerate(NOISE)]


def around(effect: float, *, times: int = 1, noise: float = 1.0) -> list[float]:
    return [math.log1p(effect) + noise * each for each in NOISE] * times


def test_a_log_ratio_is_that_of_its_pair() -> None:
    """Twice the time is log 2, half the time is -log 2, in the order of the pairs."""
    assert log_ratios(baseline=[1.0, 2.0], candidate=[2.0, 1.0]) == pytest.approx([math.log(2), -math.log(2)])


@pytest.mark.parametrize(("baseline", "candidate"), [([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([1.0], [-1.0])])
def test_what_is_no_pair_is_refused(baseline: list[float], candidate: list[float]) -> None:
    """Sides of different length, and times that no clock can show, have no ratio."""
    with pytest.raises(ValueError, match=r"no pairs|above zero"):
        log_ratios(baseline=baseline, candidate=candidate)


def test_the_null_distribution_of_three_ranks() -> None:
    """Of the 8 subsets of {1, 2, 3}, the sums 0 to 6 have 1, 1, 1, 2, 1, 1, 1."""
    assert signed_rank_chances(3) == [count / 8 for count in (1, 1, 1, 2, 1, 1, 1)]


def test_the_smallest_p_value_is_one_subset_of_all() -> None:
    """With 5 values all above the margin only 1 of 2^5 sign patterns is as extreme: p = 1/32."""
    assert signed_rank_p([1, 2, 3, 4, 5], margin=0, side="greater") == pytest.approx(1 / 32)


def test_one_small_value_on_the_other_side_doubles_it() -> None:
    """With rank 1 alone negative, W- = 1, which the subsets {} and {1} reach: p = 2/32."""
    assert signed_rank_p([-1, 2, 3, 4, 5], margin=0, side="greater") == pytest.approx(2 / 32)


def test_the_margin_is_what_is_tested() -> None:
    """Shifted by the margin, values and p-value are those of the test against zero."""
    assert signed_rank_p([11, 12, 13, 14, 15], margin=10, side="greater") == pytest.approx(1 / 32)


def test_values_on_the_margin_prove_nothing() -> None:
    """Where all values lie on the margin no sign is left to count: p = 1."""
    assert signed_rank_p([0.5, 0.5], margin=0.5, side="less") == 1.0


def test_shared_ranks_do_not_make_a_p_value_smaller() -> None:
    """Five equal values share rank 3: the sum is 15 as without ties, and so is p = 1/32."""
    assert signed_rank_p([2, 2, 2, 2, 2], margin=0, side="greater") == pytest.approx(1 / 32)


def test_the_hodges_lehmann_estimate_is_the_median_of_walsh_averages() -> None:
    """Of 1, 2, 4 the averages are 1, 1.5, 2, 2.5, 3, 4; their median is 2.25."""
    assert hodges_lehmann([1, 2, 4]) == 2.25


def test_the_interval_inverts_the_test() -> None:
    """For n = 6, P(W <= 0) = 1/64 = 1.6 % is within 2.5 % and P(W <= 1) = 2/64 is not: the extremes themselves."""
    assert walsh_interval([1, 2, 3, 4, 5, 6], confidence=0.95) == (1, 6)


def test_a_lower_confidence_takes_the_next_walsh_averages() -> None:
    """For n = 6 and 90 %, P(W <= 1) = 2/64 = 3.1 % is within 5 % and P(W <= 2) = 3/64 = 4.7 % too, not 5/64: the third.

    The Walsh averages of 1 to 6 begin 1, 1.5, 2 and end 5, 5.5, 6.
    """
    assert walsh_interval([1, 2, 3, 4, 5, 6], confidence=0.90) == (2, 5)


def test_holm_multiplies_the_smallest_most() -> None:
    """Of 0.01, 0.02, 0.04: 3 x 0.01 = 0.03, 2 x 0.02 = 0.04, 1 x 0.04 = 0.04."""
    assert holm({"a": 0.04, "b": 0.01, "c": 0.02}) == pytest.approx({"b": 0.03, "c": 0.04, "a": 0.04})


def test_holm_never_decreases() -> None:
    """Of 0.02 and 0.021: 2 x 0.02 = 0.04, and the second is raised from 0.021 to 0.04."""
    assert holm({"a": 0.02, "b": 0.021}) == pytest.approx({"a": 0.04, "b": 0.04})


@pytest.mark.parametrize(
    ("effect", "conclusion"),
    [
        (0.10, Conclusion.SLOWER),
        (0.05, Conclusion.SLOWER),
        (0.0, Conclusion.NOT_SLOWER),
        (-0.2, Conclusion.NOT_SLOWER),
    ],
)
def test_clear_effects_are_decided_at_the_first_look(effect: float, conclusion: Conclusion) -> None:
    """Twelve pairs with little noise prove a slowdown of 5 %, and prove the absence of one."""
    # All 12 on one side: p = 1/4096, times 4 looks = 0.00098, below 0.05.
    (decision,) = decide({"list": around(effect)}, Margins()).values()
    assert decision.conclusion is conclusion
    assert decision.effect == pytest.approx(effect, abs=0.001)


def test_an_effect_between_the_margins_with_noise_is_undecided() -> None:
    """3.5 % with noise that spans both margins proves neither side."""
    (decision,) = decide({"list": around(0.035, noise=5)}, Margins()).values()
    assert decision.conclusion is Conclusion.UNDECIDED


def test_too_few_pairs_are_undecided_however_clear() -> None:
    """Eleven pairs of a doubled time decide nothing: the first look is at twelve."""
    (decision,) = decide({"list": around(1.0)[:11]}, Margins()).values()
    assert decision.conclusion is Conclusion.UNDECIDED


def test_pairs_beyond_a_look_wait_for_the_next_one() -> None:
    """Fifteen pairs are judged by the first twelve: whoever peeks in between decides nothing with it."""
    # Twelve harmless pairs, then three terrible ones: at the look of 12 nothing is slow.
    (decision,) = decide({"list": [*around(0.0), 1.0, 1.1, 1.2]}, Margins()).values()
    assert decision.conclusion is Conclusion.NOT_SLOWER


def test_many_scenarios_raise_the_bar_for_a_slowdown_and_not_for_a_pass() -> None:
    """A p-value that fails alone does not among 60 scenarios; each harmless scenario passes as before."""
    # Alone: 4 x 1/4096 = 0.001. Among 60: 60 x 0.001 = 0.0586, above 0.05.
    scenarios = {f"quiet-{number}": around(0.0) for number in range(59)} | {"slow": around(0.06)}
    decisions = decide(scenarios, Margins())
    conclusions = {name: each.conclusion for name, each in decisions.items()}
    assert conclusions.pop("slow") is Conclusion.UNDECIDED
    assert set(conclusions.values()) == {Conclusion.NOT_SLOWER}
    assert decide({"slow": around(0.06)}, Margins())["slow"].conclusion is Conclusion.SLOWER
