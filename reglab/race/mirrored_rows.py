"""Rows of a race the other way round: what goes from one row to another meets what goes back.

Two requests on the same rows lock them in the same order, whatever that order is. That it depends on the request shows
only where the second one names the same rows in exchanged roles: two transfers between two accounts, or two children of
which each moves to the other's parent. Both lock two rows then, and a deadlock needs no third request.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, combinations, permutations
from typing import Any

from django.apps import apps
from django.db import models

from reglab.config.race_schema import Race


def mirrored_values(race: Race, values: Mapping[str, Any], *, used: Collection[str]) -> dict[str, Any] | None:
    """Return the values with the roles of two rows exchanged, of the bindings in `used`; None where none can be."""
    names = [name for name in race.on if name in used]
    found = next(chain(_exchanged(race, values, names), _children_exchanged(race, values, names)), None)
    return None if found is None else {**values, **found}


def _exchanged(race: Race, values: Mapping[str, Any], names: Collection[str]) -> Iterator[dict[str, Any]]:
    """Give two rows of one model the other's name."""
    for one, other in combinations(names, 2):
        same = (race.on[one].model, race.on[one].field) == (race.on[other].model, race.on[other].field)
        if same and values[one] != values[other]:
            yield {one: values[other], other: values[one]}


def _children_exchanged(race: Race, values: Mapping[str, Any], names: Collection[str]) -> Iterator[dict[str, Any]]:
    """Give a child of the parent that is named, and the parent of the child that is named."""
    for child, parent in permutations(names, 2):
        to = race.on[parent].field
        for key in _keys(apps.get_model(race.on[child].model), apps.get_model(race.on[parent].model)):
            rows: models.QuerySet[Any] = models.QuerySet(apps.get_model(race.on[child].model))
            path, field = f"{key}__{to}", race.on[child].field
            left = rows.filter(**{field: values[child]}).values_list(path, flat=True).first()
            if left is None or left == values[parent]:
                continue
            twin = rows.filter(**{path: values[parent]}).order_by("pk").values_list(field, flat=True).first()
            if twin is not None:
                yield {child: twin, parent: left}


def _keys(child: type[models.Model], parent: type[models.Model]) -> Iterator[str]:
    for field in child._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(field, models.ForeignKey) and field.related_model is parent:
            yield field.name
