"""Load profiles: reviewed TOML files that declare what arrives, how fast, and which part of it is judged."""

import math
from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from reglab.config.reader import PlacedError

STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Rate = Annotated[float, Field(ge=0, le=20_000)]
Weight = Annotated[float, Field(gt=0)]
RowCount = Annotated[int, Field(ge=0, le=100_000)]
WINDOWS_MAX: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Stage:
    """A stretch of a profile whose rate runs in a straight line from one value to the other.

    Rates are arrivals a second. Only a judged stage counts towards the verdict: ramps are not.
    """

    name: Name
    seconds: Annotated[float, Field(gt=0, le=6 * 3600)]
    from_rps: Rate
    to_rps: Rate
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Abort:
    """When to give up early: this share of failures over the last seconds, with at least so many arrivals."""

    failure_rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    window_seconds: Annotated[int, Field(ge=1)] = 5
    arrivals_min: Annotated[int, Field(ge=1)] = 50


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Search:
    """How a breakpoint profile looks for capacity: from a rate upwards by a factor, then halving the gap.

    `precision` ends the search: the smallest failing rate over the largest passing one, minus 1. A capacity that is
    proven to lie below `capacity_rps_min` fails.
    """

    start_rps: Annotated[float, Field(gt=0, le=20_000)]
    growth: Annotated[float, Field(gt=1, le=10)] = 2.0
    precision: Annotated[float, Field(gt=0, le=1)] = 0.15
    probes_max: Annotated[int, Field(ge=2, le=50)] = 10
    capacity_rps_min: Annotated[float, Field(ge=0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Profile:
    """A load test's configuration. `mix` weighs operations; `timeout_seconds` counts from the moment of sending.

    `data` counts the rows that are made before the load, under names that the project's own load module gives them.
    """

    schema_version: Literal[1]
    name: Name
    reason: str
    seed: Annotated[int, Field(ge=0)]
    stage: Annotated[tuple[Stage, ...], Field(min_length=1)]
    mix: Annotated[dict[str, Weight], Field(min_length=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    in_flight_max: Annotated[int, Field(ge=1, le=900)] = 200
    samples_min: Annotated[int, Field(ge=1)] = 300
    dispatch_late_ms_p99_max: Annotated[float, Field(gt=0)] = 100.0
    generator_cpu_percent_max: Annotated[float, Field(gt=0, le=100)] = 90.0
    data: dict[str, RowCount] = Field(default_factory=dict)
    abort: Abort = Abort()
    search: Search | None = None

    @model_validator(mode="after")
    def _sends_and_judges_something(self) -> "Profile":
        if not any(stage.judged for stage in self.stage):
            raise PlacedError("no stage is judged, so nothing could be decided; set judged = true on one", "stage")
        if not any(stage.from_rps or stage.to_rps for stage in self.stage):
            raise PlacedError("every rate is 0, so nothing would be sent", "stage")
        return self

    def at_rate(self, rate_rps: float) -> "Profile":
        """Return this profile with every stage's rate scaled so that its peak is `rate_rps`."""
        factor = rate_rps / self.peak_rps
        stages = tuple(
            replace(stage, from_rps=stage.from_rps * factor, to_rps=stage.to_rps * factor) for stage in self.stage
        )
        return replace(self, stage=stages)

    @property
    def seconds(self) -> float:
        """How long arrivals go on."""
        return sum(stage.seconds for stage in self.stage)

    @property
    def window_seconds(self) -> float:
        """How long one point of the time line of percentiles is: a second, or more in a long load."""
        return max(1.0, math.ceil(self.seconds / WINDOWS_MAX))

    def target_rps(self, at_s: float) -> float:
        """Return the rate that the profile asks for at a moment of the load."""
        begun = 0.0
        for stage in self.stage:
            if at_s < begun + stage.seconds:
                return stage.from_rps + (stage.to_rps - stage.from_rps) * (at_s - begun) / stage.seconds
            begun += stage.seconds
        return 0.0

    @property
    def peak_rps(self) -> float:
        """The largest rate of any stage."""
        return max(max(stage.from_rps, stage.to_rps) for stage in self.stage)
