"""Statements that ask for less than the accepted ones, or for something else: a filter, a limit or a lock is gone."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from reglab.counters.engine.definition import CounterMetric
from reglab.counters.queries import QUERIES
from reglab.metrics import METRICS
from reglab.project.orm.row_order import tells_apart
from reglab.project.statement_clauses import (
    LIMIT,
    LOCK,
    ORDER,
    RELATIVE,
    REPLACED,
    STRONGER,
    UNWAITING,
    WEAKER,
    WITHIN,
    Clauses,
    clauses_of,
    columns_of,
    locks_rows,
    lost_clauses,
)
from reglab.report.records import Evidence, Measurement
from reglab.work.audit import Result
from reglab.work.counter_table import Table, measured_variants, statements_at
from reglab.work.ledger.ledger import Ledger

READ_TOO = "read, too"
_CHANGING = ("UPDATE", "DELETE FROM")
_SENTENCES = {
    LIMIT: "rows of {table} are read without a limit",
    UNWAITING: f"rows of {{table}} that others hold are waited for: the lock has no {UNWAITING} any more",
    LOCK: "rows of {table} are no longer locked before they are changed",
}
# By how a clause begins; `rest` is what follows.
_BEGINNINGS = {
    ORDER: "rows of {table} are no longer ordered by {rest} as well: rows that are equal so far come in any",
    RELATIVE: "{rest} of {table} is given, no longer reckoned from the row: of two requests at once one is lost",
    STRONGER: "rows of {table} are locked {rest}: whoever points a row at them waits",
    WEAKER: "rows of {table} are locked {rest}: others may hold them, too",
}
_KINDS = {
    LIMIT: "limit",
    UNWAITING: "lock",
    LOCK: "lock",
    STRONGER: "lock",
    WEAKER: "lock",
    ORDER: "order",
    RELATIVE: "value",
}
METRIC = METRICS["lost_conditions"]


def lost_condition_lines(result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement]:
    """Give each statement that is an accepted one without a condition or a limit, by its table; 0 where there is none.

    Nothing where no statement was accepted: there is nothing to lose.

    The rows of a scenario may show no difference: a request that asks for one row that is visible reads the same one
    without the filter of those that are not.
    """
    name, endpoint = result.scenario.name, result.endpoint
    variants = [variant for variant, _ in measured_variants(result)]
    accepted = {text for each in variants for text in ledger.statements(scenario=name, variant=each)}
    sent = {text for each in variants for text in statements_at(table, each)}
    found: dict[str, list[Evidence]] = {}
    gone_texts = _without_successor(accepted - sent, sent - accepted)
    # Who locks the rows first may reckon with what was read.
    is_locked = any(map(locks_rows, sent))
    for text in sorted(sent - accepted):
        best = min(_candidates(text, gone_texts), key=lambda one: len(one[1]), default=None)
        best = best or _wider(text, accepted - sent, ledger)
        if best is not None and not (is_locked and best[1][0].startswith(RELATIVE)):
            old, gone = best
            shown = _evidence_of(text, table, is_chosen=not _is_of_statement(gone))
            part = f"{shown.table} {_kind(gone)}".strip()
            found.setdefault(part, []).extend(_told(shown, old=old, gone=gone))
    if accepted and not is_locked:
        for locked, old, text in _unlocked(gone_texts, sent):
            shown = replace(_evidence_of(text, table, is_chosen=False), table=locked)
            found.setdefault(f"{shown.table} {_kind((LOCK,))}", []).extend(_told(shown, old=old, gone=(LOCK,)))
    if accepted and not found:
        yield Measurement(scenario=name, endpoint=endpoint, metric=METRIC, values=(0,))
    for part, evidence in sorted(found.items()):
        count = sum(1 for one in evidence if one.kind == "statement")
        yield Measurement(
            scenario=name, endpoint=endpoint, metric=METRIC, part=part, values=(count,), evidence=tuple(evidence)
        )


def _without_successor(gone: set[str], new: set[str]) -> set[str]:
    """Leave out the accepted statements that are sent in other words, such as with a column more."""
    asked = [clauses for clauses in map(clauses_of, new) if clauses is not None]
    return {text for text in gone if clauses_of(text) not in asked}


def _candidates(text: str, gone: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the accepted statements that are sent no longer and were this one with more clauses."""
    new = clauses_of(text)
    for old_text in sorted(gone) if new else ():
        old = clauses_of(old_text)
        if old and new and (lost := lost_clauses(old, new)):
            if lost[0] in {REPLACED, WITHIN} and columns_of(text) != columns_of(old_text):
                continue
            if lost[0].startswith(ORDER) and tells_apart(new.leading_table, _columns_of_order(new)):
                continue
            yield old_text, lost


def _unlocked(gone: set[str], sent: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the tables whose rows were locked, the statement that did and is gone, and one that still changes them."""
    for old_text in sorted(gone):
        old = clauses_of(old_text)
        if old and old.locks and old.leading_table:
            changing = tuple(f'{verb} "{old.leading_table}" ' for verb in _CHANGING)
            found = (text for text in sorted(sent) if text.startswith(changing))
            yield from ((old.leading_table, old_text, text) for text in itertools.islice(found, 1))


def _columns_of_order(clauses: Clauses) -> set[str]:
    own = (one.removesuffix(" DESC") for one in clauses.order)
    return {one.removeprefix(f"{clauses.leading_table}.") for one in own}


def _wider(text: str, gone: set[str], ledger: Ledger) -> tuple[str, tuple[str, ...]] | None:
    """Return the accepted statement that is this one with fewer columns, and what is read now, too.

    Columns that no accepted statement reads may be new, and are then no loss of a `defer()`.
    """
    clauses, columns = clauses_of(text), columns_of(text)
    for old in sorted(gone) if clauses and columns else ():
        more = columns - columns_of(old)
        if clauses_of(old) == clauses and columns_of(old) and more and columns_of(old) < columns:
            known = frozenset[str]().union(*map(columns_of, ledger.all_statements()))
            return (old, (READ_TOO, *sorted(more))) if more <= known else None
    return None


def _told(statement: Evidence, *, old: str, gone: tuple[str, ...]) -> Iterator[Evidence]:
    yield Evidence(
        kind="hint",
        text=f"{_sentence(gone, statement.table)}; by {statement.text}",
        source=statement.source,
        frames=statement.frames,
        table=statement.table,
    )
    yield statement
    yield Evidence(kind="hint", text=f"accepted was {old}")


def _kind(gone: tuple[str, ...]) -> str:
    """Return a word for what is gone, so that each kind is told by itself; none for a condition."""
    return next((word for beginning, word in _KINDS.items() if gone[0].startswith(beginning)), "")


def _is_of_statement(gone: tuple[str, ...]) -> bool:
    """Tell whether what is gone is no condition: the statement's own line has it, not where its rows are chosen."""
    return gone in {(LIMIT,), (LOCK,), (UNWAITING,)} or gone[0].startswith(tuple(_BEGINNINGS))


def _sentence(gone: tuple[str, ...], table: str) -> str:
    if gone[0] in _SENTENCES:
        return _SENTENCES[gone[0]].format(table=table)
    if gone[0] == REPLACED:
        return f"rows of {table} are chosen by {gone[2]}, no longer by {gone[1]}"
    if gone[0] == WITHIN:
        return f"rows of {table} are chosen by alternatives that no longer ask for {', '.join(gone[1:])}"
    if gone[0] == READ_TOO:
        return f"{', '.join(gone[1:])} {'is' if len(gone) == 2 else 'are'} read, too, for each row of {table}"
    for beginning, sentence in _BEGINNINGS.items():
        if gone[0].startswith(beginning):
            return sentence.format(table=table, rest=gone[0].removeprefix(beginning))
    return f"rows of {table} are no longer chosen by {' AND '.join(gone)}"


def _evidence_of(text: str, table: Table, *, is_chosen: bool) -> Evidence:
    """Return the statement with its line: where it is sent, or, of `is_chosen` rows, the line that decides on them."""
    found = Evidence(kind="statement", text=text)
    for (metric, _), cells in table.items():
        decides = is_chosen and isinstance(metric, CounterMetric) and metric.is_of_statements
        if decides or metric is QUERIES:
            for one in (one for cell in cells.values() for one in cell.evidence):
                if one.kind == "statement" and one.text == text and (decides or not found.table):
                    found = one
    # The table that the others are joined to: its rows are what is chosen.
    clauses = clauses_of(text)
    return replace(found, table=clauses.leading_table) if clauses and clauses.leading_table else found
