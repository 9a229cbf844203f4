"""Code that may be behind another answer: statements that were not accepted, functions that are called more often."""

from typing import Final

from reglab.counters.calls import PYTHON_CALLS
from reglab.counters.queries import QUERIES
from reglab.report.records import Evidence
from reglab.work.called_functions import function_of
from reglab.work.counter_table import Table
from reglab.work.evidence_ranking import Statements

_TOLD: Final = 2


def changed_code(
    table: Table, variant: str, *, accepted: Statements, called_more: tuple[str, ...]
) -> tuple[Evidence, ...]:
    """Return what is new at a variant and has a line: statements first, then functions; nothing where none is known.

    Without accepted statements everything would be new.
    """
    queries = table.get((QUERIES, ""), {}).get(variant)
    sent = queries.evidence if queries is not None and accepted else ()
    new = [one for one in sent if one.kind == "statement" and one.source and one.count > accepted.get(one.text, 0)]
    calls = table.get((PYTHON_CALLS, ""), {}).get(variant)
    functions = [one for one in (calls.evidence if calls is not None else ()) if function_of(one) in called_more]
    return (*new[:_TOLD], *functions[:_TOLD])
