"""Runs the change's new migrations on databases that the base's code has filled."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from reglab.migrations_audit.applied import Applied, applied, unapplied
from reglab.migrations_audit.base_process import BaseProcess
from reglab.migrations_audit.base_revision import BaseRevision
from reglab.migrations_audit.operations import (
    builds_concurrently,
    declared,
    operations_of,
    state_before,
    table_of,
    works_on_rows,
)
from reglab.migrations_audit.rows import NULL, Loss, Swap, Table, add_twins, losses, stretch_texts, tables_of
from reglab.migrations_audit.schema import Schema, apart, schema_of
from reglab.own_folders import own_folder
from reglab.project.audit_ground import Say
from reglab.project.data.databases import switch


@dataclass(slots=True, kw_only=True)
class Examined:
    """What the new migrations did: one by one, to the rows, backwards, and to the base's code.

    `concurrent_before` names an earlier migration that built an index beside its writers, if there is one. Of the
    migrations that were `edited`, `apart` says by table what an upgraded database has otherwise than a new one.
    """

    migrations: tuple[Migration, ...]
    applied: list[Applied] = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)
    lost_with_twins: list[Loss] = field(default_factory=list)
    error_with_twins: str = ""
    lost_at_limits: list[Loss] = field(default_factory=list)
    error_at_limits: str = ""
    irreversible: dict[str, str] = field(default_factory=dict)
    lost_backwards: list[Loss] = field(default_factory=list)
    swapped: list[Swap] = field(default_factory=list)
    concurrent_before: str = ""
    complaints: list[str] = field(default_factory=list)
    edited: tuple[Migration, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    known: list[str] = field(default_factory=list)


def examined(
    base: BaseRevision, new: tuple[Migration, ...], *, edited: tuple[Migration, ...] = (), say: Say
) -> Examined:
    """Examine the migrations on the default alias. Raises AuditError where the base's code cannot fill a database."""
    found = Examined(migrations=new, edited=edited, concurrent_before=_concurrent_before(new))
    made_anew = schema_of(connection)
    with own_folder("base") as (folder, _):
        process = BaseProcess(folder=folder / "base", harness=folder / "harness")
        process.folder.mkdir()
        base.export(process.folder)
        say("migrations: the base's code fills a database")
        with _fresh_database() as name:
            process.log_in(process.run("fill", {"default": connection.settings_dict}))
            found.known = process.run("answer", {"default": connection.settings_dict})
            # Its sessions end with its process; a template may have none.
            with _copied(name):
                _examine(found, process, made_anew=made_anew, say=say)
            if not new:
                return found
            with _copied(name):
                _examine_twins(found)
            # Last, and on a copy of its own: no scenario is answered from rows whose texts are others.
            with _copied(name):
                _examine_limits(found)
    return found


def _examine(found: Examined, process: BaseProcess, *, made_anew: Schema, say: Say) -> None:
    before = tables_of(connection)
    say("migrations: the head's migrations run on it")
    found.applied = applied(connection, found.migrations)
    found.swapped = list(_swapped(found, before))
    found.lost = list(losses(before, tables_of(connection), declared=declared(found.migrations)))
    if any(one.error for one in found.applied):
        return
    if found.edited:
        found.apart = apart(upgraded=schema_of(connection), new=made_anew)
    known = {_scenario(complaint) for complaint in found.known}
    found.complaints = [
        complaint
        for complaint in process.run("answer", {"default": connection.settings_dict})
        if _scenario(complaint) not in known
    ]
    found.irreversible = unapplied(connection, found.migrations)
    if not found.irreversible and not found.lost:
        # What an altered field held must be there again: it was cut or rounded where it is not.
        removed = declared(found.migrations, altered=False)
        found.lost_backwards = list(losses(before, tables_of(connection), declared=removed))


def _scenario(complaint: str) -> str:
    return complaint.partition(":")[0]


def _examine_twins(found: Examined) -> None:
    """Run them again on rows that differ by their key alone: they are in every production, and in few test data."""
    if any(one.error for one in found.applied):
        return
    with transaction.atomic():
        add_twins(connection, tables_of(connection))
    before = tables_of(connection)
    second = applied(connection, found.migrations)
    found.error_with_twins = next((f"{one.name}: {one.error}" for one in second if one.error), "")
    if not found.error_with_twins:
        known = {(one.table, one.verb) for one in found.lost}
        lost = losses(before, tables_of(connection), declared=declared(found.migrations))
        found.lost_with_twins = [one for one in lost if (one.table, one.verb) not in known]


def _examine_limits(found: Examined) -> None:
    """Run them on texts as long as their columns allow, forwards and back: what cuts is seen on such rows alone."""
    if any(one.error for one in found.applied):
        return
    with transaction.atomic():
        stretch_texts(connection)
    before = tables_of(connection)
    applied_here = applied(connection, found.migrations)
    found.error_at_limits = next((f"{one.name}: {one.error}" for one in applied_here if one.error), "")
    if found.error_at_limits:
        return
    known = {(one.table, one.verb) for one in (*found.lost, *found.lost_with_twins)}
    lost = losses(before, tables_of(connection), declared=declared(found.migrations))
    found.lost_at_limits = [one for one in lost if (one.table, one.verb) not in known]
    if not (found.irreversible or found.lost or found.lost_at_limits or found.lost_backwards):
        unapplied(connection, found.migrations)
        removed = declared(found.migrations, altered=False)
        found.lost_backwards = list(losses(before, tables_of(connection), declared=removed))


def _concurrent_before(new: tuple[Migration, ...]) -> str:
    known = {(one.app_label, one.name) for one in new}
    apps = {one.app_label for one in new}
    nodes = MigrationLoader(connection).graph.nodes
    earlier = [one for key, one in nodes.items() if one is not None and key not in known and key[0] in apps]
    found = builds_concurrently(earlier)
    return f"{found.app_label}.{found.name}" if found else ""


def _swapped(found: Examined, before: Mapping[str, Table]) -> Iterator[Swap]:
    """Yield the columns with values that are taken away, with the one of the same kind that is added to the table."""
    if works_on_rows(found.migrations):
        return
    models = state_before(found.migrations).models
    added: dict[tuple[str, Any], str] = {
        (table_of(app, one.model_name), type(one.field)): one.name
        for app, one in operations_of(found.migrations, migrations.AddField)
    }
    for app, one in operations_of(found.migrations, migrations.RemoveField):
        table, model = table_of(app, one.model_name), models.get((app, one.model_name_lower))
        kind = type(model.fields.get(one.name)) if model is not None else None
        values = (row.get(one.name, row.get(f"{one.name}_id", NULL)) for row in before.get(table, {}).values())
        rows = sum(1 for value in values if value not in {NULL, ""})
        if rows:
            yield Swap(table=table, old=one.name, new=added.get((table, kind), ""), rows=rows)


@contextmanager
def _fresh_database() -> Iterator[str]:
    """Point the default connection at a new, empty database, and take it away in the end."""
    name = f"base_{secrets.token_hex(4)}"
    with _at(name, template=""):
        yield name


@contextmanager
def _copied(template: str) -> Iterator[None]:
    with _at(f"{template}_{secrets.token_hex(2)}", template=template):
        yield


@contextmanager
def _at(name: str, *, template: str) -> Iterator[None]:
    previous = str(connection.settings_dict["NAME"])
    quoted = connection.ops.quote_name(name)
    connection.close()
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  # as Django's own test databases are made
        source = f" TEMPLATE {connection.ops.quote_name(template)}" if template else ""
        cursor.execute(f"CREATE DATABASE {quoted}{source}")
    switch(connection, name)
    try:
        yield
    finally:
        switch(connection, previous)
        with connection._nodb_cursor() as cursor:  # noqa: SLF001
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
