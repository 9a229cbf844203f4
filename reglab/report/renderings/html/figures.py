"""Figures of a section: growth, times, stacks, load over time, past runs, each with its caption."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reglab.metrics import METRICS
from reglab.report.findings import Finding
from reglab.report.history.trends import Trend
from reglab.report.records import PERCENTILE, Measurement, Profile, Series
from reglab.report.renderings.html import flame_graph
from reglab.report.renderings.html.growth_plot import growth
from reglab.report.renderings.html.load import charts
from reglab.report.renderings.html.optional_plots import plot
from reglab.report.renderings.html.section_data import Material
from reglab.report.renderings.text_tables import quantity_name
from reglab.report.rules.paired_statistics import hodges_lehmann, log_ratios, walsh_interval

# Series of a load are over time, or over percentiles; all others are over sizes of the data.
NO_SIZES = ("s", PERCENTILE)
_TRENDS_MAX = 1  # one change of the code steps many lines of an endpoint at once, and a second plot repeats the first
_WATCHED = ("latency_ms_p95", "capacity_rps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with its caption. `data` is what a chart that zooms is drawn from, where there is one."""

    svg: str
    caption: str
    data: str = ""


def figures_of(material: Material, name: str) -> tuple[Figure, ...]:
    """Return the figures of the section called `name`, without those that there is nothing to draw for."""
    drawn = [
        *_growth(material.series, name),
        *_times(material.samples, material.findings, name),
        *_flames(material.profiles, name),
        *_stages(material.series, name),
        *_time_lines(material.series, name),
        *_trends(material.trends),
    ]
    return tuple(figure for figure in drawn if figure.svg)


def law_in_words(series: Series) -> str:
    """Say in words what the audit found; nothing where it found no law."""
    if series.exponent is None:
        return ""
    return f"size to the power of {series.exponent:.2f}" if series.exponent else "constant"


def _growth(series: Sequence[Series], name: str) -> list[Figure]:
    """One plot a scenario, of the counters that grow; that the others are constant stands in the table."""
    figures = []
    for scenario in dict.fromkeys(each.scenario for each in series if each.x_unit not in NO_SIZES):
        growing = [
            each for each in series if each.scenario == scenario and each.x_unit not in NO_SIZES and each.exponent
        ]
        title = f"Growth of {scenario} ({name})"
        laws = "; ".join(f"{each.name} by {each.x_unit}: {law_in_words(each)}" for each in growing[:5])
        figures.append(Figure(svg=growth(growing, title=title), caption=f"Growth of {scenario}. {laws}."))
    return figures


def _times(samples: Sequence[Measurement], findings: Iterable[Finding], name: str) -> list[Figure]:
    figures = []
    margins = {each.scenario: each.margins for each in findings if each.margins}
    for scenario in dict.fromkeys(each.scenario for each in samples if each.metric.name == "seconds"):
        times = {each.variant: each for each in samples if each.scenario == scenario and each.metric.name == "seconds"}
        title = f"Time of {scenario} ({name})"
        if {"baseline", "candidate"} <= times.keys():
            figures.append(_pairs(times["baseline"], times["candidate"], margins.get(scenario, ()), title))
        figures.append(_rounds(times, title))
    return figures


def _rounds(times: Mapping[str, Measurement], title: str) -> Figure:
    raw = [(variant or "time", sample.values) for variant, sample in times.items()]
    svg = plot(lambda plots: plots.rounds(raw, unit="s", title=f"{title}, rounds"))
    return Figure(svg=svg, caption=f"{title}: every round as a point, medians as bars.")


def _flames(profiles: Iterable[Profile], name: str) -> list[Figure]:
    """One picture a scenario that was sampled on both sides: a slowdown that no counter explains."""
    sides: dict[str, dict[str, Profile]] = {}
    for each in profiles:
        sides.setdefault(each.scenario, {})[each.variant] = each
    figures = []
    for scenario, both in sides.items():
        if {"baseline", "candidate"} <= both.keys():
            baseline, candidate = both["baseline"], both["candidate"]
            title = f"Where the time of {scenario} goes ({name})"
            grown = "; ".join(flame_graph.grown_most(baseline=baseline, candidate=candidate))
            caption = (
                f"{title}: callers above what they call, as wide as their time at the head; orange took longer than at "
                f"the base, blue took less.{f' Own time that grew most: {grown}.' if grown else ''}"
            )
            figures.append(
                Figure(svg=flame_graph.difference(baseline=baseline, candidate=candidate, title=title), caption=caption)
            )
    return figures


def _pairs(baseline: Measurement, candidate: Measurement, margins: Sequence[float], title: str) -> Figure:
    try:
        logs = log_ratios(baseline=baseline.values, candidate=candidate.values)
    except ValueError as error:
        return Figure(svg="", caption=str(error))
    estimate, (lower, upper) = hodges_lehmann(logs), walsh_interval(logs)
    effect = (math.expm1(estimate), math.expm1(lower), math.expm1(upper))
    svg = plot(
        lambda plots: plots.pairs(
            [math.expm1(each) for each in logs], effect=effect, margins=margins, title=f"{title}, pairs"
        )
    )
    told = f"{100 * effect[0]:+.1f} % (95 % interval {100 * effect[1]:+.1f} % to {100 * effect[2]:+.1f} %)"
    return Figure(svg=svg, caption=f"{title}: candidate against baseline, {len(logs)} pairs, {told}.")


def _stages(series: Iterable[Series], name: str) -> list[Figure]:
    stages = [each for each in series if each.x_unit == PERCENTILE and len(each.points) > 1]
    if not stages:
        return []
    title = f"Percentiles of {name} by stage"
    return [
        Figure(
            svg=plot(lambda plots: plots.percentiles(stages, title=title)), caption=f"{title}, from the intended start."
        )
    ]


def _time_lines(series: Sequence[Series], name: str) -> list[Figure]:
    panels = charts.panels_of(series)
    if not panels:
        return []
    named = ", ".join(each.name for panel in panels for each in panel)
    title = f"Time line of {name}"
    caption = f"{title}: {named}. Drag over a part to see it larger, in all of them; a double click shows all again."
    return [
        Figure(
            svg=plot(lambda plots: plots.time_line(panels, title=title)),
            caption=caption,
            data=charts.chart_data(panels),
        )
    ]


def _trends(trends: Sequence[Trend]) -> list[Figure]:
    """Draw the lines that changed, those that got worse first; all others stand in the table."""
    drawn = [
        each for each in trends if each.changes or (not each.quantity.endpoint and each.quantity.metric in _WATCHED)
    ]
    drawn = [each for each in drawn if len(each.points) > 1]
    drawn.sort(key=lambda each: (not each.changes, not each.is_worse))
    return [_trend(each, quantity_name(each.quantity)) for each in drawn[:_TRENDS_MAX]]


def _trend(trend: Trend, name: str) -> Figure:
    svg = plot(lambda plots: plots.trend(trend, unit=METRICS[trend.quantity.metric].unit, title=f"Trend of {name}"))
    return Figure(svg=svg, caption=f"Trend of {name} over {len(trend.points)} runs on {trend.quantity.line}.")
