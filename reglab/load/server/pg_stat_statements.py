"""The statements that the database spent a run's time on, from pg_stat_statements where the server has it.

Counts are read before and after, and subtracted: the server may be somebody else's, so nothing is reset or created.
"""

from dataclasses import dataclass
from typing import Final

import psycopg

TOP: Final = 8
SECONDS_MAX: Final = 10
_COUNTS: Final = (
    "SELECT queryid, query, calls, total_exec_time FROM pg_stat_statements "
    "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel AND queryid IS NOT NULL"
)
Counts = dict[int, tuple[str, int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopStatement:
    """One normalised statement: its calls, its mean time in milliseconds, its share of all the time (0 to 1)."""

    text: str
    calls: int
    mean_ms: float
    share: float


def statement_counts(database_url: str) -> Counts | None:
    """Return the calls and milliseconds of each statement so far; None where the server does not tell us."""
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"SET statement_timeout = '{SECONDS_MAX}s'")
            rows = connection.execute(_COUNTS).fetchall()
    except psycopg.Error:
        return None
    return {row[0]: (row[1], row[2], float(row[3])) for row in rows}


def top_statements(*, before: Counts, after: Counts) -> list[TopStatement]:
    """Return the statements that took the most time between two counts, the most expensive first."""
    spent = []
    for statement, (text, calls, total_ms) in after.items():
        _, calls_before, total_before = before.get(statement, ("", 0, 0.0))
        if calls > calls_before:
            spent.append((total_ms - total_before, calls - calls_before, text))
    whole = sum(each[0] for each in spent)
    return [
        TopStatement(
            text=" ".join(text.split()), calls=calls, mean_ms=total / calls, share=total / whole if whole else 0.0
        )
        for total, calls, text in sorted(spent, reverse=True)[:TOP]
    ]
