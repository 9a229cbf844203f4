"""Sections of the ledger that this process measures: its database, and where a counter needs it, its interpreter."""

import platform
from dataclasses import dataclass

import django
from django.db import connection

from reglab.counters.engine.definition import CounterMetric, Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The names of the sections of this process. `reference_python` is the one version whose own work gates."""

    reference_python: str

    def of(self, metric: CounterMetric) -> str:
        """Return the section of a metric."""
        if metric.kept is Kept.INTERPRETER:
            interpreter = f"{platform.python_implementation().lower()}-{_python()}"
            return f"{connection.vendor} {interpreter} {_django()}"
        if metric.kept is Kept.SERVER:
            return f"{connection.vendor} {connection.get_database_version()[0]}"
        return connection.vendor

    def may_gate(self, metric: CounterMetric) -> bool:
        """Return whether a metric is accepted and judged here: Python's own work on the reference interpreter alone."""
        return metric.kept is not Kept.INTERPRETER or _python() == self.reference_python

    @property
    def statements(self) -> str:
        """The section of statements: Django's minor version decides how it spells SQL."""
        return f"{connection.vendor} {_django()}"

    @property
    def base(self) -> str:
        """The section that every scenario has."""
        return connection.vendor


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _django() -> str:
    return f"django-{django.VERSION[0]}.{django.VERSION[1]}"
