"""Values from the dataset for a scenario's paths, bodies and write-sets."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import router, transaction
from django.db.models import Model

from reglab.config.nearest_word import nearest
from reglab.config.suite import Scenario, SuiteFile
from reglab.config.suite_parts import Binding
from reglab.errors import AuditError
from reglab.project.requests.token_fields import token_behind

_NAME: Final = re.compile(r"\{([A-Za-z_]\w*)\}")


def bound_values(file: SuiteFile, scenario: Scenario, *, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the values of every binding that the scenario may use, and the axes' sizes under their names.

    Raises AuditError where a model is unknown or the dataset has no such row.
    """
    needed = names_in(
        [step.request for step in scenario.all_steps],
        [step.body for step in scenario.all_steps],
        [step.headers for step in scenario.all_steps],
        file.suite.headers,
    )
    bindings = {**file.suite.bindings, **scenario.bindings}
    values: dict[str, Any] = dict(sizes)
    for name in sorted(needed - set(sizes)):
        if name not in bindings:
            raise AuditError(
                f"{file.path}: scenario {scenario.name!r} uses {{{name}}}, which nothing binds"
                f"{nearest(name, [*bindings, *sizes])}"
            )
        values[name] = bound_value(bindings[name], where=f"{file.path}: binding {name!r} of scenario {scenario.name!r}")
    return values


def names_in(*structures: Any) -> set[str]:
    """Return every `{name}` in the strings of nested lists and mappings."""
    found: set[str] = set()
    for structure in structures:
        if isinstance(structure, str):
            found.update(_NAME.findall(structure))
        elif isinstance(structure, Mapping):
            found |= names_in(*structure, *structure.values())
        elif isinstance(structure, list | tuple):
            found |= names_in(*structure)
    return found


def filled_path(path: str, values: Mapping[str, Any]) -> str:
    """Put values into a path, percent-encoded."""
    return _NAME.sub(lambda match: quote(str(values[match[1]]), safe=""), path)


def filled_body(body: Any, values: Mapping[str, Any]) -> Any:
    """Put values into a body. A string that is exactly "{name}" becomes the value itself, its type kept."""
    if isinstance(body, str):
        whole = _NAME.fullmatch(body)
        return values[whole[1]] if whole else _NAME.sub(lambda match: str(values[match[1]]), body)
    if isinstance(body, Mapping):
        return {key: filled_body(value, values) for key, value in body.items()}
    if isinstance(body, list | tuple):
        return [filled_body(value, values) for value in body]
    return body


def first_row(*, model: str, filters: Mapping[str, Any], order_by: tuple[str, ...], index: int, where: str) -> Any:
    """Return row `index` of a model of the dataset. Raises AuditError, starting with `where`, when there is none."""
    try:
        called = apps.get_model(model)
    except (LookupError, ValueError):
        known = [one._meta.label for one in apps.get_models()]  # noqa: SLF001  # `_meta` is Django's public API
        raise AuditError(f"{where}: no model is called {model!r}{nearest(model, known)}") from None
    try:
        found = rows_of(called, filters=filters, order_by=order_by, index=index)
    except (FieldError, FieldDoesNotExist, ValueError) as error:
        raise AuditError(f"{where}: {error}") from None
    if not found:
        raise AuditError(f"{where}: the dataset has no row {index} of {model} with {dict(filters) or 'no filter'}")
    return found[0]


def rows_of(
    model: type[Model], *, filters: Mapping[str, Any], order_by: tuple[str, ...] = ("pk",), index: int = 0
) -> list[Any]:
    """Return row `index` as a list of one or none: of those that the model's own manager shows, or else of all.

    A manager that shows rows to a tenant alone raises outside of a request, and one that hides what was deleted has no
    row where just that is asked for.
    Raises FieldError, ValueError.
    """
    for manager in (model._default_manager, model._base_manager):  # noqa: SLF001  # Django's public names for them
        try:
            # In a block of its own: a statement that fails would spoil what comes after.
            with transaction.atomic(using=router.db_for_read(model)):
                if found := list(manager.filter(**filters).order_by(*order_by)[index : index + 1]):
                    return found
        except (FieldError, ValueError):
            raise
        except Exception:  # noqa: BLE001, S112  # a manager is the project's code
            continue
    return []


def bound_value(binding: Binding, *, where: str) -> Any:
    """Return the value of one binding. Raises AuditError, starting with `where`, when there is none."""
    row = first_row(
        model=binding.model, filters=binding.filter, order_by=binding.order_by, index=binding.index, where=where
    )
    value = row
    for part in binding.field.split("__"):
        if not hasattr(value, part):
            raise AuditError(f"{where}: {binding.model} has no field {binding.field!r}")
        value = getattr(value, part)
    if not binding.hashed:
        return value
    token = token_behind(str(value))
    if token is None:
        raise AuditError(
            f"{where}: what {binding.model}.{binding.field} is the digest of is not known: only the draft's own data "
            "have tokens that it knows; bind a token that your data hook keeps, or write the header out"
        )
    return token
