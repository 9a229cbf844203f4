"""Runs the race audit from its options: into a record, and from there to a verdict."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from reglab.commands import CommandContext
from reglab.config.suite import read_suite
from reglab.console import Console
from reglab.errors import AuditError
from reglab.metrics import METRICS
from reglab.postgres.postmaster import ensure_own_servers
from reglab.project.data.audit_database import chosen_database
from reglab.project.record_header import header_of, revision_notes
from reglab.project.test_environment import test_surroundings
from reglab.race.audit import RaceAudit
from reglab.race.recording import lines_of_pair, lines_of_suite
from reglab.report.conclusion import conclude
from reglab.report.policy import chosen_policy
from reglab.report.record_files import RecordWriter, recording
from reglab.report.records import Measurement, Remark, RemarkKind
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted

RECORD: Final = "race.jsonl"


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Race, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with chosen_database(options.database), run_folder(options.run, project.runs_path, console=console) as folder:
        _record(options, folder, options.suite or project.suite_path, console)
        return conclude(folder, policy, only=("race",), as_json=options.json, console=console)


def _record(options: argparse.Namespace, folder: Path, suite: Path, console: Console) -> None:
    """Write the record. After Ctrl-C it holds the pairs there are, and says that it was interrupted."""
    file = read_suite(suite)
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
                _record_not_applicable(record, console)
                return
            for note in revision_notes(console):
                record.write(note)
            audit = RaceAudit(file=file, only=options.only, say=console.progress)
            with closing(audit.results()) as results:
                for result in results:
                    for measurement in lines_of_pair(result):
                        record.write(measurement)
            ensure_own_servers()
            for line in lines_of_suite(file, unraced=audit.unraced):
                record.write(line)
    except KeyboardInterrupt:
        console.warn("race: interrupted; judging the pairs there are")


def _record_not_applicable(record: RecordWriter, console: Console) -> None:
    """Say that nothing was proven: one measurement that cannot gate, and a sentence."""
    console.warn(f"race: not applicable: {_why_not()}")
    record.write(Measurement(scenario="(races)", metric=METRICS["races_run"], values=(0,), gates=False))
    record.write(Remark(kind=RemarkKind.WARNING, text=f"races are not applicable here: {_why_not()}"))


def _why_not() -> str:
    return (
        f"races are about PostgreSQL's row locks, and the database is {connection.vendor}, which lets one writer in at "
        "a time; nothing is proven. Leave DATABASE_URL unset for a PostgreSQL of the audit's own"
    )
