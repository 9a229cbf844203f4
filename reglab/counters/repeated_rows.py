"""Counts statements that can give one row several times: a list then shows it so, and its number is too large."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reglab.counters.definition import CounterMetric, Definition, Layer
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from reglab.counters.queries import QueryCounter, StatementGroup

REPEATED_ROWS: Final = CounterMetric(
    name="repeated_rows",
    unit="statements",
    meaning="statements that read or count rows by a join that can give one row several times",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="read that can give a row several times",
)


class RepeatedRows:
    """Counts `repeated_rows`, by the two tables. Evidence is the statement, at the line that decided on its rows.

    Only what Django's ORM reads is known; what can repeat is taken from the query and the models, not from the data.
    """

    def __init__(self, *, queries: QueryCounter) -> None:
        self._queries = queries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a join, sorted; none where no row can come twice."""
        parts: dict[str, list[StatementGroup]] = {}
        for group in self._queries.groups():
            if group.repeating_join:
                parts.setdefault(group.repeating_join, []).append(group)
        return tuple(
            Measurement(
                metric=REPEATED_ROWS,
                part=part,
                values=(len(groups),),
                evidence=tuple(shaped(group) for group in groups),
            )
            for part, groups in sorted(parts.items())
        )


def shaped(group: StatementGroup) -> Evidence:
    """Return the statement as evidence; the line that decided which rows it reads comes first."""
    evidence, line = group.evidence(), group.shaped_at or group.built_at
    if not line or line == evidence.source:
        return evidence
    return replace(evidence, source=line, frames=(evidence.source, *evidence.frames))


COUNTER: Final = Definition(
    metrics=(REPEATED_ROWS,),
    layer=Layer.PLANNER,
    make=lambda execution: RepeatedRows(queries=execution.queries),
)
