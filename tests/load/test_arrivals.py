"""Arrivals are a Poisson process at the profile's rate, the same for a seed however many workers share it."""

from itertools import pairwise
from pathlib import Path

import pytest
from scipy import stats

from loadtests.operations import LOAD
from reglab.config.profile import Profile, Stage
from reglab.load.generator.arrivals import Share, planned_arrivals, planned_counts
from reglab.load.profiles import find_profile
from tests.load.conftest import PROFILES


def profile_of(*stages: Stage, seed: int = 1, mix: dict[str, float] | None = None) -> Profile:
    """Return a profile with the given stages."""
    return Profile(
        schema_version=1, name="test", reason="A test.", seed=seed, stage=stages, mix=mix or {"list-orders": 1.0}
    )


def stage(*, seconds: float, from_rps: float, to_rps: float, judged: bool = True) -> Stage:
    """Return a stage."""
    return Stage(name="one", seconds=seconds, from_rps=from_rps, to_rps=to_rps, judged=judged)


def test_gaps_at_a_flat_rate_are_exponential() -> None:
    """At 50 arrivals/s the gaps follow an exponential law of mean 20 ms (Kolmogorov-Smirnov, fixed seed)."""
    times = [arrival.at_s for arrival in planned_arrivals(profile_of(stage(seconds=100, from_rps=50, to_rps=50)))]
    gaps = [after - before for before, after in zip([0.0, *times], times, strict=False)]
    assert stats.kstest(gaps, "expon", args=(0, 1 / 50)).pvalue > 0.01


def test_a_ramp_brings_as_many_arrivals_as_its_area() -> None:
    """From 0 to 100/s in 60 s the area is 3,000; a Poisson count lies within 4 standard deviations (55) of it."""
    count = planned_counts(profile_of(stage(seconds=60, from_rps=0, to_rps=100)), LOAD).arrivals
    assert abs(count - 3000) < 4 * 3000**0.5


def test_half_of_a_rising_ramps_arrivals_come_after_its_geometric_middle() -> None:
    """From 0 upwards half of the area lies before 1/√2 of the time: the median arrival is there, not in the middle."""
    times = [arrival.at_s for arrival in planned_arrivals(profile_of(stage(seconds=60, from_rps=0, to_rps=200)))]
    assert times[len(times) // 2] == pytest.approx(60 / 2**0.5, rel=0.03)


def test_arrivals_come_in_order_and_inside_their_stages() -> None:
    """Times never go back, and each lies in the stage that it names, over rises, falls and pauses."""
    stages = (
        stage(seconds=5, from_rps=0, to_rps=80),
        stage(seconds=3, from_rps=0, to_rps=0),
        stage(seconds=5, from_rps=80, to_rps=0),
    )
    bounds = [(0, 5), (5, 8), (8, 13)]
    arrivals = list(planned_arrivals(profile_of(*stages)))
    assert all(one.at_s <= other.at_s for one, other in pairwise(arrivals))
    assert all(bounds[each.stage][0] <= each.at_s <= bounds[each.stage][1] for each in arrivals)
    assert {each.stage for each in arrivals} == {0, 2}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_shares_are_the_whole_dealt_out(count: int) -> None:
    """However many workers there are, together they send exactly the arrivals that one alone would send."""
    profile = find_profile("smoke")
    dealt = [
        each for index in range(count) for each in planned_arrivals(profile, share=Share(index=index, count=count))
    ]
    assert sorted(dealt, key=lambda each: each.index) == list(planned_arrivals(profile))


def test_a_seed_gives_one_plan_and_another_seed_another() -> None:
    """The same seed draws the same arrivals again; the next seed draws others."""
    one, other = (profile_of(stage(seconds=5, from_rps=50, to_rps=50), seed=seed) for seed in (1, 2))
    assert list(planned_arrivals(one)) == list(planned_arrivals(one))
    assert list(planned_arrivals(one)) != list(planned_arrivals(other))


def test_the_mix_is_kept() -> None:
    """A scenario of weight 3 against 1 gets three quarters of 5,000 arrivals, within 4 standard deviations (2.5 %)."""
    profile = profile_of(stage(seconds=100, from_rps=50, to_rps=50), mix={"list-orders": 3.0, "add-item": 1.0})
    arrivals = list(planned_arrivals(profile))
    share = sum(each.scenario == "list-orders" for each in arrivals) / len(arrivals)
    assert share == pytest.approx(0.75, abs=0.025)


def test_the_counts_are_those_of_the_plan() -> None:
    """What is said beforehand of arrivals, writes and judged ones is what the plan then holds."""
    profile = find_profile("smoke")
    arrivals = list(planned_arrivals(profile))
    counts = planned_counts(profile, LOAD)
    assert counts.arrivals == len(arrivals)
    assert counts.writes == sum(each.scenario in LOAD.writes for each in arrivals)
    assert counts.judged == sum(profile.stage[each.stage].judged for each in arrivals)


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_each_committed_profile_can_be_read(path: Path) -> None:
    """Each file in loadtests/profiles is valid and named after itself."""
    assert find_profile(path.stem).name == path.stem
