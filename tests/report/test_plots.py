"""Plots are looked at in a browser: no two of their words overlap, and no number is a power of ten."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reglab.report.history.trends import trends_of
from reglab.report.records import PERCENTILE, Series
from reglab.report.renderings.html import growth_plot, plots
from tests.chromium import NEEDS_CHROMIUM, launched
from tests.report.test_trends import QUANTITY, points

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

# Pairs of texts whose boxes share more than a rounding of the font.
OVERLAPS = """() => {
  const texts = [...document.querySelectorAll('svg text')]
    .map((each) => [each.textContent, each.getBoundingClientRect()]);
  const found = [];
  texts.forEach(([one, a], index) => texts.slice(index + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 3) found.push(`${one} | ${other}`);
  }));
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


def line(name: str, unit: str, *values: float, x_unit: str = "s", first: int = 0) -> Series:
    return Series(
        scenario="smoke",
        name=name,
        x_unit=x_unit,
        y_unit=unit,
        points=tuple((first + index, value) for index, value in enumerate(values)),
    )


def times_in_microseconds() -> str:
    return plots.rounds([("before", [0.0015, 0.00151, 0.002]), ("after", [0.0016, 0.0019])], unit="s", title="a")


def times_far_apart() -> str:
    return plots.rounds([("before", [0.21, 0.2]), ("after", [0.0041, 0.004])], unit="s", title="b")


def memory() -> str:
    memory_line = line("service memory", "MB", *(123.4 + step for step in range(12)))
    return plots.time_line([[memory_line], [line("rss", "bytes", 1.0e8, 1.2e8, 1.4e8)]], title="c")


def past_runs() -> str:
    bytes_used = replace(QUANTITY, metric="response_bytes")
    (trend,) = trends_of({bytes_used: points(*(1.2e8 + 1e6 * step for step in range(30)))}, pinned_run="run-0")
    return plots.trend(trend, unit="bytes", title="d")


def growth() -> str:
    sizes = tuple((10**step, 3 * 10**step) for step in range(1, 6))
    long = line("python_calls", "calls", 1, x_unit="items_per_order")
    return growth_plot.growth([replace(long, points=sizes), replace(long, name="queries", points=sizes)], title="e")


def stages() -> str:
    return plots.percentiles(
        [
            replace(
                line(f"stage {number}, 0 to 30 s, not judged", "ms", 1, x_unit=PERCENTILE),
                points=((50, 3.1), (90, 8.0), (95, 12.5), (99, 812.0), (99.9, 2200.0)),
            )
            for number in range(4)
        ],
        title="f",
    )


def pairs() -> str:
    return plots.pairs(
        [0.1 + step / 1000 for step in range(32)], effect=(0.1, 0.09, 0.12), margins=(0.02, 0.05), title="g"
    )


@pytest.mark.parametrize("width", [1000, 350])
@pytest.mark.parametrize("draw", [times_in_microseconds, times_far_apart, memory, past_runs, growth, stages, pairs])
def test_words_of_a_plot_stand_apart(browser: Browser, draw: object, width: int) -> None:
    """At the width of a desk and of a phone, each label can be read, and numbers are written out."""
    assert callable(draw)
    svg = draw()
    shown = browser.new_page(viewport={"width": width, "height": 800})
    shown.set_content(f'<body style="font-family: sans-serif; margin: 0">{svg}</body>')
    assert shown.evaluate(OVERLAPS) == []
    assert not re.search(r">[^<]*\de[+-]?\d", svg)
    shown.close()


def test_units_are_those_that_people_read() -> None:
    """1.5 ms, not 0.0015 s; 120 MB, not 1.2e8 bytes."""
    assert ">ms</text>" in times_in_microseconds()
    assert ">MB</text>" in past_runs()
    assert ">rss, MB</text>" in memory()


def test_growth_needs_no_plotting_library() -> None:
    """A page that draws nothing but growth waits for no library, and the base install draws it."""
    script = """
import sys
from reglab.report.records import Series
from reglab.report.renderings.html.figures import figures_of
from reglab.report.renderings.html.section_data import Material
grown = Series(scenario="s", name="queries", x_unit="orders", y_unit="queries", points=((1, 1), (9, 9)), exponent=1.0)
(figure,) = figures_of(Material(series=[grown]), "a")
assert "<polyline" in figure.svg
assert "matplotlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
