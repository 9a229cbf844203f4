"""The counters that there are: each file of the folder above that declares one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import reglab.counters
from reglab.counters.engine.definition import CounterMetric, Definition


@cache
def definitions() -> dict[str, Definition]:
    """Return each counter's definition by the name of its file, sorted."""
    names = sorted(found.name for found in iter_modules(reglab.counters.__path__) if not found.ispkg)
    modules = {name: import_module(f"reglab.counters.{name}") for name in names}
    return {name: module.COUNTER for name, module in modules.items() if hasattr(module, "COUNTER")}


def counted_metrics() -> tuple[CounterMetric, ...]:
    """Return the metrics of all counters."""
    return tuple(metric for definition in definitions().values() for metric in definition.metrics)


def declared(name: str) -> CounterMetric | None:
    """Return what a counter declares of a metric; None where no counter takes it."""
    return next((metric for metric in counted_metrics() if metric.name == name), None)
