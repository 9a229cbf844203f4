"""A load on the page: what belongs together is drawn together, and what is broken comes first."""

import json

from reglab.metrics import METRICS
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import PERCENTILE, Evidence, Measurement, Series
from reglab.report.renderings.html.load.charts import chart_data, panels_of
from reglab.report.renderings.html.load.tables import endpoint_rows, quantity_of, stage_rows, status_rows


def series(name: str, unit: str, *points: tuple[float, float], x_unit: str = "s") -> Series:
    """Return a series of a load."""
    return Series(scenario="smoke", name=name, x_unit=x_unit, y_unit=unit, points=points)


def measured(metric: str, value: float, *, endpoint: str = "", evidence: tuple[Evidence, ...] = ()) -> Measurement:
    """Return a measurement of a load."""
    return Measurement(
        scenario=f"scenario of {endpoint}" if endpoint else "smoke",
        endpoint=endpoint,
        metric=METRICS[metric],
        values=(value,),
        evidence=evidence,
        instrument="load",
    )


def test_lines_of_one_unit_share_a_panel_and_the_loads_own_come_first() -> None:
    """Percentiles stand with their SLO, the achieved rate with the target; the slowest answers stand alone."""
    lines = [
        series("service memory", "MB", (0, 1), (1, 2)),
        series("arrivals", "arrivals/s", (0, 1), (1, 2)),
        series("failures", "failures/s", (0, 0), (1, 0)),
        series("target rate", "arrivals/s", (0, 1), (1, 2)),
        series("slowest", "ms", (0, 9), (1, 9)),
        series("p95", "ms", (0, 3), (1, 4)),
        series("SLO of p95", "ms", (0, 500), (1, 500)),
        series("steady, 0 to 1 s", "ms", (50, 1), (95, 2), x_unit=PERCENTILE),
    ]
    names = [[line.name for line in panel] for panel in panels_of(lines)]
    assert names == [
        ["p95", "SLO of p95"],
        ["arrivals", "failures", "target rate"],
        ["service memory"],
        ["slowest"],
    ]


def test_a_chart_has_every_line_at_every_moment() -> None:
    """Lines with moments of their own are joined: where a line has no value, there is none; a limit is a guide."""
    panel = [series("p95", "ms", (0, 3), (1, 4), (2, 5)), series("SLO of p95", "ms", (0, 500), (2, 500))]
    (chart,) = json.loads(chart_data([panel]))
    assert chart["x"] == [0, 1, 2]
    assert [(line["name"], line["guide"], line["values"]) for line in chart["lines"]] == [
        ("p95", False, [3, 4, 5]),
        ("SLO of p95", True, [500, None, 500]),
    ]


def test_endpoints_with_a_broken_slo_come_first_then_the_slowest() -> None:
    """A fast endpoint that fails stands above a slow one that passes; what is broken is written beside it."""
    samples = [
        measured("latency_ms_p95", value, endpoint=endpoint)
        for endpoint, value in (("GET /slow/", 400.0), ("GET /fast/", 5.0), ("GET /fails/", 20.0))
    ]
    findings = [
        Finding(
            rule="endpoint-stands" if outcome is Outcome.FAIL else "slo-latency",
            outcome=outcome,
            expected="at most 50 %",
            found="80 %",
            instrument="load",
            endpoint=endpoint,
            scenario=f"scenario of {endpoint}",
        )
        for endpoint, outcome in (
            ("GET /slow/", Outcome.PASS),
            ("GET /fast/", Outcome.PASS),
            ("GET /fails/", Outcome.FAIL),
        )
    ]
    rows = endpoint_rows(samples, findings)
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("fail", "GET /fails/", "endpoint-stands: 80 %"),
        ("pass", "GET /slow/", ""),
        ("pass", "GET /fast/", ""),
    ]


def test_answers_are_counted_by_status() -> None:
    """Three of four were 200: 75 %, and the most frequent comes first."""
    evidence = (
        Evidence(kind="response", text="status 503", count=1),
        Evidence(kind="response", text="status 200", count=3),
    )
    assert status_rows([measured("requests", 4, evidence=evidence)]) == (
        ("status 200", "3", "75.00 %"),
        ("status 503", "1", "25.00 %"),
    )


def test_each_stage_has_its_percentiles_and_bytes_are_megabytes() -> None:
    """A percentile that too few samples carry is left empty; 2,500,000 bytes are 2.5 MB."""
    stage = series("ramp, 0 to 3 s, not judged", "ms", (50, 12.25), (95, 40.0), x_unit=PERCENTILE)
    assert stage_rows([stage]) == (("ramp, 0 to 3 s, not judged", "12.2", "40.0", ""),)
    assert quantity_of(measured("service_memory_bytes", 2_500_000)) == "2.5 MB"
