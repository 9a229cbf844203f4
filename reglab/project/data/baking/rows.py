"""Bakes some rows of every model of a project, and says which models stay empty and why."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, connections, models, router, transaction

from reglab.project.data.baking.comparisons import kept_in_order
from reglab.project.data.baking.memberships import membership_values
from reglab.project.data.baking.moments import stamps_of
from reglab.project.data.baking.people import powers_in, user_model, user_values
from reglab.project.data.baking.relations import (
    SPREADS,
    Rows,
    foreign_keys,
    generic_targets,
    generic_values,
    link_many_to_many,
    related_values,
)
from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of

# Their rows are made by migrations and log-ins, and no endpoint is about them.
NOT_BAKED: Final = frozenset({"contenttypes", "sessions", "admin", "migrations", "sites", "silk"})
_BAKED_OF_DJANGO: Final = frozenset({"auth.Group", "flatpages.FlatPage", "redirects.Redirect"})
SEED: Final = 2026
_MESSAGE_CHARACTERS: Final = 160
# How far the rows of classes that share a table are apart in what must be unique.
_OF_CLASS: Final = 1000
# How a row is spread over those that it points at, whether what may be left out is, and how many keys that may be null
# are set (None: all of them).
_Way = tuple[int, bool, int | None]
_FULLNESS: Final = ((False, None), (True, None), (True, 0), (True, 1))


@dataclass(slots=True, kw_only=True)
class Baked:
    """What was baked: `empty` says by model why it has no rows, `problems` what else failed."""

    empty: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def bake(*, rows: int) -> Baked:
    """Bake `rows` rows of every model, those first that others point at."""
    # Defaults and receivers of the project may ask Python's own generator.
    random.seed(SEED)
    baked = Baked()
    known = Rows(limit=max(rows, 1) + 1)
    models_in_order = _in_order()
    for _ in range(2):
        # Twice: what needed a row of a model that comes later has it the second time.
        for model in models_in_order:
            label = model._meta.label  # noqa: SLF001  # Django's public name for it
            if label in baked.empty or _ == 0:
                _fill(model, rows, known, baked)
    for model in models_in_order:
        baked.problems += link_many_to_many(model, known, limit=rows)
    return baked


def _fill(model: type[models.Model], rows: int, known: Rows, baked: Baked) -> None:
    label = model._meta.label  # noqa: SLF001  # Django's public name for it
    alias = router.db_for_write(model)
    if model._meta.db_table not in _tables(alias):  # noqa: SLF001
        return
    maker = _Maker(model, known, alias=alias)
    reason = ""
    for number in range(rows):
        reason = maker.make(number)
        if reason and number == 0:
            break
    if maker.made or not reason:
        baked.empty.pop(label, None)
        if reason and maker.made < rows:
            baked.problems.append(f"{label}: {maker.made} of {rows} rows; then {reason}")
    elif _has_rows(model):
        baked.empty.pop(label, None)
    else:
        baked.empty[label] = reason
    known.forget(model)


class _Maker:
    """Makes the rows of one model, each in the first way that the model takes; that way is tried first for the next."""

    def __init__(self, model: type[models.Model], known: Rows, *, alias: str) -> None:
        self._model = model
        self._known = known
        self._alias = alias
        family = [one for parent in model._meta.get_parent_list() for one in parent.__subclasses__()]  # noqa: SLF001
        self._rank = 1 + family.index(model) if model in family else 0
        self._ways: list[_Way] = [(spread, *rest) for rest in _FULLNESS for spread in range(SPREADS)]
        self.made = 0

    def make(self, number: int) -> str:
        """Make one row; return why there is none, or an empty text."""
        first_reason = ""
        for way in list(self._ways):
            try:
                with transaction.atomic(using=self._alias):
                    self._save(number, way)
            except Exception as error:  # noqa: BLE001  # save() and its receivers are the project's code
                first_reason = first_reason or _told(error)
                continue
            self._ways.remove(way)
            self._ways.insert(0, way)
            self.made += 1
            return ""
        return first_reason

    def _save(self, number: int, way: _Way) -> None:
        spread, is_minimal, null_keys = way
        model = self._model
        values = self._plain_values(number, is_minimal=is_minimal)
        values |= related_values(model, number, self._known, spread=spread, null_keys=null_keys)
        values |= generic_values(model, number, self._known)
        if any(getattr(one, "is_superuser", False) for one in values.values()):
            values |= powers_in(model)
        if spread == 0:
            values |= membership_values(model, number, self._known)
        if model is user_model():
            values |= user_values(model, number)
        row = model(**values)
        if hasattr(model, "add_root") and hasattr(row, "add_child"):
            _plant(model, row)
        else:
            row.save(using=self._alias)
        self._stamp(row, number)
        # Constraints that wait for the commit must fail here, where the row can still be left out.
        if connections[self._alias].vendor == "postgresql":
            connections[self._alias].check_constraints()

    def _stamp(self, row: Any, number: int) -> None:
        """Tell rows apart by what the clock wrote, where the database lets a row be changed."""
        if stamps := stamps_of(self._model, number):
            with suppress(Exception), transaction.atomic(using=self._alias):
                self._model._base_manager.using(self._alias).filter(pk=row.pk).update(**stamps)  # noqa: SLF001

    def _plain_values(self, number: int, *, is_minimal: bool) -> dict[str, Any]:
        values = {}
        for one in self._model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
            if one.is_relation or isinstance(one, models.AutoField) or not one.concrete or one.column is None:
                continue
            # A parent's rows have the first numbers of what must be unique in its table.
            own = number if one.model is self._model or not one.unique else number + self._rank * _OF_CLASS
            value = value_of(one, own, is_minimal=is_minimal)
            if value is not LEAVE:
                values[one.name] = value
        return kept_in_order(self._model, values)


def _plant(model: type[models.Model], row: Any) -> None:
    """Put a row into a tree of django-treebeard: below the first root, or as a root where there is none."""
    base: Any = next((one for one in reversed(model.__mro__) if hasattr(one, "add_root") and _is_concrete(one)), model)
    root = base.get_first_root_node()
    if root is None:
        base.add_root(instance=row)
        return
    child = root.get_first_child()
    (child or root).add_child(instance=row)


def _is_concrete(model: type) -> bool:
    meta = getattr(model, "_meta", None)
    return meta is not None and not meta.abstract


def _has_rows(model: type[models.Model]) -> bool:
    try:
        return model._base_manager.exists()  # noqa: SLF001
    except DatabaseError:
        return False


def _tables(alias: str) -> set[str]:
    return set(connections[alias].introspection.table_names())


def _told(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return f"ValidationError: {'; '.join(error.messages)}"[:_MESSAGE_CHARACTERS]
    if isinstance(error, ObjectDoesNotExist) and not str(error):
        return type(error).__qualname__
    lines = str(error).strip().splitlines() or ["no message"]
    return f"{type(error).__name__}: {lines[0]}"[:_MESSAGE_CHARACTERS]


def _in_order() -> list[type[models.Model]]:
    """Return the models with those first that others point at; a circle is cut where it is met."""
    ordered: dict[type[models.Model], None] = {}

    def visit(model: type[models.Model], above: frozenset[type[models.Model]]) -> None:
        if model in ordered or model in above:
            return
        for parent in model._meta.get_parent_list():  # noqa: SLF001  # Django's public name for it
            visit(parent, above | {model})
        # What may be null can come later.
        for one in sorted(foreign_keys(model), key=lambda key: key.null):
            visit(one.remote_field.model, above | {model})
        for other in generic_targets(model):
            visit(other, above | {model})
        ordered[model] = None

    if (users := user_model()) is not None:
        visit(users, frozenset())
    for model in apps.get_models():
        visit(model, frozenset())
    return [model for model in ordered if _is_baked(model)]


def _is_baked(model: type[models.Model]) -> bool:
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    if not meta.managed or meta.proxy or meta.swapped:
        return False
    if model is user_model() or meta.label in _BAKED_OF_DJANGO:
        return True
    return meta.app_label not in NOT_BAKED and model.__module__.partition(".")[0] != "django"
