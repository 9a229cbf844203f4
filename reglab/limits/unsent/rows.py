"""Rows that a request is about: those that it names, or the first of those that it lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.db import models

from reglab.config.suite import Scenario, SuiteFile
from reglab.config.suite_parts import Binding
from reglab.limits.unsent.turning_points import State, turning_states
from reglab.project.drafting.view_models import model_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_places import view_of
from reglab.project.orm.kinds import kinds_of, without_rows
from reglab.project.requests.binding import names_in, rows_of
from reglab.project.requests.test_client import Request

NOT_THERE: Final = ": not there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A row that a request is about, and what it is called: its binding, or "listed"."""

    name: str
    row: models.Model
    is_listed: bool = False

    def states(self, *, is_read: bool) -> Iterator[State]:
        """Yield each state that one field can give the row, where comparisons turn, and that it is gone.

        To a write, what a relation lacks is another dataset; of a list, that a row is gone is another length.
        """
        for kind in kinds_of(type(self.row)):
            is_other = kind.field and getattr(self.row, kind.field, kind.value) != kind.value
            if is_other or (not kind.field and is_read):
                yield f"{self.name}: {kind.told}", partial(kind.make, [self.row.pk])
        yield from ((f"{self.name}: {told}", make) for told, make in turning_states(self.row))
        if not self.is_listed:
            yield f"{self.name}{NOT_THERE}", partial(without_rows, type(self.row), [self.row.pk])


def subjects_named(scenario: Scenario, file: SuiteFile) -> Iterator[Subject]:
    """Yield the rows that a scenario's first request names, by the name of their binding."""
    bindings: Mapping[str, Binding] = {**file.suite.bindings, **scenario.bindings}
    step = scenario.all_steps[0]
    seen: set[tuple[str, Any]] = set()
    for name in sorted(names_in(step.request, step.body) & bindings.keys()):
        binding = bindings[name]
        for row in rows_of(
            apps.get_model(binding.model), filters=binding.filter, order_by=binding.order_by, index=binding.index
        ):
            if (binding.model, row.pk) not in seen:
                seen.add((binding.model, row.pk))
                yield Subject(name=name, row=row)


def subjects_listed(request: Request, endpoint: str) -> Iterator[Subject]:
    """Yield the first row of the model that the view is about, for a request that names none."""
    method, _, path = endpoint.partition(" ")
    model = model_of(Endpoint(method=method, path=path, route="", view=view_of(request.path)))
    for row in rows_of(model, filters={}) if model is not None else ():
        yield Subject(name="listed", row=row, is_listed=True)
