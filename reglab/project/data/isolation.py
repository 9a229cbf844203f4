"""Isolation of executions: same rows, same ids, same caches, everything rolled back."""

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import datetime
from typing import Any

import time_machine
from django.apps import apps
from django.core.cache import caches
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TestCase
from django.utils import translation

from reglab.project.data.databases import own_aliases
from reglab.project.data.memory_stores import files_undone
from reglab.project.message_queues import forget_messages

_SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences
"""


class Sequences:
    """The state of every sequence of the PostgreSQL databases: a rollback leaves them advanced."""

    def __init__(self) -> None:
        self._states = {alias: _sequence_states(connections[alias]) for alias in own_aliases()}

    def restore(self) -> None:
        """Put every sequence back, so that the next execution hands out the same ids."""
        for alias, states in self._states.items():
            if states:
                parts = ", ".join("setval(%s::regclass, %s, %s)" for _ in states)
                with driver_cursor(connections[alias]) as cursor:
                    cursor.execute(f"SELECT {parts}", [value for state in states for value in state])


@contextmanager
def rolled_back() -> Iterator[None]:
    """Run the block inside a transaction on every alias, and undo it.

    `durable=True` blocks inside are allowed, as in Django's TestCase. Cursors on the server have the same names in
    every such block: psycopg keeps the texts of statements, and another name each time looks like a leak. Files that
    the block writes into memory go, too.
    """
    with ExitStack() as stack:
        stack.enter_context(files_undone())
        for alias in own_aliases():
            atomic = transaction.atomic(using=alias)
            atomic._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001  # the mark that TestCase sets
            stack.enter_context(atomic)
            connection: Any = connections[alias]
            if hasattr(connection, "_named_cursor_idx"):
                connection._named_cursor_idx = 0  # noqa: SLF001  # Django counts on, and never back
            stack.callback(transaction.set_rollback, True, using=alias)
            stack.enter_context(_kept_open(connection))
        yield


@contextmanager
def _kept_open(connection: Any) -> Iterator[None]:
    """Let the block's code close the connection in vain: all that the block is to undo would end with it.

    Between the requests of a server, and after a task of a queue, code may do so.
    """
    methods = [name for name in ("close", "close_if_unusable_or_obsolete") if name not in vars(connection)]
    for name in methods:
        setattr(connection, name, _nothing)
    try:
        yield
    finally:
        for name in methods:
            delattr(connection, name)


def _nothing() -> None:
    """Leave the connection as it is."""


@contextmanager
def commits_followed() -> Iterator[None]:
    """Run the `on_commit` work of the block at its end, as a commit would."""
    with ExitStack() as stack:
        for alias in own_aliases():
            stack.enter_context(TestCase.captureOnCommitCallbacks(using=alias, execute=True))
        yield


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from running finalisers and callbacks at a moment that differs between runs.

    What exists already is frozen, so that the collections between executions are cheap.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


@contextmanager
def stopped_clock(moment: datetime) -> Iterator[None]:
    """Let every clock of this process, but the monotonic one, stand still.

    "The last thirty days" then are the same tomorrow, and no timestamp is shorter than another because its last digit
    is 0. The database's own clock goes on.
    """
    # As a number: a date with a zone would change the process's time zone as well.
    with time_machine.travel(moment.timestamp(), tick=False):
        yield


def forget_caches() -> None:
    """Empty the caches that would make the first execution unlike the next."""
    # All of them: Django keeps those that a request has opened in that request's context.
    for cache in caches.all():
        cache.clear()
    forget_messages()
    # That of the last request: what looks a URL up before the next one would find none of another language.
    translation.deactivate()
    if apps.is_installed("django.contrib.contenttypes"):
        from django.contrib.contenttypes.models import ContentType

        ContentType.objects.clear_cache()
    if apps.is_installed("django.contrib.sites"):
        from django.contrib.sites.models import Site

        Site.objects.clear_cache()


def check_deferred_constraints() -> None:
    """Check now what a commit would check. Raises IntegrityError where the commit would have failed."""
    for alias in own_aliases():
        connection = connections[alias]
        if connection.vendor == "postgresql" and not connection.needs_rollback:
            connection.check_constraints()


def driver_cursor(connection: BaseDatabaseWrapper) -> AbstractContextManager[Any]:
    """Return a cursor of the driver itself, which no wrapper of Django's, and so no counter, sees."""
    connection.ensure_connection()
    return closing(connection.connection.cursor())


def _sequence_states(connection: BaseDatabaseWrapper) -> tuple[tuple[str, int, bool], ...]:
    if connection.vendor != "postgresql":
        return ()
    with driver_cursor(connection) as cursor:
        # In two steps: psycopg2's cursors return nothing from execute().
        cursor.execute(_SEQUENCES)
        return tuple(cursor.fetchall())
