"""Writes of one request, as the write-set of a suite would put them: attempted rows, and the columns that were set."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from reglab.counters.digests import DigestCounter
from reglab.counters.engine.write_sets import Written, columns_set, written
from reglab.counters.queries import QueryCounter
from reglab.counters.rows import RowCounter
from reglab.project.data.databases import own_aliases
from reglab.project.drafting.probe import SeenWrite
from reglab.project.test_environment import project_frames


@contextmanager
def seen_writes() -> Iterator[list[SeenWrite]]:
    """Give a list that holds the writes of the block after it; runs inside a transaction that is rolled back."""
    here = [connections[alias] for alias in own_aliases()]
    queries = QueryCounter(here, frames=project_frames())
    digest = DigestCounter(here, queries=queries)
    rows = RowCounter(here, queries=queries)
    found: list[SeenWrite] = []
    with digest, rows, queries:
        yield found
    found.extend(_writes(written([*digest.counts(), *rows.counts()])))


def _writes(done: Written) -> Iterator[SeenWrite]:
    for table, verb in sorted({*done.attempted, *done.effective}):
        columns = {*done.columns.get(table, ()), *columns_set(done.evidence((table, verb)), table)}
        yield SeenWrite(
            table=table,
            verb=verb,
            rows=done.attempts((table, verb)),
            # A row that is written twice is one that differs.
            fewer_by=done.attempts((table, verb)) - done.fulfilled((table, verb)),
            columns=tuple(sorted(columns)) if verb == "update" else (),
        )
