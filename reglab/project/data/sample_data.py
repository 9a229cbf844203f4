"""Rows for a project that nobody has written a dataset for: some of every model, baked by model_bakery."""

import random
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction
from model_bakery import baker

# Their rows are made by migrations and log-ins, and no endpoint is about them.
NOT_BAKED = frozenset({"contenttypes", "sessions", "admin", "migrations", "sites"})
SEED = 2026


def build(*, rows: int) -> None:
    """Bake `rows` rows of every model of the project, foreign keys pointing at each other's rows in turn.

    A model that cannot be baked (a rule that random values break) is left empty; its endpoints then say so.
    """
    # Values must be the same in every process; model_bakery asks Python's own generator.
    random.seed(SEED)
    for model in _in_order():
        try:
            with transaction.atomic():
                for number in range(rows):
                    _bake(model, _related(model, number))
        except (DatabaseError, ValueError, TypeError, AttributeError):
            continue


def _bake(model: type[models.Model], related: dict[str, Any]) -> None:
    baker.make(model, **related)


def _related(model: type[models.Model], number: int) -> dict[str, models.Model]:
    """Give each foreign key a row that is there: the next one, so that related rows differ."""
    found: dict[str, models.Model] = {}
    for field in _foreign_keys(model):
        others = field.related_model._default_manager.order_by("pk")  # noqa: SLF001  # Django's name for it
        count = others.count()
        if count:
            found[field.name] = others[number % count]
    return found


def _in_order() -> list[type[models.Model]]:
    """Return the models with those first that others point at; a circle is cut where it is met."""
    ordered: list[type[models.Model]] = []

    def visit(model: type[models.Model], above: frozenset[type[models.Model]]) -> None:
        if model in ordered or model in above:
            return
        for field in _foreign_keys(model):
            visit(field.related_model, above | {model})
        ordered.append(model)

    for model in apps.get_models():
        visit(model, frozenset())
    return [model for model in ordered if _is_baked(model)]


def _is_baked(model: type[models.Model]) -> bool:
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    return (
        meta.managed
        and not meta.proxy
        and meta.app_label not in NOT_BAKED
        and model.__module__.partition(".")[0] != "django"
    )


def _foreign_keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:  # type: ignore[type-arg]
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    return (field for field in meta.concrete_fields if isinstance(field, models.ForeignKey))
