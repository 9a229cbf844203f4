"""Rows before and after a migration, compared by key over the columns that both sides have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.counters.engine.row_snapshots import RowSnapshot

# Enough for a row of each state, where states come in turn.
_TWINS_MAX: Final = 12
_STRETCHED_MAX: Final = 2_000
_FILLER: Final = "xYé"
# As COPY writes it.
NULL: Final = "\\N"
Table = dict[tuple[str, ...], dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Rows of one table that are gone ("delete"), or whose values differ ("update" of these columns)."""

    table: str
    verb: str
    rows: int
    columns: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A column that is taken away with values in so many rows; `new` is one that is added to its table, if there is."""

    table: str
    old: str
    new: str
    rows: int


def tables_of(connection: BaseDatabaseWrapper) -> dict[str, Table]:
    """Return every row of every table by its key, as a mapping of column to text."""
    found: dict[str, Table] = {}
    for table, rows in RowSnapshot.taken([connection]).rows[connection.alias].items():
        if table.keys:
            found[table.name] = dict(_decoded(table, rows))
    return found


def losses(before: dict[str, Table], after: dict[str, Table], *, declared: frozenset[str]) -> Iterator[Loss]:
    """Yield what is lost. `declared` are tables and "table.column" that the operations take away or alter."""
    for name, rows in before.items():
        if name in declared:
            continue
        rest = after.get(name, {})
        gone = [key for key in rows if key not in rest]
        if gone:
            yield Loss(table=name, verb="delete", rows=len(gone), key=", ".join(gone[0]))
        columns: set[str] = set()
        changed = []
        for key, row in rows.items():
            other = rest.get(key)
            differing = {
                column
                for column, value in row.items()
                if other is not None and other.get(column, value) != value and f"{name}.{column}" not in declared
            }
            if differing:
                changed.append(key)
                columns |= differing
        if changed:
            yield Loss(
                table=name, verb="update", rows=len(changed), columns=tuple(sorted(columns)), key=", ".join(changed[0])
            )


def _decoded(table: Any, rows: Any) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    for row in rows:
        values = row.decode(errors="replace").removesuffix("\n").split("\t")
        yield tuple(values[: table.keys]), dict(zip(table.columns, values, strict=True))


def add_twins(connection: BaseDatabaseWrapper, before: dict[str, Table]) -> None:
    """Add to each table copies of its first rows that differ in their keys alone, where its constraints allow them.

    Such rows are in every production, and in few sets of test data. Nothing points at them: a draft without lines is
    one of them, where orders of all states have lines.
    """
    with connection.cursor() as cursor:
        for table, rows in before.items():
            columns = list(next(iter(rows.values()), {}))
            if len(columns) < 2:
                continue
            key, *others = columns
            names = ", ".join(connection.ops.quote_name(column) for column in others)
            quoted, quoted_key = connection.ops.quote_name(table), connection.ops.quote_name(key)
            cursor.execute("SAVEPOINT twin")
            try:
                cursor.execute(
                    f"INSERT INTO {quoted} ({names}) SELECT {names} FROM {quoted} "  # noqa: S608  # names, not values
                    f"ORDER BY {quoted_key} LIMIT {_TWINS_MAX} ON CONFLICT DO NOTHING"
                )
            except Exception:  # noqa: BLE001  # a table that takes no twin has none
                cursor.execute("ROLLBACK TO SAVEPOINT twin")
            cursor.execute("RELEASE SAVEPOINT twin")


def stretch_texts(connection: BaseDatabaseWrapper) -> None:
    """Make the texts of one row of each table as long as their columns allow, where its constraints allow that.

    Rows at their limits are in every production, and in few sets of test data: what cuts them is seen on them alone.
    So are capitals beside small letters, and letters beyond ASCII: what writes them otherwise is seen there, too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type = 'character varying' "
            "AND character_maximum_length BETWEEN 2 AND %s AND table_name NOT LIKE 'django\\_%%'",
            [_STRETCHED_MAX],
        )
        for table, column, length in cursor.fetchall():
            name, of = connection.ops.quote_name(column), connection.ops.quote_name(table)
            cursor.execute("SAVEPOINT stretched")
            try:
                cursor.execute(
                    f"UPDATE {of} SET {name} = rpad({name}, %s, %s) "  # noqa: S608  # quoted names of the database
                    f"WHERE ctid = (SELECT max(ctid) FROM {of}) AND {name} <> ''",
                    [length, _FILLER],
                )
            except Exception:  # noqa: BLE001  # a table that takes no such row has none
                cursor.execute("ROLLBACK TO SAVEPOINT stretched")
            cursor.execute("RELEASE SAVEPOINT stretched")
