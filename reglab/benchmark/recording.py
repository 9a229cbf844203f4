"""From pytest-benchmark's JSON to lines of a record: figures, bounds of pairs, pairs that nobody judges."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from reglab.benchmark.bounds import AFTER, BEFORE, Bound, SideFigures, broken_bounds
from reglab.counters.queries import INSERTS, QUERIES
from reglab.metrics import METRICS, Metric
from reglab.report.policy import Policy
from reglab.report.records import Evidence, Measurement, Number, Remark, RemarkKind

_NAMED: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One measured test: its full name, what it says of itself, and the seconds of its rounds."""

    name: str
    info: dict[str, Any]
    seconds: tuple[float, ...]

    @property
    def is_of_a_pair(self) -> bool:
        """Whether it is one side of a before/after pair."""
        return self.info.get("variant") in {BEFORE, AFTER} and bool(self.info.get("scenario"))

    @property
    def figures(self) -> SideFigures:
        """The figures of the side."""
        counts = {metric.name: self.info[metric.name] for metric in (QUERIES, INSERTS) if metric.name in self.info}
        return SideFigures(counts=counts, seconds=self.seconds)


def benchmarks_in(raw: Path) -> list[Benchmark]:
    """Read what pytest-benchmark has measured; nothing where it wrote no file."""
    if not raw.exists() or not raw.stat().st_size:
        return []
    return [
        Benchmark(name=one["fullname"], info=dict(one["extra_info"]), seconds=tuple(one["stats"]["data"]))
        for one in json.loads(raw.read_text(encoding="utf-8"))["benchmarks"]
    ]


def lines_of(benchmarks: Sequence[Benchmark], policy: Policy, *, is_whole: bool) -> Iterator[Measurement | Remark]:
    """Give every figure, then what each pair breaks of its bounds, then what nobody judges.

    Where a test failed (not `is_whole`), that is told; the bounds of a side without figures are not told once more.
    """
    for one in benchmarks:
        yield from _figures(one)
    pairs: dict[str, dict[str, Benchmark]] = {}
    for one in benchmarks:
        if one.is_of_a_pair:
            pairs.setdefault(one.info["scenario"], {})[one.info["variant"]] = one
    for scenario, sides in pairs.items():
        yield from _of_pair(scenario, sides, policy, is_whole=is_whole)
    plain = [one.name for one in benchmarks if not one.is_of_a_pair]
    if plain:
        named = ", ".join(plain[:_NAMED]) + (", …" if len(plain) > _NAMED else "")
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{len(plain)} plain benchmark{'' if len(plain) == 1 else 's'}, recorded, judged by nobody: {named}",
            next_step="Declare a pair with its bounds where one is to be judged: reglab.benchmark.pairs.Pair.",
        )


def _figures(one: Benchmark) -> Iterator[Measurement]:
    info = one.info
    source = (Evidence(kind="hint", text=one.name, source=str(info.get("declared_at", ""))),)
    counts = [(metric, (info[metric.name],)) for metric in (QUERIES, INSERTS) if metric.name in info]
    figures: list[tuple[Metric, tuple[Number, ...]]] = [*counts, (METRICS["seconds"], one.seconds)]
    for metric, values in figures:
        yield Measurement(
            scenario=str(info.get("scenario") or one.name),
            endpoint=str(info.get("endpoint", "")),
            variant=str(info.get("variant", "")),
            metric=metric,
            values=values,
            evidence=source,
        )


def _of_pair(scenario: str, sides: dict[str, Benchmark], policy: Policy, *, is_whole: bool) -> Iterator[Measurement]:
    one = next(iter(sides.values()))
    place = str(one.info.get("declared_at", "")) or one.name
    bounds = {name: Bound.read(values) for name, values in one.info.get("bounds", {}).items()}
    endpoint = str(one.info.get("endpoint", ""))
    is_judged = bool(bounds) or any(
        rule.instrument == "benchmark" and fnmatchcase(scenario, rule.scenario) and rule.scenario != "*"
        for rule in policy.rule
    )
    figures = {name: side.figures for name, side in sides.items()}
    # A side that failed is told already: without it there is nothing to hold against the bounds.
    if bounds and (is_whole or figures.keys() == {BEFORE, AFTER}):
        broken = list(broken_bounds(bounds, before=figures.get(BEFORE), after=figures.get(AFTER)))
        yield Measurement(
            scenario=scenario,
            endpoint=endpoint,
            metric=METRICS["pair_bounds_broken"],
            values=(len(broken),),
            evidence=tuple(Evidence(kind="hint", text=text, source=place) for text in broken),
        )
    text = (
        f"{place}: the pair {scenario!r} has no bounds, and no rule of the policy names it; add what it promises, as "
        "in `queries_after=1, times_faster=4` in its Pair(…)"
    )
    yield Measurement(
        scenario=scenario,
        endpoint=endpoint,
        metric=METRICS["unjudged_pairs"],
        values=(0 if is_judged else 1,),
        evidence=() if is_judged else (Evidence(kind="hint", text=text),),
    )
