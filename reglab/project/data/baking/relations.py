"""Rows that other rows point at: foreign keys, many-to-many rows, and generic relations."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from reglab.project.data.baking.values import has_host

# Ways to spread rows over those that they point at, tried one after another where a constraint refuses the first.
SPREADS: Final = 3
# Of so many rows that belong to a user, the last belongs to somebody else than who is logged in.
_OWNED: Final = 4
# Of so many rows that point at their own table, one points at nothing.
_ROOTS: Final = 3


class Rows:
    """The rows that are there, a model's first ones read once: by primary key."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._found: dict[type[models.Model], list[models.Model]] = {}

    def of(self, model: type[models.Model]) -> list[models.Model]:
        """Return the first rows of a model, read when they are first asked for and not empty."""
        if not self._found.get(model):
            first = ["-is_superuser", "pk"] if _is_user(model) and _has(model, "is_superuser") else ["pk"]
            # Migrations may make users, too: the first is the one who is logged in.
            self._found[model] = list(model._base_manager.order_by(*first)[: self._limit])  # noqa: SLF001
        return self._found[model]

    def forget(self, model: type[models.Model]) -> None:
        """Read a model's rows again when they are next asked for, and those of its parents."""
        for one in (model, *model._meta.get_parent_list()):  # noqa: SLF001  # Django's public name for it
            self._found.pop(one, None)


class MissingRowsError(ValueError):
    """A row needs another one, and there is none."""


def foreign_keys(model: type[models.Model]) -> Iterator[Any]:
    """Return the foreign keys of a model, the links to the tables that it inherits from left out."""
    for field in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(field, models.ForeignKey) and not (field.remote_field and field.remote_field.parent_link):
            yield field


def related_values(
    model: type[models.Model], number: int, rows: Rows, *, spread: int, null_keys: int | None = None
) -> dict[str, Any]:
    """Return the row that each foreign key of row `number` points at. Raises MissingRowsError.

    `null_keys` limits how many of those that may be null are set.

    Half of the rows point at the first row, so that its own list grows with the data; the others differ in turn. Of
    four rows that belong to a user three belong to the first, who is logged in: the fourth is what nobody but its owner
    may see. One that belongs to a tenant belongs to the tenant of the host that requests name.
    """
    keys = [field for field in foreign_keys(model) if not getattr(field, "generated", False)]
    left_null = [field for field in keys if field.null][null_keys:] if null_keys is not None else []
    return {
        field.name: _own_type(field, model, spread=spread) or _related(field, number, rows, spread=spread, place=place)
        for place, field in enumerate(keys)
        if field not in left_null
    }


def _own_type(field: Any, model: type[models.Model], *, spread: int) -> models.Model | None:
    """Return the content type of the row's own model where a key asks for one: so a row says of what class it is."""
    target = field.remote_field.model
    if target._meta.label != "contenttypes.ContentType" or field.unique or spread:  # noqa: SLF001
        return None
    own: models.Model = target.objects.get_for_model(model, for_concrete_model=False)
    return next(iter(_allowed(field, [own])), None)


def _related(field: Any, number: int, rows: Rows, *, spread: int, place: int) -> models.Model | None:
    target = field.remote_field.model
    if _is_same_family(target, field.model):
        return _parent(field, number, rows, spread=spread)
    found = _allowed(field, rows.of(target))
    if not found:
        if field.null:
            return None
        raise MissingRowsError(f"{field.name} needs a row of {target._meta.label}, and there is none")  # noqa: SLF001
    if field.unique:
        if number >= len(found):
            raise MissingRowsError(f"{field.name} needs {number + 1} rows of {target._meta.label}")  # noqa: SLF001
        return found[number]
    if spread == 0:
        return _spread_by_halves(target, found, number)
    if spread == 1:
        # Two keys to one model name two rows: a transfer, a friendship.
        return found[(number + _place_among_equals(field, place)) % len(found)]
    # Every combination of two keys in turn.
    chosen: models.Model = found[(number // len(found) ** place) % len(found)]
    return chosen


def _spread_by_halves(target: type[models.Model], found: list[models.Model], number: int) -> models.Model:
    if _is_user(target):
        others = found[1:] or found
        group, place = divmod(number, _OWNED)
        if place < _OWNED - 1:
            return found[0]
        # Every second one belongs to the same user: there is a list of their own, too, that grows.
        return others[number % len(others) if group % 2 else 0]
    return found[0] if number % 2 == 0 or has_host(target) else found[number % len(found)]


def _place_among_equals(field: Any, place: int) -> int:
    """Return how many keys of a row before this one point at the same model."""
    keys = [one for one in foreign_keys(field.model) if not getattr(one, "generated", False)]
    return sum(one.remote_field.model is field.remote_field.model for one in keys[:place])


def _has(model: type[models.Model], name: str) -> bool:
    return any(one.name == name for one in model._meta.concrete_fields)  # noqa: SLF001  # Django's public name for it


def _parent(field: Any, number: int, rows: Rows, *, spread: int) -> models.Model | None:
    """Return the row of the same table to point at: none for the first, the first for all others.

    Where the table takes it, each third row is a root as well, and has rows below it: what a page asks for every root
    grows with the data, and so does what it asks for everything below the first.
    """
    target = field.remote_field.model
    if is_forest := spread == 0 and field.null and not field.unique:
        rows.forget(target)
    found = rows.of(target)
    if number == 0 or not found:
        if field.null or not found:
            return None
        return found[0]
    if is_forest:
        of_other_root = number - number % _ROOTS
        return None if number == of_other_root else found[0 if number % _ROOTS == 1 else of_other_root % len(found)]
    return found[min(number, len(found)) - 1] if field.unique else found[0]


def _allowed(field: Any, found: list[models.Model]) -> list[models.Model]:
    """Leave out what `limit_choices_to` does not allow."""
    limit = field.get_limit_choices_to()
    if not limit or not found:
        return found
    allowed = set(
        type(found[0])._base_manager.complex_filter(limit).values_list("pk", flat=True)  # noqa: SLF001
    )
    return [row for row in found if row.pk in allowed]


def _is_same_family(target: type[models.Model], model: type[models.Model]) -> bool:
    return target is model or (issubclass(model, target) and target in model._meta.get_parent_list())  # noqa: SLF001


def _is_user(model: type[models.Model]) -> bool:
    try:
        return model is get_user_model()
    except ImproperlyConfigured:
        return False


def generic_values(model: type[models.Model], number: int, rows: Rows) -> dict[str, Any]:
    """Return content type and id for each generic foreign key: rows of the first model that is no tool's own."""
    if not apps.is_installed("django.contrib.contenttypes"):
        return {}
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.contrib.contenttypes.models import ContentType

    found: dict[str, Any] = {}
    for field in model._meta.private_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(field, GenericForeignKey):
            key = model._meta.get_field(field.fk_field)  # noqa: SLF001
            for other in _targets(model, field):
                candidates = rows.of(other)
                if candidates and _takes(key, candidates[0].pk):
                    row = candidates[0 if number % 2 == 0 else number % len(candidates)]
                    found[field.ct_field] = ContentType.objects.get_for_model(other)
                    found[field.fk_field] = row.pk
                    break
    return found


def _targets(model: type[models.Model], key: Any) -> Iterator[type[models.Model]]:
    """Yield the models whose rows a generic key may point at, those first that declare the way back."""
    yield from _declared_targets(key)
    same_app = apps.get_app_config(model._meta.app_label).get_models()  # noqa: SLF001  # Django's public name for it
    others = (one for one in apps.get_models() if not one.__module__.startswith("django."))
    yield from (one for one in (*same_app, *others) if one is not model and one._meta.managed)  # noqa: SLF001


def generic_targets(model: type[models.Model]) -> Iterator[type[models.Model]]:
    """Yield the models that declare the way back of a generic key of `model`: its rows point at theirs."""
    if apps.is_installed("django.contrib.contenttypes"):
        for field in model._meta.private_fields:  # noqa: SLF001  # Django's public name for it
            if hasattr(field, "ct_field"):
                yield from _declared_targets(field)


def _declared_targets(key: Any) -> Iterator[type[models.Model]]:
    return (other for other in apps.get_models() if any(_leads_to(one, key) for one in _generic_relations(other)))


def _generic_relations(model: type[models.Model]) -> Iterator[Any]:
    from django.contrib.contenttypes.fields import GenericRelation

    private: Any = model._meta.private_fields  # noqa: SLF001  # Django's public name for it
    return (one for one in private if isinstance(one, GenericRelation))


def _leads_to(relation: Any, key: Any) -> bool:
    names = relation.content_type_field_name, relation.object_id_field_name
    return relation.remote_field.model is key.model and names == (key.ct_field, key.fk_field)


def _takes(field: Any, key: Any) -> bool:
    try:
        field.to_python(key)
    except Exception:  # noqa: BLE001  # a field of any kind refuses in its own way
        return False
    return True


def link_many_to_many(model: type[models.Model], rows: Rows, *, limit: int) -> list[str]:
    """Fill the many-to-many tables that Django made: the first row has all others, each further one a few.

    Return what failed, with its reason.
    """
    problems = []
    for field in model._meta.local_many_to_many:  # noqa: SLF001  # Django's public name for it
        through: Any = field.remote_field.through
        if not through._meta.auto_created:  # noqa: SLF001  # rows of a written table are baked like any other
            continue
        targets = _allowed(field, rows.of(field.remote_field.model))[:limit]
        if not targets:
            continue
        for number, row in enumerate(rows.of(model)[:limit]):
            chosen = targets if number == 0 else [targets[(number + step) % len(targets)] for step in range(2)][:2]
            try:
                getattr(row, field.name).add(*(one.pk for one in chosen if one is not row))
            except Exception as error:  # noqa: BLE001  # receivers of m2m_changed are anybody's code
                problems.append(f"{model._meta.label}.{field.name}: {type(error).__name__}: {error}")  # noqa: SLF001
                break
    return problems
