"""The kinds of trials of a calibration: what is planted, and whether the machine is busy meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# The scenario that a slowdown is planted into.
SLOWED: Final = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Comparisons of one kind. `delay` is the planted slowdown as a fraction of a request's time, 0 for none."""

    name: str
    delay: float
    is_noisy: bool
    wanted: int

    @property
    def slowed(self) -> str:
        """The scenario that is slowed down as this kind wants it; its name where nothing is planted."""
        return f"{SLOWED}-slower-by-{self.delay:.0%}".rstrip("%") if self.delay else SLOWED

    def scenarios(self, compared: Sequence[str]) -> list[str]:
        """Return what a trial of this kind compares, from what a comparison does."""
        return [self.slowed if name == SLOWED else name for name in compared]


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
