"""The history: every judged run, appended to one SQLite file that many writers may share.

A run is one transaction with full synchronisation: it is there whole or not at all, whenever its writer is killed.
Nothing is ever changed or removed; a run that is judged again adds a judgement and no second set of samples.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reglab.errors import HistoryError
from reglab.report.history.time_series import Point, Quantity, line_of, lines_of, runs_of
from reglab.report.records import Environment

if TYPE_CHECKING:
    from reglab.report.verdict import Verdict  # which holds trends, which are made of points of this file

HISTORY: Final = Path("var/history/runs.sqlite3")
_WAIT_SECONDS: Final = 60.0
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, revision TEXT NOT NULL,
    started_at TEXT NOT NULL, machine TEXT NOT NULL, line TEXT NOT NULL, environment TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS judgement (
    run INTEGER NOT NULL REFERENCES run, judged_at TEXT NOT NULL, outcome TEXT NOT NULL, policy TEXT NOT NULL,
    summary TEXT NOT NULL, instruments TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS quantity (
    id INTEGER PRIMARY KEY, instrument TEXT NOT NULL, scenario TEXT NOT NULL, endpoint TEXT NOT NULL,
    metric TEXT NOT NULL, part TEXT NOT NULL, variant TEXT NOT NULL,
    UNIQUE (instrument, scenario, endpoint, metric, part, variant)
);
CREATE TABLE IF NOT EXISTS sample (
    quantity INTEGER NOT NULL REFERENCES quantity, run INTEGER NOT NULL REFERENCES run, value NUMERIC NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (quantity, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pin (name TEXT NOT NULL, run INTEGER NOT NULL REFERENCES run, pinned_at TEXT NOT NULL);
"""
# Younger than the version: files without it are read as they are, and an earlier program leaves it alone.
_BRANCHES: Final = "CREATE TABLE IF NOT EXISTS branch (run INTEGER PRIMARY KEY REFERENCES run, name TEXT NOT NULL)"
_HAS_BRANCHES: Final = "SELECT 1 FROM sqlite_master WHERE name = 'branch'"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run of the history with its last judgement."""

    name: str
    subject: str
    revision: str
    started_at: str
    machine: str
    outcome: str
    summary: str
    pins: tuple[str, ...]
    branch: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One history file, opened for each action and closed after it."""

    path: Path = HISTORY

    def append(self, verdict: "Verdict") -> None:
        """Add a judged run. When this returns, the run is on the disk; where it raises, nothing of it is."""
        if not verdict.records:
            return
        with self._transaction() as connection:
            run = _run_id(connection, verdict)
            connection.execute(
                "INSERT INTO judgement VALUES (?, ?, ?, ?, ?, ?)",
                (
                    run,
                    verdict.judged_at,
                    verdict.outcome.value,
                    verdict.policy,
                    verdict.summary,
                    " ".join(record.header.instrument for record in verdict.records),
                ),
            )
            _add_samples(connection, run, verdict)
            if verdict.host.branch:
                connection.execute(_BRANCHES)
                connection.execute("INSERT OR REPLACE INTO branch VALUES (?, ?)", (run, verdict.host.branch))

    def pin(self, run: str, *, name: str, pinned_at: str) -> None:
        """Pin a run as a baseline under `name`; an earlier pin of that name is superseded and kept."""
        with self._transaction() as connection:
            found = connection.execute("SELECT id FROM run WHERE name = ?", (run,)).fetchone()
            if found is None:
                raise HistoryError(f"{self.path}: run {run!r} was never judged; judge it before pinning it")
            connection.execute("INSERT INTO pin VALUES (?, ?, ?)", (name, found[0], pinned_at))

    def pinned(self) -> dict[str, str]:
        """Return the run that each pin's name stands for."""
        with self._reading() as connection:
            rows = connection.execute("SELECT pin.name, run.name FROM pin JOIN run ON run.id = run ORDER BY pin.rowid")
            return dict(rows.fetchall())

    def runs(self) -> list[PastRun]:
        """Return every run with its last judgement, the latest last."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT name, subject, revision, started_at, machine, outcome, summary, max(judgement.rowid) "
                "FROM run JOIN judgement ON judgement.run = run.id GROUP BY run.id ORDER BY started_at, run.id"
            ).fetchall()
            branches = _branches(connection)
        pins = self.pinned()
        return [
            PastRun(
                name=row[0],
                subject=row[1],
                revision=row[2],
                started_at=row[3],
                machine=row[4],
                outcome=row[5],
                summary=row[6],
                pins=tuple(pin for pin, run in pins.items() if run == row[0]),
                branch=branches.get(row[0], ""),
            )
            for row in rows
        ]

    def lines(
        self, *, metric: str = "*", scenario: str = "*", last: int = 0, pinned: str = "", still: bool = True
    ) -> dict[Quantity, list[Point]]:
        """Return the points of every quantity that the globs select, the latest last, at most the `last` runs.

        The run that is `pinned` comes before them, however old it is, so that slow drift shows. `still` false leaves
        out the lines that never moved. Points of different machines, interpreters or databases never share a line.
        """
        with self._reading() as connection:
            runs = runs_of(connection, last=last, pinned=pinned)
            return lines_of(connection, runs, metric=metric, scenario=scenario, still=still)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction that took its lock before it read: two writers never deadlock, they wait."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            raise HistoryError(f"{self.path}: there is no history yet; `reglab report judge RUN` begins one")
        with self._connection() as connection:
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            _prepare(connection)
            yield connection
        except sqlite3.DatabaseError as error:
            raise HistoryError(f"{self.path}: {error}; mend the file or name another with --history") from None
        finally:
            connection.close()


def _branches(connection: sqlite3.Connection) -> dict[str, str]:
    if connection.execute(_HAS_BRANCHES).fetchone() is None:
        return {}
    rows = connection.execute("SELECT run.name, branch.name FROM branch JOIN run ON run.id = run")
    return dict(rows.fetchall())


def _prepare(connection: sqlite3.Connection) -> None:
    """Put the file into write-ahead mode and create its tables, once; refuse a file of another version."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in {0, _VERSION}:
        raise HistoryError(f"the history has version {version}, this program reads {_VERSION}; name another file")
    connection.execute("PRAGMA synchronous = FULL")
    if version == 0:
        # executescript() would commit on its own: the statements run one by one, under one lock.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")


def _run_id(connection: sqlite3.Connection, verdict: "Verdict") -> int:
    header = verdict.records[0].header
    databases = [record.header.environment.database for record in verdict.records]
    database = next(filter(None, databases), "")
    environment = {name: getattr(header.environment, name) for name in header.environment.__dataclass_fields__}
    line = line_of(Environment(**{**environment, "database": database}))
    connection.execute(
        "INSERT OR IGNORE INTO run (name, subject, revision, started_at, machine, line, environment) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            verdict.run,
            header.subject,
            header.revision,
            min(record.header.started_at for record in verdict.records),
            header.environment.machine,
            line,
            json.dumps({**environment, "database": database}, sort_keys=True),
        ),
    )
    return int(connection.execute("SELECT id FROM run WHERE name = ?", (verdict.run,)).fetchone()[0])


def _add_samples(connection: sqlite3.Connection, run: int, verdict: "Verdict") -> None:
    identities = [sample.identity for sample in verdict.samples]
    connection.executemany(
        "INSERT OR IGNORE INTO quantity (instrument, scenario, endpoint, metric, part, variant) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        identities,
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sample SELECT id, ?, ?, ? FROM quantity "
        "WHERE (instrument, scenario, endpoint, metric, part, variant) = (?, ?, ?, ?, ?, ?)",
        [(run, sample.median, len(sample.values), *sample.identity) for sample in verdict.samples],
    )
