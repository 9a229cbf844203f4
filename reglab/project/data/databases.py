"""One measuring database for each size of the dataset, made from a template and dropped after the audit."""

import gc
import os
import secrets
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases

from reglab.errors import AuditError
from reglab.own_folders import own_folder
from reglab.project.data.memory_stores import files_apart
from reglab.project.data.migrated import MigratedDatabases, migrated_files, present_migrations
from reglab.project.data.randomness import DATASET, seeded

Build = Callable[..., object]
Sizes = Mapping[str, int]
_WORK: Final = "work"
# The first major versions that end sessions with a database, and that choose how to copy a template.
_WITH_FORCE: Final = 130000
_WITH_STRATEGY: Final = 150000


class MeasuringDatabases:
    """The empty, migrated databases of every alias, and their clones filled by the suite's dataset hook.

    A point has two: the template, filled and at rest, and its working copy, which the connections use.
    """

    def __init__(self, *, build: Build) -> None:
        self._build = build
        self._empty_names = {alias: _settings(connections[alias])["NAME"] for alias in own_aliases()}
        self._templates: dict[tuple[tuple[str, int], ...], dict[str, str]] = {}
        self._present: dict[str, str] = {}
        self._work = _WORK
        self._works = [_WORK]

    def use(self, sizes: Sizes, *, build: int = 0) -> None:
        """Point every connection at a fresh copy of the dataset of these sizes; build it where it is new.

        Each number of a `build` has a dataset of its own.
        """
        self._present = self.prepare(sizes, build=build)
        self.restore()

    def prepare(self, sizes: Sizes, *, build: int = 0) -> dict[str, str]:
        """Build the dataset of these sizes where it is new; return its databases' names by alias."""
        key = (("", build), *sorted(sizes.items()))
        if key not in self._templates:
            self._templates[key] = self._filled(f"point{len(self._templates)}", sizes)
        return self._templates[key]

    def restore(self) -> None:
        """Throw the working copy away and take a fresh one: same rows, same blocks, same statistics."""
        for alias, template in self._present.items():
            switch(connections[alias], template)
            switch(connections[alias], _clone(connections[alias], self._work))

    def share(self, count: int) -> None:
        """Be ready for `count` processes that are forked from this one: no connection is open, all copies are known."""
        self._works = [_WORK, *(f"{_WORK}{number}" for number in range(count))]
        connections.close_all()

    def work_as(self, number: int) -> None:
        """In such a process: take working copies of its own."""
        self._work = f"{_WORK}{number}"

    def drop(self) -> None:
        """Drop every clone and point the connections at the empty databases again."""
        for templates in self._templates.values():
            for alias, template in templates.items():
                switch(connections[alias], template)
                for work in self._works:
                    _drop(connections[alias], work)
                _drop(connections[alias], None)
        for alias, empty_name in self._empty_names.items():
            switch(connections[alias], empty_name)

    def _filled(self, suffix: str, sizes: Sizes) -> dict[str, str]:
        names = {}
        for alias, empty_name in self._empty_names.items():
            switch(connections[alias], empty_name)
            names[alias] = _clone(connections[alias], suffix)
            switch(connections[alias], names[alias])
        with said_as("the dataset hook"), collecting(), seeded(DATASET), files_apart():
            self._build(**sizes)
        for alias in names:
            settle(connections[alias])
        return names


@contextmanager
def measuring_databases(*, build: Build) -> Iterator[MeasuringDatabases]:
    """Make databases of our own beside the configured ones, migrated; drop them, and all their clones, in the end.

    The databases that the settings name are never opened for anything but that.
    """
    with ExitStack() as stack:
        folder, _ = stack.enter_context(own_folder("audit"))
        migrated = present_migrations()
        if migrated is not None and migrated.is_there:
            for alias in own_aliases():
                switch(connections[alias], migrated.name(alias))
        elif migrated is not None or not _copied(folder, stack):
            _migrate(migrated, folder, stack)
        stack.enter_context(_mirrors_joined())
        databases = MeasuringDatabases(build=build)
        stack.callback(databases.drop)
        yield databases


def _migrate(migrated: MigratedDatabases | None, folder: Path, stack: ExitStack) -> None:
    """Make an empty, migrated database for every alias; those of the audit's own server are kept, others dropped."""
    prefix = f"audit_{os.getpid()}_{secrets.token_hex(3)}"
    for alias in connections:
        _name_test_database(connections[alias], prefix=prefix, folder=folder)
        if migrated is not None:
            _settings(connections[alias])["TEST"]["NAME"] = migrated.name(alias)
    with said_as("migrating an empty database"), collecting():
        previous = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    if migrated is not None:
        connections.close_all()
        migrated.keep()
        return
    stack.callback(_tear_down, previous)
    if (files := migrated_files()) is not None:
        connections.close_all()
        files.keep({alias: Path(_settings(connections[alias])["NAME"]) for alias in own_aliases()})


def _copied(folder: Path, stack: ExitStack) -> bool:
    """Point every alias at a copy of a kept, migrated file of SQLite; return whether there are such files."""
    files = migrated_files()
    if files is None or not files.is_there:
        return False
    targets = {alias: folder / f"copied_{alias}.sqlite3" for alias in own_aliases()}
    try:
        for alias, target in targets.items():
            files.copied(alias, target)
    except OSError:
        return False
    for alias, target in targets.items():
        stack.callback(switch, connections[alias], _settings(connections[alias])["NAME"])
        switch(connections[alias], str(target))
    return True


def own_aliases() -> tuple[str, ...]:
    """Return the aliases that have a database of their own, mirrors of another alias left out."""
    return tuple(alias for alias in connections if not _mirrored(alias))


def _mirrored(alias: str) -> str:
    """Return the alias whose database this one reads, or an empty text."""
    return str((connections.settings[alias].get("TEST") or {}).get("MIRROR") or "")


@contextmanager
def _mirrors_joined() -> Iterator[None]:
    """Let a replica's alias use its primary's connection: it sees the rows that a request wrote, and rolls back."""
    own = {alias: connections[alias] for alias in connections if _mirrored(alias)}
    for alias, connection in own.items():
        connection.close()
        connections[alias] = connections[_mirrored(alias)]
    try:
        yield
    finally:
        for alias, connection in own.items():
            connections[alias] = connection


@contextmanager
def collecting() -> Iterator[None]:
    """Let the garbage collector run inside the block: making data leaves more garbage than memory has room for."""
    was_enabled = gc.isenabled()
    gc.enable()
    try:
        yield
    finally:
        if not was_enabled:
            gc.collect()
            gc.freeze()
            gc.disable()


def _tear_down(previous: Any) -> None:
    for connection, _, destroy in previous:
        if destroy:
            _drop(connection, None)
    teardown_databases([(connection, name, False) for connection, name, _ in previous], verbosity=0)


def settle(connection: BaseDatabaseWrapper) -> None:
    """Bring a filled database to rest: sequences behind the highest id, rows frozen, statistics exact.

    Plans and counts then depend on the rows alone, not on when autovacuum came by.
    """
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_models_of(connection))):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            # Twice: a page whose dead rows the first one removes is marked as visible to all by the second.
            cursor.execute("VACUUM (FREEZE)")
            cursor.execute("VACUUM (FREEZE, ANALYZE)")


def switch(connection: BaseDatabaseWrapper, name: str) -> None:
    """Point a connection, and those that other threads open under its alias, at another database of its server."""
    connection.close()
    _settings(connection)["NAME"] = name
    for alias in connections:
        if _mirrored(alias) == connection.alias:
            # Threads open connections of their own.
            connections.settings[alias]["NAME"] = name


@contextmanager
def said_as(what: str) -> Iterator[None]:
    """Turn what the subject's own code raises into one line that names the place."""
    try:
        yield
    except AuditError:
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise AuditError(
            f"{what} fails with {type(error).__name__}: {error} ({last.filename}:{last.lineno})"
        ) from error


def _clone(connection: BaseDatabaseWrapper, suffix: str) -> str:
    """Copy the connection's database, over an earlier copy of that name; return the copy's name."""
    name = str(connection.creation.get_test_db_clone_settings(suffix)["NAME"])
    if connection.vendor != "postgresql":
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
        return name
    source = _settings(connection)["NAME"]
    quote = connection.ops.quote_name
    connection.close()
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  # as Django's own test databases are made
        cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)}{_force(cursor)}")
        # A session that the subject left open would keep the template from being copied.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
        strategy = " STRATEGY file_copy" if _server_version(cursor) >= _WITH_STRATEGY else ""
        cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(source)}{strategy}")
    return name


def _force(cursor: Any) -> str:
    return " WITH (FORCE)" if _server_version(cursor) >= _WITH_FORCE else ""


def _server_version(cursor: Any) -> int:
    cursor.execute("SHOW server_version_num")
    return int(cursor.fetchone()[0])


def _drop(connection: BaseDatabaseWrapper, suffix: str | None) -> None:
    connection.close()
    name = str(
        _settings(connection)["NAME"]
        if suffix is None
        else connection.creation.get_test_db_clone_settings(suffix)["NAME"]
    )
    if connection.vendor == "sqlite":
        Path(name).unlink(missing_ok=True)
    else:
        with connection._nodb_cursor() as cursor:  # noqa: SLF001  # as Django's own test databases are dropped
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}{_force(cursor)}")


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


def _settings(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    return connection.settings_dict
