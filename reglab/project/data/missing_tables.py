"""Tables and columns that the project's models have, and its migrated databases have not: no migration makes them."""

import sys
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import connections, router
from django.db.models import Model

from reglab.errors import AuditError
from reglab.project.data.databases import own_aliases
from reglab.project.source_lines import ProjectFrames


def check_tables(frames: ProjectFrames) -> None:
    """Raise AuditError where a model of the project has no table, or no column for a field, after its migrations."""
    missing = dict(_missing(frames))
    if not missing:
        return
    labels = " ".join(sorted({model._meta.app_label for model in missing}))  # noqa: SLF001  # Django's public name
    first = next(iter(missing.values()))
    more = f", and {len(missing) - 1} more of its models" if len(missing) > 1 else ""
    raise AuditError(
        f"{first}{more}, although every migration ran: make the migrations first, with "
        f"`python manage.py makemigrations {labels}`, and run init again; nothing was written"
    )


def with_tables(models: Iterable[type[Model]]) -> Iterator[type[Model]]:
    """Yield the models that can be asked for rows: one that is not managed may be the shape of a raw query alone."""
    tables: dict[str, set[str]] = {}
    for model in models:
        alias = router.db_for_read(model)
        if alias not in tables:
            connection = connections[alias]
            with connection.cursor() as cursor:
                tables[alias] = set(connection.introspection.table_names(cursor, include_views=True))
        # A name with dots and quotes is a table of another schema, which the introspection spells otherwise.
        name = model._meta.db_table  # noqa: SLF001  # Django's public name for it
        if name in tables[alias] or '"' in name:
            yield model


def _missing(frames: ProjectFrames) -> Iterator[tuple[type[Model], str]]:
    """Yield each model of the project that lacks something, with what it lacks in words."""
    for alias in own_aliases():
        introspection = connections[alias].introspection
        with connections[alias].cursor() as cursor:
            tables = set(introspection.table_names(cursor, include_views=True))
            for model in apps.get_models(include_auto_created=True):
                if not _is_expected(model, alias, frames):
                    continue
                meta = model._meta  # noqa: SLF001  # Django's public name for it
                if meta.db_table not in tables:
                    yield model, f"{meta.label} has no table"
                    continue
                columns = {one.name for one in introspection.get_table_description(cursor, meta.db_table)}
                absent = next((one for one in meta.local_concrete_fields if one.column not in columns), None)
                if absent is not None:
                    yield model, f"{meta.label} has no column for {absent.name!r}"


def _is_expected(model: type[Model], alias: str, frames: ProjectFrames) -> bool:
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    if not meta.managed or meta.proxy or meta.swapped or not router.allow_migrate_model(alias, model):
        return False
    # A name with dots and quotes is a table of another schema, which the introspection spells otherwise.
    module = sys.modules.get((meta.auto_created or model).__module__)
    return '"' not in meta.db_table and frames.is_project(getattr(module, "__file__", None) or "")
