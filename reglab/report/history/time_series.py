"""Lines over past runs, read from a history: one quantity on one kind of environment, a point a run."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reglab.metrics import METRICS
from reglab.report.records import Environment, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What one line of the history is about: one metric of one scenario, on one kind of environment."""

    instrument: str
    scenario: str
    endpoint: str
    metric: str
    part: str
    variant: str
    subject: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The median of one quantity in one run, of `count` values."""

    run: str
    revision: str
    started_at: str
    value: Number
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """A run as its lines need it: its number in the file, and the subject and environment that its points belong to."""

    number: int
    name: str
    revision: str
    started_at: str
    subject: str
    line: str


def line_of(environment: Environment) -> str:
    """Name the kind of environment whose runs may be compared over time: machine, interpreter, database server."""
    python = ".".join(environment.python.split(".")[:2])
    database = " ".join(environment.database.split()[:2]).partition(".")[0]
    return " · ".join(filter(None, (environment.machine, f"{environment.implementation} {python}", database)))


def runs_of(connection: sqlite3.Connection, *, last: int, pinned: str = "") -> list[RunKey]:
    """Return the `last` runs (0 for all), the latest last, and before them the one that is `pinned`."""
    rows = connection.execute(
        "SELECT id, name, revision, started_at, subject, line FROM ("
        "SELECT * FROM (SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT ?) "
        "UNION SELECT * FROM run WHERE name = ?) ORDER BY started_at, id",
        (last or -1, pinned),
    )
    return [
        RunKey(number=row[0], name=row[1], revision=row[2], started_at=row[3], subject=row[4], line=row[5])
        for row in rows.fetchall()
    ]


def lines_of(
    connection: sqlite3.Connection, runs: Sequence[RunKey], *, metric: str, scenario: str, still: bool
) -> dict[Quantity, list[Point]]:
    """Return the line of each quantity that the globs select, on each kind of environment that `runs` ran on."""
    by_line: dict[tuple[str, str], list[RunKey]] = {}
    for run in runs:
        by_line.setdefault((run.subject, run.line), []).append(run)
    quantities = connection.execute(
        "SELECT id, instrument, scenario, endpoint, metric, part, variant FROM quantity "
        "WHERE metric GLOB ? AND scenario GLOB ?",
        (metric, scenario),
    ).fetchall()
    lines: dict[Quantity, list[Point]] = {}
    for number, instrument, scenario_name, endpoint, metric_name, part, variant in quantities:
        if metric_name not in METRICS:
            continue  # a metric of an earlier version
        values = _values(connection, number, runs)
        for (subject, line), members in by_line.items():
            measured = [(run, *values[run.number]) for run in members if run.number in values]
            if not measured or not (still or any(value != measured[0][1] for _, value, _ in measured)):
                continue
            quantity = Quantity(
                instrument=instrument,
                scenario=scenario_name,
                endpoint=endpoint,
                metric=metric_name,
                part=part,
                variant=variant,
                subject=subject,
                line=line,
            )
            lines[quantity] = list(_points(measured))
    return lines


def _values(connection: sqlite3.Connection, quantity: int, runs: Sequence[RunKey]) -> dict[int, tuple[Number, int]]:
    """Return value and count by run, read in the order of the primary key.

    What lies before the runs that are asked for is never read, but for the first, which may be a pin of long ago.
    """
    first, *others = runs
    rows = connection.execute(
        "SELECT run, value, count FROM sample WHERE quantity = ? AND run = ? "
        "UNION ALL SELECT run, value, count FROM sample WHERE quantity = ? AND run >= ?",
        (quantity, first.number, quantity, min((run.number for run in others), default=first.number)),
    )
    return {run: (value, count) for run, value, count in rows}


def _points(measured: Sequence[tuple[RunKey, Number, int]]) -> Iterator[Point]:
    for run, value, count in measured:
        yield Point(run=run.name, revision=run.revision, started_at=run.started_at, value=value, count=count)
