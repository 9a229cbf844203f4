"""Sections of the page, one for each endpoint, gathered from findings, samples, series and trends."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reglab.metrics import METRICS, Shown
from reglab.report.findings import Finding, formatted
from reglab.report.history.trends import Trend
from reglab.report.outcomes import Outcome, worst
from reglab.report.records import Evidence, Measurement, Series
from reglab.report.renderings.html.figures import NO_SIZES, Figure, figures_of, law_in_words
from reglab.report.renderings.html.load import tables
from reglab.report.renderings.html.section_data import Material, material_of
from reglab.report.renderings.text_tables import quantity_name, sparkline
from reglab.report.verdict import Verdict

_TREND_ROWS_MAX = 30  # a page of a thousand lines that moved is none that is read
_SPARK_RUNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption and headings; all cells are texts."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One endpoint, or one whole load: findings first, then what was measured, drawn and told."""

    anchor: str
    title: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    passes: int
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]


def sections_of(verdict: Verdict) -> list[Section]:
    """Return a section an endpoint, the worst first. What has no endpoint stands under its scenario's name."""
    sections = [
        _section(name, index, material, verdict)
        for index, (name, material) in enumerate(material_of(verdict).items(), start=1)
    ]
    return sorted(sections, key=lambda section: -section.outcome.severity)


def anchor_of(name: str, index: int) -> str:
    """Return an id for a section: readable, and unique by its number."""
    return f"s{index}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')[:60]}"


def _section(name: str, index: int, material: Material, verdict: Verdict) -> Section:
    drawn_up = [
        *_load_tables(material, verdict),
        _queries(material.samples),
        _writes(material.samples),
        _percentiles(material.samples),
        _counters(material.samples),
        _growth_table(material.series),
        _trend_table(material.trends),
    ]
    return Section(
        anchor=anchor_of(name, index),
        title=name,
        outcome=worst_of(material.findings),
        findings=tuple(material.open_findings),
        passes=len(material.findings) - len(material.open_findings),
        tables=tuple(table for table in drawn_up if table.rows),
        figures=figures_of(material, name),
    )


def worst_of(findings: Iterable[Finding]) -> Outcome:
    """Return the worst outcome of a section; one that has notes alone is itself a note."""
    decided = [each.outcome for each in findings if each.outcome is not Outcome.NOTE]
    return worst(decided) if decided else Outcome.NOTE


def _load_tables(material: Material, verdict: Verdict) -> list[Table]:
    """What a whole load has to show: its endpoints, its answers by status, its stages."""
    if not any(each.instrument == "load" and not each.endpoint for each in material.samples):
        return []
    endpoints = tables.endpoint_rows(verdict.samples, verdict.findings)
    headings = tables.ENDPOINT_HEADINGS
    return [
        Table(caption="Endpoints, broken SLOs first", headings=headings, rows=endpoints),
        Table(caption="Answers", headings=("answer", "requests", "share"), rows=tables.status_rows(material.samples)),
        Table(
            caption="Percentiles by stage",
            headings=("stage", "p50, ms", "p95, ms", "p99, ms"),
            rows=tables.stage_rows(material.series),
        ),
    ]


def _queries(samples: Iterable[Measurement]) -> Table:
    """The statements of each scenario where it sent most of them: fingerprint, count, source line."""
    largest: dict[str, Measurement] = {}
    for sample in samples:
        if sample.metric.shown is Shown.STATEMENTS and any(each.kind == "statement" for each in sample.evidence):
            largest[sample.scenario] = max(largest.get(sample.scenario, sample), sample, key=lambda each: each.median)
    rows = [
        (scenario, sample.variant, formatted(each.count), each.text, _source(each))
        for scenario, sample in largest.items()
        for each in sample.evidence
        if each.kind == "statement"
    ]
    return Table(caption="Queries", headings=("scenario", "at", "count", "statement", "source"), rows=tuple(rows))


def _source(evidence: Evidence) -> str:
    return " ← ".join(filter(None, (evidence.source, *evidence.frames[:2])))


def _writes(samples: Iterable[Measurement]) -> Table:
    rows = [
        (each.scenario, each.metric.name, each.part, each.variant, formatted(each.median))
        for each in samples
        if each.metric.shown is Shown.WRITES and (each.part or each.median)
    ]
    return Table(caption="Write-set", headings=("scenario", "metric", "what", "at", "found"), rows=tuple(rows))


def _percentiles(samples: Iterable[Measurement]) -> Table:
    rows = [
        (each.scenario, quantity_in_full(each), tables.quantity_of(each), each.metric.meaning)
        for each in samples
        if each.instrument == "load"
    ]
    return Table(caption="Under load", headings=("scenario", "metric", "found", "meaning"), rows=tuple(rows))


def quantity_in_full(sample: Measurement) -> str:
    """Return a metric with its part and variant."""
    return " ".join(filter(None, (sample.metric.name, sample.part, sample.variant)))


def _counters(samples: Iterable[Measurement]) -> Table:
    rows = [
        (
            each.scenario,
            f"{each.metric.name} {each.part}".strip(),
            each.variant,
            f"{formatted(each.median)} {each.metric.unit}",
            "" if each.accepted is None else formatted(each.accepted),
        )
        for each in samples
        if each.instrument != "load" and each.metric.shown is not Shown.WRITES
    ]
    headings = ("scenario", "metric", "at", "found", "accepted")
    return Table(caption="All measurements", headings=headings, rows=tuple(rows))


def _growth_table(series: Iterable[Series]) -> Table:
    rows = [
        (
            each.scenario,
            each.name,
            ", ".join(f"{formatted(y)} at {formatted(x)} {each.x_unit}" for x, y in each.points),
            law_in_words(each),
        )
        for each in series
        if each.x_unit not in NO_SIZES
    ]
    return Table(caption="Growth", headings=("scenario", "counter", "values", "law"), rows=tuple(rows))


def _trend_table(trends: Iterable[Trend]) -> Table:
    """The lines over past runs, those that got worse first; a counter that never changed has nothing to tell."""
    moved = [each for each in trends if len({point.value for point in each.points}) > 1]
    rows = [
        (
            quantity_name(each.quantity),
            sparkline([point.value for point in each.points[-_SPARK_RUNS:]]),
            f"{formatted(each.points[-1].value)} {METRICS[each.quantity.metric].unit}",
            str(len(each.points)),
            "" if each.drift is None else f"{100 * each.drift:+.1f} %",
        )
        for each in moved[:_TREND_ROWS_MAX]
    ]
    if len(moved) > _TREND_ROWS_MAX:
        more = f"{formatted(len(moved) - _TREND_ROWS_MAX)} more lines moved: reglab report trend --all"
        rows.append((more, "", "", "", ""))
    headings = ("quantity", "past runs", "last", "runs", "from the pinned baseline")
    return Table(caption="Past runs", headings=headings, rows=tuple(rows))
