"""Allowlist of targets: the origins that may be put under load, exactly as written, and how much each may get."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reglab.config.profile import Profile
from reglab.config.reader import read_toml
from reglab.config.targets import Target, Targets
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import PlannedCounts

# Measured on two busy cores: 3,000/s in time (p99 lateness 2.9 ms), late from 4,000/s.
ARRIVALS_PER_WORKER: Final = 3_000


def allowed_target(origin: str, *, targets: Path, variables: Mapping[str, str] = os.environ) -> Target:
    """Return the allowlist's entry of an origin: from `targets`, unless LOADTEST_TARGETS names another file.

    Raises UnsafeTargetError where there is none.
    """
    path = Path(variables.get("LOADTEST_TARGETS") or targets)
    try:
        allowed = read_toml(path, Targets, error=LoadTestError).content
    except FileNotFoundError:
        raise LoadTestError(f"{path}: no such file; LOADTEST_TARGETS names the list of allowed targets") from None
    for target in allowed.target:
        if target.origin == origin:
            return target
    raise UnsafeTargetError(
        f"{origin} is not in {path}: nothing was sent. An origin is scheme, host and port, exactly as it is listed."
    )


def check_workers(profile: Profile, *, workers: int, variables: Mapping[str, str] = os.environ) -> None:
    """Raise LoadTestError where a rate needs more load-generating processes than there are.

    A process is taken to send ARRIVALS_PER_WORKER a second, or what LOADTEST_ARRIVALS_PER_WORKER says of yours.
    """
    try:
        each = float(variables.get("LOADTEST_ARRIVALS_PER_WORKER") or ARRIVALS_PER_WORKER)
    except ValueError:
        raise LoadTestError("LOADTEST_ARRIVALS_PER_WORKER is no number") from None
    needed = math.ceil(profile.peak_rps / each)
    if needed > workers:
        raise LoadTestError(
            f"profile {profile.name} asks for {profile.peak_rps:g} arrivals a second: that needs {needed} "
            f"load-generating workers, each with a core of its own, and there are {workers} ({each:g}/s each; "
            "LOADTEST_ARRIVALS_PER_WORKER says what yours send)"
        )


def check_caps(target: Target, *, profile: Profile, planned: PlannedCounts) -> None:
    """Raise LoadTestError where a profile asks more than the target may get."""
    writes = planned.writes + sum(profile.data.values())
    for name, asked, allowed in (
        ("arrivals a second", profile.peak_rps, target.rate_rps_max),
        ("seconds", profile.seconds, target.seconds_max),
        ("writes", writes, target.writes_max),
    ):
        if asked > allowed:
            raise LoadTestError(
                f"profile {profile.name} asks for {asked:g} {name}; {target.origin} may get {allowed:g} at most"
            )
