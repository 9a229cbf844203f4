"""Another valid value of a field than the one that a row has."""

from typing import Any

from django.db import models

from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_beside_default

# Numbers of rows whose values a field of another row may have.
_OTHER_ROWS = (7, 8, 9)


def another(field: Any, row: models.Model | None) -> Any:
    """Return a value that a request may or may not set, other than the row's; None for keys and files."""
    if field.is_relation or isinstance(field, models.FileField | models.JSONField | models.BinaryField):
        return None
    now = getattr(row, field.attname, None)
    if isinstance(field, models.BooleanField):
        return not now
    values = [value for value, _ in field.flatchoices] or [
        value_beside_default(field, number) for number in _OTHER_ROWS
    ]
    found = next((value for value in values if value not in (None, "", LEAVE) and str(value) != str(now)), None)
    return found if isinstance(found, int | float | str | None) else str(found)


def another_of(field: Any, row: models.Model | None) -> Any:
    """Return the same, and of a key the first other row that it may name; None where there is none."""
    if not isinstance(field, models.ForeignKey):
        return another(field, row)
    now = getattr(row, field.attname, None)
    target = field.target_field.attname
    rows: models.QuerySet[Any] = models.QuerySet(field.remote_field.model).exclude(**{target: now}).order_by("pk")
    found = rows.values_list(target, flat=True).first()
    return found if isinstance(found, int | str | None) else str(found)
