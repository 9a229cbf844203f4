"""A scan that no index serves, and what would serve it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reglab.counters.queries import StatementGroup
from reglab.report.records import Evidence

WHOLE_TABLE: Final = "whole table"
_PLAIN: Final = "an index beginning with"
LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
CAST: Final = re.compile(r"::(?:\"[^\"]+\"|[a-z_]+(?: (?:varying|precision|with(?:out)? time zone))*)(?:\[\])?")
_CALL: Final = re.compile(r"\b(?!AND\b|OR\b|NOT\b|ANY\b|IN\b)\w+\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan that no index serves: the table, the predicate's columns (none: it reads everything), itself."""

    table: str
    columns: tuple[str, ...]
    predicate: str
    walked_index: str = ""

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
            advice = f"reads the whole table {self.table}"
        return Evidence(
            kind="plan",
            text=f"{advice}: {group.shape.text}",
            count=group.count,
            source=group.source,
            frames=group.frames,
            table=self.table,
        )

    @property
    def is_for_plain_columns(self) -> bool:
        """Whether an index that begins with the columns, and has nothing else of the predicate, would serve it."""
        return bool(self.columns) and self._suggestion().startswith(_PLAIN)

    def _suggestion(self) -> str:
        columns = ", ".join(self.columns)
        if "<>" in LITERAL.sub("", self.predicate):
            return f"no index serves <>: ask for the values of {columns} that are wanted"
        if "~~" in self.predicate:
            return f"a trigram index (pg_trgm) on the compared expression of {columns} would"
        if _CALL.search(CAST.sub("", LITERAL.sub("", self.predicate))):
            return f"an index on that expression of {columns}, or a predicate on the plain column, would"
        return f"{_PLAIN} {columns} would"
