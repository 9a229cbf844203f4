"""Differences of the two sides' work counters, which explain a slower side; most telling first."""

from collections.abc import Iterator, Sequence
from typing import Final

from reglab.counters.counts import Count
from reglab.report.records import Evidence

# In the order in which they explain time: statements before rows, rows before calls.
EXPLAINING: Final = (
    "queries",
    "rows_read",
    "rows_written",
    "blocks_read",
    "plan_rows",
    "unindexed_scans",
    "python_calls",
    "c_calls",
    "bytecodes",
    "response_bytes",
)
# A call more or less is no reason for a slowdown; of these, only a difference that the fail margin could not hide.
RELEVANT_FRACTION: Final = {"python_calls": 0.02, "c_calls": 0.02, "bytecodes": 0.02, "blocks_read": 0.02}
# They depend on the interpreter and on the packages, not on the subject alone.
INTERPRETERS: Final = frozenset({"python_calls", "c_calls", "bytecodes"})
_KEPT: Final = 6
_UNITS: Final = {
    "queries": ("query", "queries"),
    "unindexed_scans": ("scan without an index", "scans without an index"),
}


def work_difference(
    *, baseline: Sequence[Count], candidate: Sequence[Count], left_out: frozenset[str] = frozenset()
) -> tuple[Evidence, ...]:
    """Say what the candidate does more than the baseline, with statement and source line, then what it does less."""
    found = [
        evidence
        for metric in EXPLAINING
        if metric not in left_out
        for evidence in _differences(metric, baseline=baseline, candidate=candidate)
    ]
    return tuple(sorted(found, key=lambda each: each.text.startswith("-")))[:_KEPT]


def totals(counts: Sequence[Count]) -> dict[str, int]:
    """Sum each explaining counter over its parts."""
    return {
        metric: sum(count.value for count in counts if count.metric == metric)
        for metric in EXPLAINING
        if any(count.metric == metric for count in counts)
    }


def _differences(metric: str, *, baseline: Sequence[Count], candidate: Sequence[Count]) -> Iterator[Evidence]:
    ours = {count.part: count for count in candidate if count.metric == metric}
    theirs = {count.part: count for count in baseline if count.metric == metric}
    if not ours and not theirs:
        return
    for part in dict.fromkeys([*ours, *theirs]):
        nothing = Count(metric=metric, value=0, part=part)
        before, after = theirs.get(part, nothing), ours.get(part, nothing)
        if abs(after.value - before.value) > before.value * RELEVANT_FRACTION.get(metric, 0.0):
            yield _told(before, after)


def _told(before: Count, after: Count) -> Evidence:
    blamed = _blamed(before, after)
    part = f" of {after.part}" if after.part else ""
    text = f"{after.value - before.value:+,} {_unit(after.metric, after.value - before.value)}{part}"
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


def _blamed(before: Count, after: Count) -> Evidence | None:
    """Return the evidence that occurs most more often on the side that does more."""
    less, more = (before, after) if after.value > before.value else (after, before)
    known = {(each.text): each.count for each in less.evidence}
    return max(more.evidence, key=lambda each: each.count - known.get(each.text, 0), default=None)


def _unit(metric: str, amount: int) -> str:
    one, many = _UNITS.get(metric, (metric.replace("_", " "),) * 2)
    return one if abs(amount) == 1 else many
