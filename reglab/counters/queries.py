"""Counts the SQL that goes through Django's cursors, on every alias, without a ceiling."""

from __future__ import annotations

import sys
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Held, Kept, Layer
from reglab.metrics import Shown
from reglab.project.statements import Shape, shape_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from reglab.project.orm.querysets import Origin
    from reglab.project.source_lines import Mark, ProjectFrames

QUERIES: Final = CounterMetric(
    name="queries",
    unit="queries",
    meaning="SQL statements that a scenario sends, transaction control left out",
    shown=Shown.STATEMENTS,
    held=Held.EVERY_AXIS,
    has_statements=True,
    time_rank=1,
    unit_of_one="query",
)
TRANSACTION_STATEMENTS: Final = CounterMetric(
    name="transaction_statements",
    unit="statements",
    meaning="BEGIN, COMMIT, SAVEPOINT and their kind; reported, not gated",
    kept=Kept.NOWHERE,
)
FINGERPRINTS: Final = CounterMetric(
    name="fingerprints",
    unit="fingerprints",
    meaning="distinct statements after their values are removed",
    has_statements=True,
)
REPEATS: Final = CounterMetric(
    name="repeats",
    unit="queries",
    meaning="statements beyond the first of their fingerprint",
    has_statements=True,
)
INSERTS: Final = CounterMetric(
    name="inserts",
    unit="statements",
    meaning="INSERT statements among the queries",
    has_statements=True,
)
OTHER_ALIAS_QUERIES: Final = CounterMetric(
    name="other_alias_queries",
    unit="queries",
    meaning="statements on a database alias other than the default",
)

# More statements than any scenario should have: the ledger compares them one by one.
EVIDENCE_KEPT: Final = 200
_SAMPLE_CHARACTERS: Final = 4000
_OTHERS_CHARACTERS: Final = 500


class Execution(NamedTuple):
    """One call of `execute` or `executemany`, as the cursor was given it; `times` the statement ran (executemany).

    A tuple, because one is made for each statement.
    """

    alias: str
    sql: str
    parameters: Any
    times: int
    marks: tuple[Mark, ...]
    position: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementGroup:
    """The executions of one fingerprint on one alias.

    `sql` and `parameters` are those of the first execution (for executemany, of its first row); `source` and `frames`
    are of the project's line that ran most of them; `sources` are all lines with their counts, most first. `built_at`
    is the project's line that built the queryset. `outer_built_at` is known where rows of another statement each
    loaded a relation or a deferred column: the line that built *that* statement's queryset, and should have fetched it.
    `unstable_order` is the table and order of a page that leaves ties, `repeating_join` the tables of a join by which a
    row can come several times, `unordered_lock` the table and order of rows that are locked with ties.
    """

    alias: str
    shape: Shape
    sql: str
    parameters: Any
    count: int
    source: str
    frames: tuple[str, ...]
    sources: tuple[tuple[str, int], ...]
    built_at: str = ""
    shaped_at: str = ""
    outer_built_at: str = ""
    unstable_order: str = ""
    repeating_join: str = ""
    unordered_lock: str = ""

    def evidence(self) -> Evidence:
        """Return the group as evidence of a count. For repeated loading the last frame is `outer_built_at`."""
        outer = (self.outer_built_at,) if self.count > 1 and self.outer_built_at else ()
        return Evidence(
            kind="statement",
            text=self.shape.text[:_SAMPLE_CHARACTERS],
            count=self.count,
            source=self.source,
            frames=(*self.frames, *outer),
            table=self.shape.tables[0] if self.shape.tables else "",
        )

    def evidence_of_rows(self) -> Evidence:
        """Return the statement as evidence; the line that decided which rows it reads comes first."""
        evidence, line = self.evidence(), self.shaped_at or self.built_at
        if not line or line == evidence.source:
            return evidence
        # Where library code sends it, no line of the project does.
        return replace(evidence, source=line, frames=tuple(filter(None, (evidence.source, *evidence.frames))))


class QueryCounter:
    """Counts `queries`, `transaction_statements`, `fingerprints`, `repeats`, `inserts` and `other_alias_queries`.

    A statement counts when it is sent, whether or not it succeeds, by a thread of the scenario's too; executemany
    counts once for each row of parameters, as the database runs it. Evidence is most repeated first, then in the order
    of first use.
    """

    def __init__(
        self,
        connections: Iterable[BaseDatabaseWrapper],
        *,
        frames: ProjectFrames,
        default_alias: str = "default",
    ) -> None:
        self.executions: list[Execution] = []
        # The thread's name and the statement, of those that another thread than the counter's own has sent.
        self.of_other_threads: list[tuple[str, str]] = []
        self._connections = tuple(connections)
        self._frames = frames
        self._default_alias = default_alias
        self._thread = 0
        self._origin_of: Callable[[FrameType | None], Origin]
        self._wrappers = ExitStack()
        # Several counters ask for the groups; they change only with the number of executions.
        self._grouped: tuple[int, tuple[StatementGroup, ...]] = (0, ())

    def __enter__(self) -> Self:
        from reglab.project.orm.querysets import QuerysetOrigins, origin_of
        from reglab.project.other_threads import statements_of_other_threads

        self._origin_of = origin_of
        self._thread = threading.get_ident()
        self._wrappers.enter_context(QuerysetOrigins(frames=self._frames))
        for connection in self._connections:
            self._wrappers.enter_context(connection.execute_wrapper(self._record))
        self._wrappers.enter_context(statements_of_other_threads(self._record))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wrappers.close()

    @property
    def queries(self) -> int:
        """How many queries were sent, transaction control left out."""
        return sum(entry.times for entry in self.executions if not shape_of(entry.sql).is_transaction_control)

    def groups(self) -> tuple[StatementGroup, ...]:
        """Return the queries (transaction control left out) by alias and fingerprint, most repeated first."""
        if self._grouped[0] != len(self.executions):
            self._grouped = (len(self.executions), self._groups())
        return self._grouped[1]

    def _groups(self) -> tuple[StatementGroup, ...]:
        found: dict[tuple[str, str], list[Execution]] = {}
        for execution in self.executions:
            shape = shape_of(execution.sql)
            if execution.times and not shape.is_transaction_control:
                found.setdefault((execution.alias, shape.fingerprint), []).append(execution)
        groups = [self._group(executions) for executions in found.values()]
        return tuple(sorted(groups, key=lambda group: -group.count))

    def counts(self) -> tuple[Measurement, ...]:
        """Return the six counts, each with the statements behind it."""
        groups = self.groups()
        inserts = [group for group in groups if group.shape.verb == "INSERT"]
        others = [group for group in groups if group.alias != self._default_alias]
        repeated = [group for group in groups if group.count > 1]
        return (
            _count(QUERIES, sum(group.count for group in groups), groups),
            Measurement(metric=TRANSACTION_STATEMENTS, values=(self._transaction_statements(),)),
            _count(FINGERPRINTS, len(groups), groups),
            _count(REPEATS, sum(group.count - 1 for group in repeated), repeated),
            _count(INSERTS, sum(group.count for group in inserts), inserts),
            _count(OTHER_ALIAS_QUERIES, sum(group.count for group in others), others),
        )

    def _transaction_statements(self) -> int:
        return sum(entry.times for entry in self.executions if shape_of(entry.sql).is_transaction_control)

    def _record(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if many and not isinstance(parameters, Sequence):
            # A generator can be read once: the driver must get what was counted.
            parameters = list(parameters)
        if threading.get_ident() != self._thread:
            self.of_other_threads.append((threading.current_thread().name, str(sql)[:_OTHERS_CHARACTERS]))
        connection = context["connection"]
        frame = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
        self.executions.append(
            Execution(
                connection.alias,
                sql if isinstance(sql, str) else text_of(sql, connection),
                (parameters[0] if parameters else None) if many else parameters,
                len(parameters) if many else 1,
                self._frames.capture(frame),
                len(self.executions),
                self._origin_of(frame),
            )
        )
        return execute(sql, parameters, many, context)

    def _group(self, executions: Sequence[Execution]) -> StatementGroup:
        places: Tally[tuple[str, ...]] = Tally()
        for execution in executions:
            places[self._frames.words(execution.marks)] += execution.times
        frames = places.most_common(1)[0][0]
        lines: Tally[str] = Tally()
        for words, times in places.items():
            lines[words[0] if words else ""] += times
        first = executions[0]
        return StatementGroup(
            built_at=self._built_at(first),
            shaped_at=self._frames.words([first.origin.shaped])[0] if first.origin.shaped else "",
            outer_built_at=self._outer_built_at(first),
            unstable_order=first.origin.unstable_order,
            repeating_join=first.origin.repeating_join,
            unordered_lock=first.origin.unordered_lock,
            alias=first.alias,
            shape=shape_of(first.sql),
            sql=first.sql,
            parameters=first.parameters,
            count=places.total(),
            source=frames[0] if frames else "",
            frames=frames[1:],
            sources=tuple(lines.most_common()),
        )

    def _built_at(self, execution: Execution) -> str:
        return self._frames.words([execution.origin.built])[0] if execution.origin.built else ""

    def _outer_built_at(self, execution: Execution) -> str:
        """Return the line that built the last statement before this one that read the rows it is run for.

        A library's statement has none, and a number of rows is no rows: a line that built another one would mislead.
        """
        table = execution.origin.parent_table
        before = self.executions[: execution.position] if table else []
        outer = (one for one in reversed(before) if one.origin.reads_rows and one.origin.parent_table != table)
        return next((self._built_at(one) for one in outer if table in shape_of(one.sql).tables), "")


def _count(metric: CounterMetric, value: int, groups: Sequence[StatementGroup]) -> Measurement:
    evidence = tuple(group.evidence() for group in groups[:EVIDENCE_KEPT])
    return Measurement(metric=metric, values=(value,), evidence=evidence)


def text_of(sql: Any, connection: BaseDatabaseWrapper) -> str:
    """Return the text of a statement, also of one that was composed with the driver's own tools (psycopg.sql)."""
    if isinstance(sql, bytes):
        return sql.decode(errors="replace")
    return str(sql.as_string(connection.connection)) if hasattr(sql, "as_string") else str(sql)


COUNTER: Final = Definition(
    metrics=(QUERIES, TRANSACTION_STATEMENTS, FINGERPRINTS, REPEATS, INSERTS, OTHER_ALIAS_QUERIES),
    layer=Layer.STATEMENTS,
    make=lambda execution: execution.queries,
)
