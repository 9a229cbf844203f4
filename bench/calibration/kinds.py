"""The kinds of trials of a calibration: what is planted, and whether the machine is busy meanwhile."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Comparisons of one kind. `delay` is the planted slowdown as a fraction of a request's time, 0 for none."""

    name: str
    delay: float
    is_noisy: bool
    wanted: int


KINDS: Final = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(name="same-quiet", delay=0.0, is_noisy=False, wanted=100),
            Kind(name="same-noisy", delay=0.0, is_noisy=True, wanted=50),
            Kind(name="5-percent-quiet", delay=0.05, is_noisy=False, wanted=40),
            Kind(name="10-percent-quiet", delay=0.10, is_noisy=False, wanted=40),
            Kind(name="10-percent-noisy", delay=0.10, is_noisy=True, wanted=40),
        )
    }
)
