"""Which counters share an execution."""

from collections.abc import Iterator, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from bench.counters.digests import DigestCounter
from bench.counters.queries import QueryCounter
from bench.counters.rows import RowCounter
from bench.counts import Counter
from bench.frames import ProjectFrames


def passes_of(
    connections: Sequence[BaseDatabaseWrapper], *, frames: ProjectFrames, without: set[str]
) -> Iterator[Sequence[Counter]]:
    """Give the counters of each execution, in turn; the first one's rows are compared before and after."""
    queries = QueryCounter(connections, frames=frames)
    yield [DigestCounter(connections, queries=queries), RowCounter(connections, queries=queries), queries]
