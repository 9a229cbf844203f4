"""Counts of one scenario, as a test asks for them: a name that nothing counts is an error, never 0."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from reglab.config.nearest_word import nearest
from reglab.counters.engine.definition import Depth
from reglab.counters.engine.point_bench import Taking
from reglab.counters.engine.registry import counted_metrics, definitions
from reglab.metrics import METRICS
from reglab.project.data.databases import own_aliases
from reglab.report.records import Evidence

_VERBS = ("insert", "update", "delete", "select")


class CountedNumber(int):
    """A counted number that knows its metric and evidence, so that a failing assertion can show the statements."""

    metric: str
    shown: str

    def __new__(cls, value: int, *, metric: str, evidence: tuple[Evidence, ...]) -> Self:
        """Make the number."""
        number = super().__new__(cls, value)
        number.metric = metric
        number.shown = listed(evidence)
        return number

    def __deepcopy__(self, _memo: dict[int, Any]) -> int:
        """Copy the number alone: inline-snapshot copies what it writes down."""
        return int(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one scenario counted. `counted["queries"]`; `counted["rows_written", "shop_order update"]` for a part.

    `deeper` counts again, what is slow to count too.
    """

    name: str
    taking: Taking
    values: Mapping[tuple[str, str], int] = field(default_factory=dict)
    deeper: Callable[[Depth], "Counted"] | None = None
    _deeper_counts: dict[Depth, "Counted"] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str | tuple[str, str]) -> CountedNumber:
        """Return a counter, or one part of it; without the part, the sum of its parts. What never occurred is 0.

        Raises KeyError, with the nearest names, for a counter or a part that nothing could have counted.
        """
        metric, part = _metric_and_part(key)
        self._refuse_unknown(metric)
        if (counted := self._at_depth_of(metric)) is not self:
            return counted[key]
        found = {held: value for (name, held), value in self.values.items() if name == metric}
        if part is not None and part not in found:
            _refuse_unknown_part(metric, part, known=list(found))
        value = sum(found.values()) if part is None else found.get(part, 0)
        return CountedNumber(value, metric=metric, evidence=self._evidence(metric, part))

    def evidence(self, metric: str) -> tuple[Evidence, ...]:
        """Return what explains a counter: statements, writers, plans, with their source lines. Raises KeyError."""
        self._refuse_unknown(metric)
        return self._at_depth_of(metric)._evidence(metric, None)  # noqa: SLF001  # one of this class

    def check(self) -> None:
        """Raise AssertionError where the scenario did not answer as declared, or wrote outside its write-set."""
        if self.taking.complaint:
            raise AssertionError(f"{self.name}: {self.taking.complaint}")
        if self.taking.breaches:
            told = [one for breach in self.taking.breaches for one in breach.evidence]
            raise AssertionError(f"{self.name} does not keep its write-set:\n{listed(told)}")

    def _at_depth_of(self, metric: str) -> "Counted":
        """Return the counts that hold a metric: of another execution, where it is too slow to count it each time."""
        depth = next((one.depth for one in definitions().values() if metric in {m.name for m in one.metrics}), None)
        is_here = depth is None or depth is Depth.DATABASE or any(name == metric for name, _ in self.values)
        if is_here or depth is None or self.deeper is None:
            return self
        if depth not in self._deeper_counts:
            self._deeper_counts[depth] = replace(self.deeper(depth), deeper=None)
        return self._deeper_counts[depth]

    def _evidence(self, metric: str, part: str | None) -> tuple[Evidence, ...]:
        return tuple(
            one
            for count in self.taking.counts
            if count.metric.name == metric and (part is None or count.part == part)
            for one in count.evidence
        )

    def _refuse_unknown(self, metric: str) -> None:
        refuse_unknown_metric(metric, counted_here={name for name, _ in self.values})


def _metric_and_part(key: Any) -> tuple[str, str | None]:
    words = key if isinstance(key, tuple) else (key,)
    if not 1 <= len(words) <= 2 or not all(isinstance(word, str) for word in words):
        raise KeyError(
            f'{key!r} names no counter: ask for counted["queries"], or with a part for '
            'counted["rows_changed", "TABLE update"]'
        )
    return words[0], words[1] if len(words) > 1 else None


def refuse_unknown_metric(metric: str, *, counted_here: Collection[str] = ()) -> None:
    """Raise KeyError, with the nearest name, for a counter that nothing counts; a metric of another instrument too."""
    counters = {one.name for one in counted_metrics()}
    if metric not in counters and metric not in counted_here:
        known = sorted(counters | set(counted_here))
        raise KeyError(f"no counter is called {metric!r}{nearest(str(metric), known)}")


def _refuse_unknown_part(metric: str, part: str, *, known: list[str]) -> None:
    """Refuse a part that could never have a count: a table or a verb that does not exist."""
    if not getattr(METRICS[metric], "is_parted", False):
        raise KeyError(f"{metric} has no parts; ask for counted[{metric!r}]")
    if metric == "answer":
        raise KeyError(f"the answer has no field {part!r}{nearest(part, known)}")
    table, _, verb = part.partition(" ")
    tables = _tables()
    if table.rstrip(":") not in tables:
        raise KeyError(f"no table is called {table!r}{nearest(table, tables)}")
    if verb and verb.split()[0] not in _VERBS and not any(one.partition(" ")[2] == verb for one in known):
        raise KeyError(f"{part!r}: {verb!r} is none of {', '.join(_VERBS)}")


def _tables() -> list[str]:
    from django.db import connections

    return [name for alias in own_aliases() for name in connections[alias].introspection.table_names()]


def listed(evidence: Any) -> str:
    """Return evidence as an indented list: what, how often, and the source line of each."""
    lines = []
    for one in evidence:
        times = f"{one.count} x " if one.count > 1 else ""
        lines.append(f"  {times}{one.text}")
        lines.extend(f"      at {place}" for place in (one.source, *one.frames) if place)
    return "\n".join(lines)
