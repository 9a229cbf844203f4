"""Rows that really differ afterwards: every row of every table, before and after, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.counters.engine.row_changes import RowChange, Rows, Table, changes_between, rows_of
from reglab.counters.engine.writers import Trigger, describe_write, triggers_of, writers
from reglab.counters.engine.written_values import shown_values, values_by_column
from reglab.counters.queries import QueryCounter
from reglab.metrics import Better, Shown
from reglab.project.data.driver import Recovery, table_label
from reglab.report.checksums import UNIT, checksum_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS_CHANGED: Final = CounterMetric(
    name="rows_changed",
    unit="rows",
    meaning="rows whose content really differs afterwards, by table and verb",
    shown=Shown.WRITES,
    # A row that is written no longer is lost, not saved.
    better=Better.SAME,
    is_parted=True,
    is_zero_when_absent=True,
)
COLUMNS_CHANGED: Final = CounterMetric(
    name="columns_changed",
    unit="columns",
    meaning="columns whose content really differs afterwards, by table",
    shown=Shown.WRITES,
    better=Better.SAME,
    is_parted=True,
)
WRITTEN_VALUES: Final = CounterMetric(
    name="written_values",
    unit=UNIT,
    meaning="content of the rows that were inserted or updated, by table, verb and column",
    shown=Shown.WRITES,
    better=Better.SAME,
    is_parted=True,
    # A column more or less is told by the columns that changed, or is a new one of the table.
    is_held_on_both_sides=True,
    can_grow=False,
)

KEYS_SHOWN: Final = 5
_PAST: Final = {"insert": "inserted", "update": "updated"}


class DigestCounter:
    """Counts `rows_changed` ("shop_order update") and `columns_changed` ("shop_order: status, updated_at").

    Every table of the database, whether or not a model knows it; not django_migrations, and not tables of extensions.
    The content decides: a write that is taken back, or that sets what was there, changes nothing. The value of
    `columns_changed` is the number of columns that any updated row differs in. `written_values` are checksums of what
    they have then ("shop_order update: status"), keys, chance and the database's own clock left out. Runs inside
    `atomic()`, outermost.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, queries: QueryCounter | None = None) -> None:
        self.changes: tuple[RowChange, ...] = ()
        self._connections = tuple(connections)
        self._queries = queries
        self._recoveries = [Recovery(connection, name="digest") for connection in self._connections]
        self._before: dict[str, Mapping[Table, Rows]] = {}
        self._triggers: dict[str, tuple[Trigger, ...]] = {}

    def __enter__(self) -> Self:
        for connection, recovery in zip(self._connections, self._recoveries, strict=True):
            recovery.begin()
            self._before[connection.alias] = rows_of(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        changes: list[RowChange] = []
        for connection, recovery in zip(self._connections, self._recoveries, strict=True):
            recovery.end()
            found = tuple(
                changes_between(connection, before=self._before.pop(connection.alias), after=rows_of(connection))
            )
            self._triggers[connection.alias] = triggers_of(connection) if found else ()
            changes.extend(found)
        self.changes = tuple(changes)

    def counts(self) -> tuple[Measurement, ...]:
        """Return rows by table and verb, then columns by table, then values by table, verb and column, each sorted."""
        return (*self._row_counts(), *self._column_counts(), *self._value_counts())

    def _row_counts(self) -> Iterator[Measurement]:
        for (alias, table, verb), changes in self._groups():
            rows = Evidence(kind="write", text=_sentence(changes), count=len(changes), table=table)
            who = self._writers(alias, table, verb, rows=len(changes))
            evidence = (rows, *who) if self._queries else (rows,)
            yield Measurement(
                metric=ROWS_CHANGED,
                part=f"{self._label(alias, table)} {verb}",
                values=(len(changes),),
                evidence=evidence,
            )

    def _column_counts(self) -> Iterator[Measurement]:
        columns: dict[tuple[str, str], set[str]] = {}
        for change in self.changes:
            if change.verb == "update":
                columns.setdefault((change.alias, change.table), set()).update(change.columns)
        for (alias, table), names in sorted(columns.items()):
            part = f"{self._label(alias, table)}: {', '.join(sorted(names))}"
            yield Measurement(metric=COLUMNS_CHANGED, part=part, values=(len(names),))

    def _value_counts(self) -> Iterator[Measurement]:
        for (alias, table, verb), changes in self._groups():
            who = self._writers(alias, table, verb, rows=len(changes)) if verb != "delete" else ()
            first = next((one for one in who if one.source), None)
            for column, values in values_by_column(changes):
                text = f"{table}.{column} of what was {_PAST[verb]}: {shown_values(values)}"
                what = Evidence(
                    kind="write",
                    text=text,
                    table=table,
                    source=first.source if first else "",
                    frames=first.frames if first else (),
                )
                yield Measurement(
                    metric=WRITTEN_VALUES,
                    part=f"{self._label(alias, table)} {verb}: {column}",
                    values=(checksum_of(values),),
                    evidence=(what, *who),
                )

    def _groups(self) -> Iterator[tuple[tuple[str, str, str], list[RowChange]]]:
        """Give the changes by alias, table and verb, sorted by these."""
        groups: dict[tuple[str, str, str], list[RowChange]] = {}
        for change in self.changes:
            groups.setdefault((change.alias, change.table, change.verb), []).append(change)
        yield from sorted(groups.items())

    def _writers(self, alias: str, table: str, verb: str, *, rows: int) -> tuple[Evidence, ...]:
        triggers = self._triggers[alias]
        return writers(table=table, verb=verb, rows=rows, alias=alias, queries=self._queries, triggers=triggers)

    def _label(self, alias: str, table: str) -> str:
        return table_label(next(each for each in self._connections if each.alias == alias), table)


def _sentence(changes: Sequence[RowChange]) -> str:
    first = changes[0]
    shown = [
        "(" + ", ".join(change.key) + ")" if len(change.key) > 1 else change.key[0] for change in changes[:KEYS_SHOWN]
    ]
    more = ", …" if len(changes) > KEYS_SHOWN else ""
    columns = sorted({column for change in changes for column in change.columns})
    what = describe_write(rows=len(changes), table=first.table, verb=first.verb)
    return f"{what}: key {', '.join(shown)}{more}" + (f"; columns {', '.join(columns)}" if columns else "")


COUNTER: Final = Definition(
    metrics=(ROWS_CHANGED, COLUMNS_CHANGED, WRITTEN_VALUES),
    layer=Layer.CONTENT,
    vendors=frozenset({"postgresql", "sqlite"}),
    make=lambda execution: DigestCounter(execution.connections, queries=execution.queries),
)
