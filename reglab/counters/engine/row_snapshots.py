"""Rows of whole databases at one moment, and what differs between two moments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.counters.engine.row_changes import RowChange, changes_between, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSnapshot:
    """Every row of every table, by alias, as the connection sees it now, whatever transaction it is in."""

    rows: dict[str, Any]

    @classmethod
    def taken(cls, connections: Iterable[BaseDatabaseWrapper]) -> Self:
        """Read every row of the connections' databases."""
        return cls(rows={connection.alias: rows_of(connection) for connection in connections})

    def changes_to(self, after: Self, connections: Iterable[BaseDatabaseWrapper]) -> tuple[RowChange, ...]:
        """Return each row that differs afterwards, sorted by alias, table and key."""
        return tuple(
            change
            for connection in connections
            for change in changes_between(
                connection, before=self.rows[connection.alias], after=after.rows[connection.alias]
            )
        )
