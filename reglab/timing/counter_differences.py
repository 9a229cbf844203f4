"""Differences of the two sides' work counters, which explain a slower side; most telling first."""

from collections.abc import Iterator, Sequence
from typing import Final

from reglab.counters.engine.definition import CounterMetric, Kept
from reglab.counters.engine.registry import counted_metrics
from reglab.report.records import Evidence, Measurement, Number

_KEPT: Final = 6


def work_difference(
    *, baseline: Sequence[Measurement], candidate: Sequence[Measurement], same_interpreter: bool = True
) -> tuple[Evidence, ...]:
    """Say what the candidate does more than the baseline, with statement and source line, then what it does less.

    Two interpreters have calls and instructions of their own: these are then left out.
    """
    found = [
        evidence
        for metric in explaining()
        if same_interpreter or metric.kept is not Kept.INTERPRETER
        for evidence in _differences(metric, baseline=baseline, candidate=candidate)
    ]
    return tuple(sorted(found, key=lambda each: each.text.startswith("-")))[:_KEPT]


def explaining() -> list[CounterMetric]:
    """Return the counters in the order in which they explain time: statements before rows, rows before calls."""
    return sorted((metric for metric in counted_metrics() if metric.time_rank), key=lambda metric: metric.time_rank)


def totals(counts: Sequence[Measurement]) -> dict[CounterMetric, int]:
    """Sum each explaining counter over its parts."""
    return {
        metric: sum(int(count.value) for count in counts if count.metric is metric)
        for metric in explaining()
        if any(count.metric is metric for count in counts)
    }


def _differences(
    metric: CounterMetric, *, baseline: Sequence[Measurement], candidate: Sequence[Measurement]
) -> Iterator[Evidence]:
    ours = {count.part: count for count in candidate if count.metric is metric}
    theirs = {count.part: count for count in baseline if count.metric is metric}
    if not ours and not theirs:
        return
    for part in dict.fromkeys([*ours, *theirs]):
        nothing = Measurement(metric=metric, values=(0,), part=part)
        before, after = theirs.get(part, nothing), ours.get(part, nothing)
        # A call more or less is no reason for a slowdown.
        if abs(after.value - before.value) > before.value * metric.noise_fraction:
            yield _told(metric, before, after)


def _told(metric: CounterMetric, before: Measurement, after: Measurement) -> Evidence:
    blamed = _blamed(before, after)
    part = f" of {after.part}" if after.part else ""
    text = f"{after.value - before.value:+,} {_unit(metric, after.value - before.value)}{part}"
    text += f" ({after.value:,} against {before.value:,})"
    if blamed is None:
        return Evidence(kind="hint", text=text)
    return Evidence(
        kind=blamed.kind,
        text=f"{text}: {blamed.text}",
        source=blamed.source,
        frames=blamed.frames,
        table=blamed.table,
    )


def _blamed(before: Measurement, after: Measurement) -> Evidence | None:
    """Return the evidence that occurs most more often on the side that does more."""
    less, more = (before, after) if after.value > before.value else (after, before)
    known = {(each.text): each.count for each in less.evidence}
    return max(more.evidence, key=lambda each: each.count - known.get(each.text, 0), default=None)


def _unit(metric: CounterMetric, amount: Number) -> str:
    if metric.unit_of_one:
        return metric.unit_of_one if abs(amount) == 1 else _plural(metric.unit_of_one)
    return metric.name.replace("_", " ")


def _plural(unit: str) -> str:
    """Return "queries" of "query", "scans without an index" of "scan without an index"."""
    noun, space, rest = unit.partition(" ")
    return f"{noun[:-1]}ies{space}{rest}" if noun.endswith("y") else f"{noun}s{space}{rest}"
