"""One measuring database for each size of the dataset, made from a template and dropped after the audit."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases

Build = Callable[..., object]
Sizes = Mapping[str, int]


class MeasuringDatabases:
    """The empty, migrated databases of every alias, and their clones filled by the suite's dataset hook."""

    def __init__(self, *, build: Build) -> None:
        self._build = build
        self._empty_names = {alias: _settings(connections[alias])["NAME"] for alias in own_aliases()}
        self._suffixes: dict[tuple[tuple[str, int], ...], str] = {}

    def use(self, sizes: Sizes) -> None:
        """Point every connection at the databases that hold the dataset of these sizes; build them where needed."""
        key = tuple(sorted(sizes.items()))
        is_new = key not in self._suffixes
        suffix = self._suffixes.setdefault(key, f"point{len(self._suffixes)}")
        for alias, empty_name in self._empty_names.items():
            _switch(connections[alias], empty_name)
            if is_new:
                connections[alias].creation.clone_test_db(suffix=suffix, verbosity=0)
            clone = connections[alias].creation.get_test_db_clone_settings(suffix)
            _switch(connections[alias], str(clone["NAME"]))
        if is_new:
            self._build(**sizes)
            for alias in self._empty_names:
                settle(connections[alias])

    def drop(self) -> None:
        """Drop every clone and point the connections at the empty databases again."""
        for alias, empty_name in self._empty_names.items():
            connection = connections[alias]
            _switch(connection, empty_name)
            for suffix in self._suffixes.values():
                connection.creation.destroy_test_db(suffix=suffix, verbosity=0)


@contextmanager
def measuring_databases(*, build: Build) -> Iterator[MeasuringDatabases]:
    """Make databases of our own beside the configured ones, migrated; drop them, and all their clones, in the end.

    The databases that the settings name are never opened for anything but that.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="audit-")))
        prefix = f"audit_{os.getpid()}_{secrets.token_hex(3)}"
        for alias in connections:
            _name_test_database(connections[alias], prefix=prefix, folder=folder)
        previous = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
        stack.callback(teardown_databases, previous, verbosity=0)
        databases = MeasuringDatabases(build=build)
        stack.callback(databases.drop)
        yield databases


def own_aliases() -> tuple[str, ...]:
    """Return the aliases that have a database of their own, mirrors of another alias left out."""
    return tuple(alias for alias in connections if not _settings(connections[alias])["TEST"].get("MIRROR"))


def settle(connection: BaseDatabaseWrapper) -> None:
    """Bring a filled database to rest: sequences behind the highest id, rows frozen, statistics exact.

    Plans and counts then depend on the rows alone, not on when autovacuum came by.
    """
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_models_of(connection))):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (FREEZE, ANALYZE)")


def _models_of(connection: BaseDatabaseWrapper) -> Iterator[type]:
    existing = set(connection.introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001  # Django's public name for it
        if meta.managed and not meta.proxy and meta.db_table in existing:
            yield model


def _name_test_database(connection: BaseDatabaseWrapper, *, prefix: str, folder: Path) -> None:
    # A name of this process's own: two audits at once, or a killed one, never meet in a database. SQLite gets a file,
    # because its databases in memory cannot be cloned.
    test = _settings(connection)["TEST"]
    name = f"{prefix}_{connection.alias}"
    test["NAME"] = str(folder / f"{name}.sqlite3") if connection.vendor == "sqlite" else name


def _switch(connection: BaseDatabaseWrapper, name: str) -> None:
    connection.close()
    _settings(connection)["NAME"] = name


def _settings(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    return connection.settings_dict
