"""Plots where matplotlib is installed; elsewhere a sentence in their place, so that the base install has its report."""

from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, Final

NO_PLOT: Final = '<p class="soft">No plot: <code>pip install "regression-lab[report]"</code> brings what draws it.</p>'


def _sentence(*_: Any, **__: Any) -> str:
    return NO_PLOT


plots: Any
if find_spec("matplotlib") is None:
    names = ("growth", "percentiles", "rounds", "pairs", "time_line", "trend")
    plots = SimpleNamespace(**dict.fromkeys(names, _sentence))
else:
    from reglab.report.renderings.html import plots as drawn

    plots = drawn
