"""Answers that depend on where rows lie in their table: the order of a list that nothing gives."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final

from django.db import DatabaseError, connections, models, router, transaction
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.project.audit_ground import AuditGround, models_of_tables
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.randomness import EXECUTION, seeded
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.project.statement_clauses import reads_by_key

# Every row is written once, to the end of the table, the last one first; no trigger runs.
_TURN_ROUND: Final = """
    DO $$ DECLARE place tid; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR place IN SELECT ctid FROM {table} ORDER BY ctid DESC LIMIT {rows} LOOP
            UPDATE {table} SET {column} = {column} WHERE ctid = place;
        END LOOP;
        SET LOCAL session_replication_role = origin;
    END $$
"""
# As Django asks whether there are any, and how many.
_OF_ONE_ROW: Final = ('SELECT ? AS "a"', "SELECT COUNT(")
# Of more rows the planner takes another way, and to write them takes its time.
_ROWS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unordered:
    """An answer that shows rows as they lie, and the line that decides which rows are read."""

    told: str
    places: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class RowPlaces:
    """Turns the rows of the tables that an answer is made of round, as any UPDATE may, and asks again."""

    ground: AuditGround
    _sequences: Sequences = field(default_factory=Sequences)

    def unordered(self, scenario: Scenario) -> Iterator[Unordered]:
        """Yield the first table whose rows stand in another order in the answer when they lie in another one."""
        if not self.ground.is_postgresql:
            return
        counter = QueryCounter(self.ground.connections, frames=self.ground.frames)
        before = self._answer(scenario, counter=counter)
        groups = counter.groups()
        tables = dict.fromkeys(table for group in groups for table in group.shape.tables)
        models_read = models_of_tables(tables, self.ground.frames)
        if not models_read or self._answer(scenario) != before or self._answer(scenario, models_read) == before:
            return
        for model in models_read:
            if self._answer(scenario, [model]) != before:
                yield _told(model._meta.db_table, groups)  # noqa: SLF001  # Django's public name for it
                return

    def _answer(
        self,
        scenario: Scenario,
        turned: Iterable[type[models.Model]] = (),
        *,
        counter: QueryCounter | None = None,
    ) -> tuple[int, bytes]:
        self._sequences.restore()
        forget_caches()
        requests = self.ground.requests(scenario)
        responses: list[HttpResponseBase] = []
        # The token of a form would be another one each time.
        with quiet(), rolled_back(), seeded(EXECUTION):
            for model in turned:
                _turn_round(model)
            with counter or nullcontext():
                self.ground.visitor().send(requests, responses=responses)
            answer = answers_to(requests, responses)[-1]
        return answer.status, answer.body


def _turn_round(model: type[models.Model]) -> None:
    alias = router.db_for_write(model)
    quote = connections[alias].ops.quote_name
    options = model._meta  # noqa: SLF001
    column = next(one.column for one in options.concrete_fields if one.column)
    sql = _TURN_ROUND.format(table=quote(options.db_table), column=quote(column), rows=_ROWS_MAX)
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        # A view, or a role that may not do without triggers: its rows stay where they are.
        return


def _is_of_one_row(group: StatementGroup) -> bool:
    return reads_by_key(group.shape.text) or group.shape.text.startswith(_OF_ONE_ROW)


def _told(table: str, groups: Iterable[StatementGroup]) -> Unordered:
    """Name the statement that reads the table's rows in no order, else the first that reads them at all."""
    reading = [group for group in groups if table in group.shape.tables]
    # One row by its key, and how many there are, have no order.
    reading = [group for group in reading if not _is_of_one_row(group)] or reading
    unordered = [group for group in reading if "ORDER BY" not in group.sql.upper()]
    group = next(iter(sorted(unordered, key=lambda one: one.shape.leading_table != table) or reading), None)
    if group is None:
        return Unordered(told=f"the answer depends on where the rows of {table} lie")
    evidence = group.evidence_of_rows()
    text = (
        f"where the rows of {table} lie otherwise in their table, the answer is another one: "
        f"nothing gives their order; by {group.shape.text}"
    )
    return Unordered(told=text, places=(evidence.source, *evidence.frames) if evidence.source else ())
