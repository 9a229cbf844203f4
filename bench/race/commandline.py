"""Running the race audit from its options: into a record, and from there to a verdict."""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from bench.commandline import COULD_NOT_RUN, chosen_database, judged, progress, run_folder
from bench.errors import AuditError
from bench.race.audit import RaceAudit
from bench.race.lines import lines_of_pair, lines_of_suite
from bench.records import header_of
from bench.suite import read_suite
from bench.surroundings import test_surroundings
from bench.termination import terminated_is_interrupted
from database.errors import ServerError
from reports.policy import PolicyError
from reports.record_files import RecordWriter, recording
from reports.records import Measurement, Remark, RemarkKind

RECORD: Final = "race.jsonl"


def run(options: argparse.Namespace) -> int:
    """Race, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    try:
        with chosen_database(options.database), run_folder(options.run) as folder:
            _record(options, folder)
            return judged(folder, instrument="race", as_json=options.json)
    except (AuditError, ServerError, PolicyError, OSError) as error:
        print(f"race: {error}", file=sys.stderr)
        return COULD_NOT_RUN


def _record(options: argparse.Namespace, folder: Path) -> None:
    """Write the record. After Ctrl-C it holds the pairs there are, and says that it was interrupted."""
    file = read_suite(options.suite)
    if connection.vendor != "postgresql" and not options.where_possible:
        raise AuditError(f"not applicable: {_why_not()}")
    try:
        with (
            test_surroundings(),
            recording(
                folder / RECORD, header_of(file, run=folder.name, only=options.only, instrument="race")
            ) as record,
        ):
            if connection.vendor != "postgresql":
                _record_not_applicable(record)
                return
            audit = RaceAudit(file=file, only=options.only, say=progress())
            with closing(audit.results()) as results:
                for result in results:
                    for measurement in lines_of_pair(result):
                        record.write(measurement)
            for line in lines_of_suite(file, unraced=audit.unraced):
                record.write(line)
    except KeyboardInterrupt:
        print("race: interrupted; judging the pairs there are", file=sys.stderr)


def _record_not_applicable(record: RecordWriter) -> None:
    """Say that nothing was proven: one measurement that cannot gate, and a sentence."""
    print(f"race: not applicable: {_why_not()}", file=sys.stderr)
    record.write(Measurement(scenario="(races)", metric="races_run", values=(0,), gates=False))
    record.write(Remark(kind=RemarkKind.NOTE, text=f"races are not applicable here: {_why_not()}"))


def _why_not() -> str:
    return (
        f"races are about PostgreSQL's row locks, and the database is {connection.vendor}, which lets one writer in at "
        "a time; nothing is proven. Leave DATABASE_URL unset for a PostgreSQL of the audit's own"
    )
