"""Free texts in rows: what one client has stored, and another one is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, models, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

# Room for a canary and a key behind it.
_LENGTH_MIN: Final = 30
_ROWS_MAX: Final = 100
_ROWS_CHANGED_MAX: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """A text column of a model; `put` writes a text into its rows, with each row's key behind it.

    `texts` reads what those rows hold; `row_with` the only row that holds a text, None where several do, or none.
    """

    part: str
    put: Callable[[str], object]
    texts: Callable[[], frozenset[str]]
    row_with: Callable[[str], models.Model | None] = lambda _: None
    attribute: str = ""


def stored_texts(read: Sequence[type[models.Model]]) -> Iterator[StoredText]:
    """Yield the columns of these models that hold free text."""
    for model in read:
        for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
            is_free = isinstance(one, models.CharField | models.TextField) and not one.choices and not one.primary_key
            if is_free and (one.max_length is None or one.max_length >= _LENGTH_MIN):
                yield StoredText(
                    part=f"{model._meta.db_table}.{one.column}",  # noqa: SLF001
                    put=_putting(model, one.attname),
                    texts=_reading(model, one.attname),
                    row_with=_finding(model, one.attname),
                    attribute=one.attname,
                )


def texts_of(column: StoredText) -> frozenset[str]:
    """Return the texts of a column; none where the database has no such table, as of a model that nobody migrates."""
    try:
        with transaction.atomic():
            return column.texts()
    except DatabaseError:
        return frozenset()


def fixed_texts(read: Sequence[type[models.Model]]) -> Iterator[str]:
    """Yield the other texts that an answer may show: words about fields, their choices, and what short columns hold."""
    for model in read:
        for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
            # What forms say of a field.
            yield from (str(one.help_text), str(one.verbose_name))
            if not isinstance(one, models.CharField | models.TextField | models.FileField):
                continue
            yield from (str(text) for choice in one.flatchoices for text in choice)
            # The name of a file is made of what its row was then.
            is_other = isinstance(one, models.FileField) or one.choices
            if is_other or (one.max_length or _LENGTH_MIN) < _LENGTH_MIN:
                yield from _reading(model, one.attname)()


def _putting(model: type[models.Model], attribute: str) -> Callable[[str], object]:
    def put(text: str) -> object:
        rows: models.QuerySet[models.Model] = models.QuerySet(model)
        # Of fewer, all: a row that keeps its text would be shown with it.
        keys = list(rows.order_by("-pk").values_list("pk", flat=True)[:_ROWS_CHANGED_MAX])
        # A queryset of Django's own: the project's may do more than one UPDATE.
        return rows.filter(pk__in=keys).update(**{attribute: Concat(Value(text), Cast(F("pk"), CharField()))})

    return put


def _finding(model: type[models.Model], attribute: str) -> Callable[[str], models.Model | None]:
    def row_with(text: str) -> models.Model | None:
        rows: models.QuerySet[models.Model] = models.QuerySet(model)
        found = list(rows.filter(**{attribute: text})[:2])
        return found[0] if len(found) == 1 else None

    return row_with


def _reading(model: type[models.Model], attribute: str) -> Callable[[], frozenset[str]]:
    def texts() -> frozenset[str]:
        rows: models.QuerySet[models.Model] = models.QuerySet(model)
        return frozenset(
            str(text) for text in rows.order_by("-pk").values_list(attribute, flat=True)[:_ROWS_MAX] if text
        )

    return texts
