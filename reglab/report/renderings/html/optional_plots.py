"""Plots where matplotlib is installed; elsewhere a sentence in their place, so that the base install has its report.

The library takes a second to load: a page that draws nothing with it does not wait for it.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

NO_PLOT: Final = '<p class="soft">No plot: <code>pip install "regression-lab[report]"</code> brings what draws it.</p>'


def plot(draw: Callable[[Any], str]) -> str:
    """Return what `draw` draws, called with the module of the plots, or what is missing for it."""
    if find_spec("matplotlib") is None:
        return NO_PLOT
    return draw(import_module("reglab.report.renderings.html.plots"))
