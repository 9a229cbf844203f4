"""A scan that no index serves, and what would serve it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from reglab.counters.queries import StatementGroup
from reglab.counters.scans.predicates import conjuncts, has_alternatives, has_call, words_of
from reglab.report.records import Evidence

WHOLE_TABLE: Final = "whole table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan that no index serves: the table, the predicate's columns (none: it reads everything), itself.

    `flags` are the columns of a predicate that asks only for what is true or false: an index serves it for few rows
    alone, and which are few the predicate does not say.
    """

    table: str
    columns: tuple[str, ...]
    predicate: str
    walked_index: str = ""
    flags: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """Return how the counter calls it: "shop_order: status", or "shop_order: whole table"."""
        return f"{self.table}: {', '.join(self.columns) or WHOLE_TABLE}"

    def evidence(self, group: StatementGroup) -> Evidence:
        """Return the scan as evidence: table, columns, advice, and the statement with its line."""
        if self.columns:
            walk = f", so it walks {self.walked_index}" if self.walked_index else ""
            predicate = f" for {self.predicate}" if self.predicate else ""
            advice = (
                f"no index of {self.table} serves ({', '.join(self.columns)}){predicate}{walk}; {self._suggestion()}"
            )
        else:
            flags = f" for {', '.join(self.flags)}; a partial index would serve rare rows" if self.flags else ""
            advice = f"reads the whole table {self.table}{flags}"
        return Evidence(
            kind="plan",
            text=f"{advice}: {group.shape.text}",
            count=group.count,
            source=group.source,
            frames=group.frames,
            table=self.table,
        )

    @property
    def has_predicate(self) -> bool:
        """Whether rows were asked for by something, be it only a flag."""
        return bool(self.columns or self.flags)

    def is_entered_by(self, leading: AbstractSet[str]) -> bool:
        """Tell whether one of the plain indexes that begin with these columns can be entered.

        One condition is enough; of alternatives each needs an index, which are then read together.
        """
        parts = self._enterable
        if any("~~" in part or has_call(part) for part in parts):
            return False
        for part in parts:
            columns = words_of(part).intersection(self.columns)
            if columns & leading and (columns <= leading or not has_alternatives(part)):
                return True
        return False

    @property
    def _enterable(self) -> tuple[str, ...]:
        """The predicates that all have to hold, without those that no index can be entered with."""
        return tuple(part for part in conjuncts(self.predicate) if "<>" not in part)

    @property
    def _enterable_columns(self) -> tuple[str, ...]:
        if not self.predicate:
            return self.columns
        words = {word for part in self._enterable for word in words_of(part)}
        return tuple(column for column in self.columns if column in words)

    @property
    def _is_either_or(self) -> bool:
        return len(self._enterable_columns) > 1 and any(map(has_alternatives, self._enterable))

    def _suggestion(self) -> str:
        columns = ", ".join(self._enterable_columns)
        if not columns:
            return f"no index serves <>: ask for the values of {', '.join(self.columns)} that are wanted"
        if any(" LIKE " in part for part in self._enterable):
            return self._suggestion_beside_like()
        if any("~~" in part for part in self._enterable):
            return f"a trigram index (pg_trgm) on the compared expression of {columns} would"
        if any(map(has_call, self._enterable)):
            return f"an index on that expression of {columns}, or a predicate on the plain column, would"
        if self._is_either_or and len(self._enterable) == 1:
            return f"an index on each of {columns} would"
        # Behind a column that is compared by its range an index narrows no further.
        ranged = {word for part in self._enterable if {"<", ">"} & set(part) for word in words_of(part)}
        in_order = sorted(self._enterable_columns, key=lambda column: column in ranged)
        return f"an index beginning with {', '.join(in_order)} would"

    def _suggestion_beside_like(self) -> str:
        """Return what serves SQLite, where LIKE disregards case, and is served by no plain index."""
        plain = {word for part in self._enterable if " LIKE " not in part for word in words_of(part)}
        if columns := [column for column in self.columns if column in plain]:
            return f"an index beginning with {', '.join(columns)} would; none serves LIKE"
        return f"no plain index serves LIKE: a full-text table of {', '.join(self._enterable_columns)} would"
