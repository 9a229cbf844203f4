"""Base of the rules for exact metrics: a tolerance, and the refusal of metrics that vary by themselves."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic.dataclasses import dataclass

from reglab.metrics import METRICS, Assumption
from reglab.report.rules.base import STRICT, Rule


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExactRule(Rule):
    """A test for equality, within `tolerance` (a fraction, 0 unless the counter is known to jitter)."""

    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @field_validator("metrics")
    @classmethod
    def _are_exact(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name in METRICS and METRICS[name].assumption is not Assumption.EXACT:
                raise ValueError(f"{name!r} is sampled: it varies by itself and cannot be tested for equality")
        return names
