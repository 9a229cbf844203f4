"""The statements that the database spent a run's time on, from pg_stat_statements where the server has it."""

from dataclasses import dataclass

import psycopg

TOP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TopStatement:
    """One normalised statement: its calls, its mean time in milliseconds, its share of all the time (0 to 1)."""

    text: str
    calls: int
    mean_ms: float
    share: float


def start_counting(database_url: str) -> bool:
    """Set the counts to zero; False where the server does not count statements, or not for us."""
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            connection.execute("SELECT pg_stat_statements_reset()")
    except psycopg.Error:
        return False
    return True


def top_statements(database_url: str) -> list[TopStatement]:
    """Return the most expensive statements of this database since the counting began; none where it cannot be asked."""
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
            rows = connection.execute(
                "SELECT query, calls, mean_exec_time, total_exec_time / nullif(sum(total_exec_time) OVER (), 0) "
                "FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND toplevel ORDER BY total_exec_time DESC LIMIT %s",
                [TOP],
            ).fetchall()
    except psycopg.Error:
        return []
    return [
        TopStatement(text=" ".join(row[0].split()), calls=row[1], mean_ms=row[2], share=float(row[3] or 0))
        for row in rows
    ]
