"""Sections of the page, one for each endpoint, gathered from findings, samples, series and trends."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reglab.metrics import METRICS, Shown
from reglab.report.findings import Finding, formatted
from reglab.report.history.trends import Trend
from reglab.report.outcomes import Outcome, worst
from reglab.report.records import PERCENTILE, Evidence, Measurement, Profile, Series
from reglab.report.renderings.html import flame_graph
from reglab.report.renderings.html.load import charts, tables
from reglab.report.renderings.html.optional_plots import plots
from reglab.report.renderings.html.section_data import Material, material_of
from reglab.report.renderings.text_tables import quantity_name, sparkline
from reglab.report.rules.paired_statistics import hodges_lehmann, log_ratios, walsh_interval
from reglab.report.verdict import Verdict

# Series of a load are over time, or over percentiles; all others are over sizes of the data.
_NO_SIZES = ("s", PERCENTILE)
_TRENDS_MAX = 1  # one change of the code steps many lines of an endpoint at once, and a second plot repeats the first
_TREND_ROWS_MAX = 30  # a page of a thousand lines that moved is none that is read
_SPARK_RUNS = 30
_WATCHED = ("latency_ms_p95", "capacity_rps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with its caption. `data` is what a chart that zooms is drawn from, where there is one."""

    svg: str
    caption: str
    data: str = ""


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
    figures = [
        *_growth(material.series, name),
        *_times(material.samples, material.findings, name),
        *_flames(material.profiles, name),
        *_stages(material.series, name),
        *_time_lines(material.series, name),
        *_trends(material.trends),
    ]
    return Section(
        anchor=anchor_of(name, index),
        title=name,
        outcome=worst_of(material.findings),
        findings=tuple(material.open_findings),
        passes=len(material.findings) - len(material.open_findings),
        tables=tuple(table for table in drawn_up if table.rows),
        figures=tuple(figure for figure in figures if figure.svg),
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
            _law(each),
        )
        for each in series
        if each.x_unit not in _NO_SIZES
    ]
    return Table(caption="Growth", headings=("scenario", "counter", "values", "law"), rows=tuple(rows))


def _law(series: Series) -> str:
    """Say in words what the audit found; nothing where it found no law."""
    if series.exponent is None:
        return ""
    return f"size to the power of {series.exponent:.2f}" if series.exponent else "constant"


def _growth(series: Sequence[Series], name: str) -> list[Figure]:
    """One plot a scenario, of the counters that grow; that the others are constant stands in the table."""
    figures = []
    for scenario in dict.fromkeys(each.scenario for each in series if each.x_unit not in _NO_SIZES):
        growing = [
            each for each in series if each.scenario == scenario and each.x_unit not in _NO_SIZES and each.exponent
        ]
        title = f"Growth of {scenario} ({name})"
        laws = "; ".join(f"{each.name} by {each.x_unit}: {_law(each)}" for each in growing[:5])
        figures.append(Figure(svg=plots.growth(growing, title=title), caption=f"Growth of {scenario}. {laws}."))
    return figures


def _times(samples: Sequence[Measurement], findings: Iterable[Finding], name: str) -> list[Figure]:
    figures = []
    margins = {each.scenario: each.margins for each in findings if each.margins}
    for scenario in dict.fromkeys(each.scenario for each in samples if each.metric.name == "seconds"):
        times = {each.variant: each for each in samples if each.scenario == scenario and each.metric.name == "seconds"}
        title = f"Time of {scenario} ({name})"
        if {"baseline", "candidate"} <= times.keys():
            figures.append(_pairs(times["baseline"], times["candidate"], margins.get(scenario, ()), title))
        raw = [(variant or "time", sample.values) for variant, sample in times.items()]
        caption = f"{title}: every round as a point, medians as bars."
        figures.append(Figure(svg=plots.rounds(raw, unit="s", title=f"{title}, rounds"), caption=caption))
    return figures


def _flames(profiles: Iterable[Profile], name: str) -> list[Figure]:
    """One picture a scenario that was sampled on both sides: a slowdown that no counter explains."""
    sides: dict[str, dict[str, Profile]] = {}
    for each in profiles:
        sides.setdefault(each.scenario, {})[each.variant] = each
    figures = []
    for scenario, both in sides.items():
        if {"baseline", "candidate"} <= both.keys():
            pair = {"baseline": both["baseline"], "candidate": both["candidate"]}
            title = f"Where the time of {scenario} goes ({name})"
            grown = "; ".join(flame_graph.grown_most(**pair))
            caption = (
                f"{title}: callers above what they call, as wide as their time at the head; orange took longer than at "
                f"the base, blue took less.{f' Own time that grew most: {grown}.' if grown else ''}"
            )
            figures.append(Figure(svg=flame_graph.difference(**pair, title=title), caption=caption))
    return figures


def _pairs(baseline: Measurement, candidate: Measurement, margins: Sequence[float], title: str) -> Figure:
    try:
        logs = log_ratios(baseline=baseline.values, candidate=candidate.values)
    except ValueError as error:
        return Figure(svg="", caption=str(error))
    estimate, (lower, upper) = hodges_lehmann(logs), walsh_interval(logs)
    effect = (math.expm1(estimate), math.expm1(lower), math.expm1(upper))
    svg = plots.pairs([math.expm1(each) for each in logs], effect=effect, margins=margins, title=f"{title}, pairs")
    told = f"{100 * effect[0]:+.1f} % (95 % interval {100 * effect[1]:+.1f} % to {100 * effect[2]:+.1f} %)"
    return Figure(svg=svg, caption=f"{title}: candidate against baseline, {len(logs)} pairs, {told}.")


def _stages(series: Iterable[Series], name: str) -> list[Figure]:
    stages = [each for each in series if each.x_unit == PERCENTILE and len(each.points) > 1]
    if not stages:
        return []
    title = f"Percentiles of {name} by stage"
    return [Figure(svg=plots.percentiles(stages, title=title), caption=f"{title}, from the intended start.")]


def _time_lines(series: Sequence[Series], name: str) -> list[Figure]:
    panels = charts.panels_of(series)
    if not panels:
        return []
    named = ", ".join(each.name for panel in panels for each in panel)
    title = f"Time line of {name}"
    caption = f"{title}: {named}. Drag over a part to see it larger, in all of them; a double click shows all again."
    return [Figure(svg=plots.time_line(panels, title=title), caption=caption, data=charts.chart_data(panels))]


def _trends(trends: Sequence[Trend]) -> list[Figure]:
    """Draw the lines that changed, those that got worse first; all others stand in the table."""
    drawn = [
        each for each in trends if each.changes or (not each.quantity.endpoint and each.quantity.metric in _WATCHED)
    ]
    drawn = [each for each in drawn if len(each.points) > 1]
    drawn.sort(key=lambda each: (not each.changes, not each.is_worse))
    return [_trend(each, quantity_name(each.quantity)) for each in drawn[:_TRENDS_MAX]]


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


def _trend(trend: Trend, name: str) -> Figure:
    svg = plots.trend(trend, unit=METRICS[trend.quantity.metric].unit, title=f"Trend of {name}")
    return Figure(svg=svg, caption=f"Trend of {name} over {len(trend.points)} runs on {trend.quantity.line}.")
