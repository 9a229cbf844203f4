"""Growth over a soak: judged by its slope with an interval, whatever the noise around it."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from reglab.config.profile import Profile
from reglab.load.figures.growth import growth_of
from reglab.load.profiles import find_profile
from reglab.load.server.server_measurements import server_measurements
from reglab.load.server.server_monitor import ProcessSample, ServerSample
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy

HOUR_S = 3_600
SOAK = find_profile("soak")
BYTES = 200_000_000


def samples(
    *, leaked: float = 0.0, opened: float = 0.0, noise: float = 0.005, seconds: int = HOUR_S
) -> list[ServerSample]:
    """Return the samples of a load whose memory grows by a share an hour, and which opens sessions for good."""
    drawn = Random(7)  # noqa: S311  # reproducible is the point
    ramp_s = int(SOAK.stage[0].seconds)
    return [
        ServerSample(
            at=float(at),
            service=ProcessSample(
                cpu_percent=20.0,
                memory_bytes=round(BYTES * (1 + leaked * at / HOUR_S + drawn.gauss(0, noise))),
            ),
            database=None,
            connections=9 + int(opened * at / HOUR_S) + (drawn.random() < 0.1),
            is_ready=True,
        )
        for at in range(ramp_s, ramp_s + seconds)
    ]


def outcomes(found: list[ServerSample], *, profile: Profile = SOAK) -> set[Outcome]:
    """Return what the policy's rules on a soak find."""
    lines = server_measurements(profile, found, started_at=0.0, connections_limit=100)
    measured = [replace(line, instrument="load") for line in lines]
    rules = [rule for rule in read_policy().rule if rule.name.startswith("soak-")]
    chosen = [(rule, [line for line in measured if rule.selects(line)]) for rule in rules]
    return {finding.outcome for rule, lines in chosen if lines for finding in rule.findings(lines)}


def test_memory_that_stays_passes() -> None:
    """Noise of half a percent, and a session that comes and goes, are no growth."""
    assert outcomes(samples()) == {Outcome.PASS}


@pytest.mark.parametrize("fault", [{"leaked": 0.05}, {"opened": 12.0}])
def test_what_grows_for_good_fails(fault: dict[str, Any]) -> None:
    """Five percent of memory an hour, or a session more every five minutes, is proven within the hour."""
    assert Outcome.FAIL in outcomes(samples(**fault))


def test_noise_that_hides_a_slope_decides_nothing() -> None:
    """Where the interval reaches beyond the limit on one side alone, the soak is inconclusive and never a pass."""
    assert outcomes(samples(leaked=0.02, noise=0.2)) == {Outcome.INCONCLUSIVE, Outcome.PASS}


def test_the_slope_is_the_one_that_was_put_in() -> None:
    """A line of 10 a hour on 100 at its middle: 10 % an hour, exactly, and the interval is a point."""
    # From 0.25 h to 1 h the middle is 0.625 h: 93.75 + 10 * 0.625 = 100.
    growth = growth_of([(float(at), 93.75 + 10 * at / HOUR_S) for at in range(HOUR_S + 1)])
    assert growth is not None
    assert growth.slope == pytest.approx(10, abs=0.01)
    assert [growth.lower, growth.upper] == pytest.approx([10, 10], abs=0.01)


def test_memory_that_fills_at_the_start_and_then_stays_is_no_growth() -> None:
    """What caches and pools take in the first quarter is left out."""
    growth = growth_of([(float(at), 200.0 + min(at // 300, 3)) for at in range(HOUR_S)])
    assert growth is not None
    assert (growth.slope, growth.lower, growth.upper) == (0, 0, 0)


def test_memory_that_still_fills_after_half_an_hour_is_growth() -> None:
    """Steps until minute 40 and none afterwards are proven growth: that they have ended, the load has not shown."""
    growth = growth_of([(float(at), 200.0 + min(at // 300, 8)) for at in range(HOUR_S)])
    assert growth is not None
    assert growth.lower > 0


def test_a_worker_that_restarts_is_no_growth() -> None:
    """A step down for a minute moves the slope by nothing that counts."""
    found = [(float(at), 100.0 if 1_800 <= at < 1_860 else 200.0) for at in range(HOUR_S)]
    growth = growth_of(found)
    assert growth is not None
    assert abs(growth.slope) < 0.01


def test_a_short_load_says_nothing_of_growth() -> None:
    """Below half an hour a slope an hour would be a guess: none is recorded."""
    assert growth_of([(float(at), 1.0) for at in range(1_700)]) is None
    assert outcomes(samples(leaked=0.5, seconds=1_700)) == set()
