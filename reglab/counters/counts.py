"""Value of a work counter, and the shape that all counters share."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from reglab.report.records import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One value of one work counter, from one execution of a scenario.

    `metric` is a name of reglab.metrics.METRICS; `part` divides it ("orders_order update"); evidence explains the
    value, the most likely cause first.
    """

    metric: str
    value: int
    part: str = ""
    evidence: tuple[Evidence, ...] = ()


class Counter(Protocol):
    """A context manager around one execution of a scenario; `counts()` is read after it was left."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def counts(self) -> tuple[Count, ...]:
        """Return what was counted between entering and leaving."""
        ...
