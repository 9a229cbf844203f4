"""Each kind of rule on samples made by hand: a regression and a neutral case each."""

from typing import Any

import pytest

from reglab.report.checksums import checksum_of
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Measurement
from reglab.report.rules.accepted import AcceptedRule
from reglab.report.rules.budget import BudgetRule
from reglab.report.rules.invariant import SameRule
from reglab.report.rules.ratio import RatioRule
from tests.report.making import sample

COMMON: dict[str, Any] = {"name": "a-rule", "instrument": "work", "reason": "because", "next_step": "mend it"}


def accepted(**more: Any) -> AcceptedRule:
    return AcceptedRule(test="accepted", metrics=("queries",), **COMMON, **more)


def budget(**more: Any) -> BudgetRule:
    return BudgetRule(test="budget", metrics=("queries",), unit="queries", **COMMON, **more)


def same(**more: Any) -> SameRule:
    return SameRule(test="same", metrics=("queries",), **COMMON, **more)


def ratio(**more: Any) -> RatioRule:
    bounds: dict[str, Any] = {"at_least": 10} if not more.keys() & {"at_least", "at_most"} else {}
    return RatioRule(
        test="ratio", metrics=("seconds",), numerator="before", denominator="after", **COMMON, **bounds, **more
    )


def sides(*, before: float, after: float) -> list[Measurement]:
    return [sample(before, metric="seconds", variant="before"), sample(after, metric="seconds", variant="after")]


def test_an_accepted_value_passes() -> None:
    """A counter that equals its ledger passes."""
    (finding,) = accepted().findings([sample(7, accepted=7)])
    assert (finding.outcome, finding.expected, finding.found) == (Outcome.PASS, "7 queries", "7 queries")


def test_one_query_more_fails() -> None:
    """One query above the ledger fails, and the finding says by how many."""
    (finding,) = accepted().findings([sample(8, accepted=7)])
    assert (finding.outcome, finding.expected, finding.found) == (Outcome.FAIL, "7 queries", "8 queries (+1)")


def test_one_query_fewer_fails() -> None:
    """Work that vanishes silently fails too, until somebody accepts it."""
    (finding,) = accepted().findings([sample(6, accepted=7)])
    assert finding.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("accepted_values", "values", "expected", "found"),
    [
        ([3], [4], "3", "4"),
        ([None], [True], "null", "true"),
        ([4], [4], "4", "4"),
        ([1, 2], ["a", "b"], "the accepted values", '"a", "b"'),
        (None, ["a"], "no such field", '"a"'),
        (["a"], None, "the accepted values", "no such field"),
    ],
)
def test_an_answer_is_told_in_values(
    accepted_values: list[Any] | None, values: list[Any] | None, expected: str, found: str
) -> None:
    """A checksum says nothing: where one small value is behind it that is told, else what was answered."""
    checksums = [checksum_of(each) if each is not None else 0 for each in (values, accepted_values)]
    shown = Evidence(kind="response", text=f"count: {', '.join(map(repr, values or ()))}".replace("'", '"'))
    rule = AcceptedRule(test="accepted", metrics=("answer",), **COMMON)
    measured = sample(checksums[0], metric="answer", part="count", accepted=checksums[1], evidence=[shown])
    (finding,) = rule.findings([measured])
    assert (finding.expected, finding.found) == (expected, found)
    assert (finding.outcome is Outcome.PASS) == (values == accepted_values)


def test_a_counter_without_an_accepted_value_fails() -> None:
    """A counter that the ledger does not hold is not a pass."""
    (finding,) = accepted().findings([sample(6)])
    assert (finding.outcome, finding.found) == (Outcome.FAIL, "6 queries, not in the ledger")


def test_a_tolerance_lets_a_counter_jitter_and_no_more() -> None:
    """With a tolerance of 0.001, 10,010 against 10,000 passes and 10,011 fails."""
    # 10,000 x 0.001 = 10
    outcomes = [accepted(tolerance=0.001).findings([sample(n, accepted=10_000)])[0].outcome for n in (10_010, 10_011)]
    assert outcomes == [Outcome.PASS, Outcome.FAIL]


def test_a_slack_lets_a_small_total_move_and_no_more() -> None:
    """With 2 % and a slack of 150, 150 more pass on 1,000 and 151 fail; on 10,000 the 2 % hold."""
    rule = accepted(tolerance=0.02, slack=150)
    found = [(1_150, 1_000), (1_151, 1_000), (10_200, 10_000), (10_201, 10_000)]
    outcomes = [rule.findings([sample(n, accepted=known)])[0].outcome for n, known in found]
    assert outcomes == [Outcome.PASS, Outcome.FAIL, Outcome.PASS, Outcome.FAIL]


def test_a_demoted_counter_is_a_note() -> None:
    """A counter that disagreed with itself is shown as a note, whatever its rule says."""
    (finding,) = accepted().findings([sample(8, accepted=7, gates=False)])
    assert finding.outcome is Outcome.NOTE


def test_a_rule_may_break_into_less_than_a_fail() -> None:
    """`breach` is what a broken rule comes to."""
    (finding,) = accepted(breach="inconclusive").findings([sample(8, accepted=7)])
    assert finding.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("bound", "value", "outcome"),
    [
        ({"at_most": 500}, 500, Outcome.PASS),
        ({"at_most": 500}, 500.1, Outcome.FAIL),
        ({"at_least": 100}, 100, Outcome.PASS),
        ({"at_least": 100}, 99, Outcome.FAIL),
        ({"at_least": 1, "at_most": 3}, 4, Outcome.FAIL),
        ({"equals": 1}, 1, Outcome.PASS),
        ({"equals": 1}, 2, Outcome.FAIL),
        ({"equals": 1}, 0, Outcome.FAIL),
    ],
)
def test_a_budget_is_kept_up_to_its_bound(bound: dict[str, float], value: float, outcome: Outcome) -> None:
    """A value on the bound passes, and the next one beyond it does not."""
    (finding,) = budget(**bound).findings([sample(value)])
    assert finding.outcome is outcome


def test_one_bad_value_of_many_breaks_a_budget() -> None:
    """A budget holds of every value: a bad one is not averaged away."""
    (finding,) = budget(at_most=10).findings([sample(1, 2, 11, 3)])
    assert (finding.outcome, finding.found) == (Outcome.FAIL, "11 queries")


def test_a_value_just_beyond_its_bound_is_not_rounded_onto_it() -> None:
    """What breaks a bound by less than the shown digits is shown in full."""
    (finding,) = budget(at_most=500).findings([sample(500.00001)])
    assert finding.found == "500.00001 queries"


def test_too_few_values_are_inconclusive() -> None:
    """Fewer values than a rule wants decide nothing, in either direction."""
    (finding,) = budget(at_most=10, min_samples=3).findings([sample(11, 12)])
    assert finding.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("metric", "bound", "outcome"),
    [
        ("requests", {"at_least": 100}, Outcome.INCONCLUSIVE),
        ("requests", {"equals": 100}, Outcome.INCONCLUSIVE),
        ("requests", {"at_most": 9}, Outcome.FAIL),
        ("requests", {"at_least": 1, "at_most": 9}, Outcome.FAIL),
        ("requests", {"at_least": 1}, Outcome.PASS),
        ("queries", {"at_least": 100}, Outcome.FAIL),
    ],
)
def test_an_interruption_explains_too_little_and_nothing_else(
    metric: str, bound: dict[str, Any], outcome: Outcome
) -> None:
    """Ten of what comes in over time may be too few for being cut short; too many, or an exact count, is proven."""
    rule = BudgetRule(test="budget", metrics=(metric,), unit="any", **COMMON, **bound)
    (finding,) = rule.findings([sample(10, metric=metric, is_cut_short=True)])
    assert finding.outcome is outcome


def test_an_interruption_never_makes_a_note_decide() -> None:
    """A rule whose breach is a note stays a note where its stage was interrupted."""
    rule = BudgetRule(test="budget", metrics=("requests",), unit="requests", at_least=100, breach="note", **COMMON)
    (finding,) = rule.findings([sample(10, metric="requests", is_cut_short=True)])
    assert finding.outcome is Outcome.NOTE


def test_a_counter_that_is_equal_at_every_size_passes() -> None:
    """The same count at 5 and at 50 rows is what the rule wants."""
    (finding,) = same().findings([sample(3, variant="orders=5"), sample(3, variant="orders=50")])
    assert finding.outcome is Outcome.PASS


def test_a_counter_that_grows_fails_with_its_values() -> None:
    """A count that grows with the data fails, and shows each size."""
    (finding,) = same().findings([sample(7, variant="orders=5"), sample(52, variant="orders=50")])
    assert (finding.outcome, finding.found) == (Outcome.FAIL, "7 at orders=5, 52 at orders=50")


def test_one_size_alone_proves_no_constancy() -> None:
    """With one variant nothing can be the same: inconclusive, not a pass."""
    (finding,) = same().findings([sample(3, variant="orders=5")])
    assert finding.outcome is Outcome.INCONCLUSIVE


def test_scenarios_are_compared_with_themselves_alone() -> None:
    """Two scenarios may have different counts: each is constant in itself."""
    samples = [
        sample(count, scenario=scenario, variant=variant)
        for scenario, count in (("orders", 3), ("summary", 1))
        for variant in ("orders=5", "orders=50")
    ]
    assert [finding.outcome for finding in same().findings(samples)] == [Outcome.PASS, Outcome.PASS]


def test_a_ratio_of_medians_that_is_large_enough_passes() -> None:
    """Medians of 0.2 and 0.01 make 20 times, and one slow round moves neither."""
    before = sample(0.2, 9.0, 0.2, metric="seconds", variant="before")
    after = sample(0.01, 0.01, 7.0, metric="seconds", variant="after")
    (finding,) = ratio().findings([before, after])
    assert (finding.outcome, finding.found) == (Outcome.PASS, "20.00x (0.2 against 0.01 s)")


def test_a_ratio_that_is_too_small_fails() -> None:
    """Nine times where ten were claimed fails."""
    (finding,) = ratio().findings(sides(before=9, after=1))
    assert (finding.outcome, finding.expected) == (Outcome.FAIL, "at least 10x")


def test_a_ratio_with_one_side_fails() -> None:
    """Where one side was not measured, there is no ratio and no pass."""
    (finding,) = ratio().findings([sample(9, metric="seconds", variant="before")])
    assert finding.outcome is Outcome.FAIL


def test_a_side_that_an_interruption_left_out_is_inconclusive() -> None:
    """Where the stage was stopped before the other side, nothing is proven against the subject."""
    (finding,) = ratio().findings([sample(9, metric="seconds", variant="before", is_cut_short=True)])
    assert finding.outcome is Outcome.INCONCLUSIVE


def test_a_ratio_over_nothing_is_inconclusive() -> None:
    """A denominator of 0 has no ratio: the clock was too coarse."""
    (finding,) = ratio().findings(sides(before=9, after=0.0))
    assert finding.outcome is Outcome.INCONCLUSIVE


def test_globs_select_samples() -> None:
    """A rule is about the samples that all of its globs match, and about no others."""
    rule = budget(at_most=1, scenario="order*", variant="orders=*")
    chosen = [rule.selects(sample(1, scenario=name, variant="orders=5")) for name in ("orders", "customers")]
    assert (chosen, rule.selects(sample(1, variant="items=5"))) == ([True, False], False)
