"""Allowlist of targets: the origins that may be put under load, exactly as written, and how much each may get."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from reglab.config.toml_files import parse, read_text
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.profiles import Profile

# Measured on two busy cores: 3,000/s in time (p99 lateness 2.9 ms), late from 4,000/s.
ARRIVALS_PER_WORKER: Final = 3_000
STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Target:
    """An origin that may be put under load, exactly as written, and the most that it may get."""

    origin: Annotated[str, Field(pattern=r"^https?://[a-z0-9.\[\]:-]+$")]
    environment: Literal["development", "test", "staging"]
    rate_rps_max: Annotated[float, Field(gt=0)]
    seconds_max: Annotated[float, Field(gt=0)]
    writes_max: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Targets:
    """The allowlist."""

    schema_version: Literal[1]
    target: tuple[Target, ...]


_ADAPTER: Final = TypeAdapter(Targets)


def allowed_target(origin: str, *, targets: Path, variables: Mapping[str, str] = os.environ) -> Target:
    """Return the allowlist's entry of an origin: from `targets`, unless LOADTEST_TARGETS names another file.

    Raises UnsafeTargetError where there is none.
    """
    path = Path(variables.get("LOADTEST_TARGETS") or targets)
    try:
        allowed = parse(read_text(path), path=str(path), adapter=_ADAPTER, tables={"": Targets, "target": Target})
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
