"""Figures of each instrument for the first screen of the page: what a pass is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reglab.metrics import METRICS
from reglab.report.findings import formatted, plural
from reglab.report.outcomes import Outcome, worst
from reglab.report.records import Measurement, Number
from reglab.report.verdict import Verdict

_SUMMED: Final = ("races_run", "faults_tried", "cells_tried", "canaries_sent", "inputs_tried", "migrations_tried")
_OF_THE_WHOLE: Final = ("requests", "throughput_rps", "latency_ms_p95", "latency_ms_p99", "capacity_rps", "lost_writes")
_RATIOS_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentFigures:
    """One instrument with its outcome and a few figures, each with its name."""

    instrument: str
    outcome: Outcome
    figures: tuple[tuple[str, str], ...]


def figures_of(verdict: Verdict) -> list[InstrumentFigures]:
    """Return the figures of each instrument that left a record."""
    return [
        InstrumentFigures(
            instrument=record.header.instrument,
            outcome=worst(each.outcome for each in verdict.findings if each.instrument == record.header.instrument),
            figures=tuple(_figures(verdict, record.header.instrument)),
        )
        for record in verdict.records
    ]


def _figures(verdict: Verdict, instrument: str) -> Iterator[tuple[str, str]]:
    samples = [each for each in verdict.samples if each.instrument == instrument]
    passes = [each for each in verdict.findings if each.instrument == instrument and each.outcome is Outcome.PASS]
    endpoints = {each.endpoint for each in samples if each.endpoint}
    if endpoints:
        # Two that meet are written with a plus between them.
        yield "measured", plural(len(endpoints), "pair" if all(" + " in each for each in endpoints) else "endpoint")
    if passes:
        yield "passed", plural(len(passes), "check")
    for name in _SUMMED:
        values = [each.median for each in samples if each.metric.name == name]
        if values:
            yield _label(name), _with_unit(sum(values), METRICS[name].unit, name=name)
    for finding in [each for each in passes if "x (" in each.found][:_RATIOS_MAX]:
        yield finding.rule, finding.found.partition(" (")[0]
    for name in _OF_THE_WHOLE:
        whole = _whole(samples, name)
        if whole is not None:
            yield _label(name), _with_unit(whole.median, whole.metric.unit, name=name)


def _whole(samples: list[Measurement], name: str) -> Measurement | None:
    return next((each for each in samples if each.metric.name == name and not each.endpoint), None)


def _label(name: str) -> str:
    """Return a metric's name without the unit, which stands beside the number."""
    return " ".join(word for word in name.split("_") if word not in {"ms", "rps"})


def _with_unit(value: Number, unit: str, *, name: str) -> str:
    return _rounded(value) if unit == _label(name) else f"{_rounded(value)} {unit}"


def _rounded(value: Number) -> str:
    """Write a figure for a glance: three digits of a fraction, all digits of a count."""
    return formatted(value) if isinstance(value, int) or abs(value) >= 1000 else f"{value:.3g}"
