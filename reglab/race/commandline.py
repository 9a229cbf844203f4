"""Runs the race audit from its options: into a record, and from there to a verdict."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from reglab.commands import CommandContext
from reglab.config.ledger_path import with_ledger
from reglab.config.project import Project
from reglab.config.suite import SuiteFile, read_suite
from reglab.console import Console
from reglab.errors import AuditError
from reglab.metrics import METRICS, Better
from reglab.postgres.postmaster import ensure_own_servers
from reglab.project.data.audit_database import chosen_database
from reglab.project.record_header import header_of, revision_notes
from reglab.project.test_environment import test_surroundings
from reglab.race.anomalies import UNDECIDED
from reglab.race.audit import RaceAudit
from reglab.race.recording import lines_of_pair, lines_of_suite
from reglab.report.conclusion import conclude
from reglab.report.findings import plural
from reglab.report.policy import chosen_policy
from reglab.report.record_files import RecordWriter, recording
from reglab.report.records import Measurement, Remark, RemarkKind
from reglab.report.rules.accepted_findings import Accepted, accepted_in, told_problems
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted

INSTRUMENT: Final = "race"
ALL: Final = "*"
RECORD: Final = "race.jsonl"


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Race, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    if options.known:
        return _list_known(_suite(options, project), console)
    if options.accept and options.only != ALL:
        raise AuditError("--accept takes all that is found in the place of what was: leave --only out")
    with chosen_database(options.database), run_folder(options.run, project.runs_path, console=console) as folder:
        _record(options, folder, _suite(options, project), console)
        return conclude(folder, policy, only=("race",), as_json=options.json, console=console)


def _suite(options: argparse.Namespace, project: Project) -> SuiteFile:
    """Return the suite with the folder of its ledger, where the other audits keep what is accepted, too."""
    return with_ledger(read_suite(options.suite or project.suite_path), project)


def _record(options: argparse.Namespace, folder: Path, file: SuiteFile, console: Console) -> None:
    """Write the record. After Ctrl-C it holds the pairs there are, and says that it was interrupted."""
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
            _race(file, options, record, console)
    except KeyboardInterrupt:
        console.warn("race: interrupted; judging the pairs there are")


def _race(file: SuiteFile, options: argparse.Namespace, record: RecordWriter, console: Console) -> None:
    """Race every pair, and record each held against what is accepted of it; or accept them all first."""
    audit = RaceAudit(file=file, only=options.only, say=console.progress)
    accepted = accepted_in(file.ledger_path)
    found: list[Measurement] = []
    with closing(audit.results()) as results:
        for measurement in (line for result in results for line in lines_of_pair(result)):
            found.append(measurement)
            if not options.accept:
                record.write(accepted.held(INSTRUMENT, measurement))
    ensure_own_servers()
    if options.accept:
        _accept(accepted, found, why=options.accept, console=console)
        for measurement in found:
            record.write(accepted.held(INSTRUMENT, measurement))
    for line in lines_of_suite(file, unraced=audit.unraced):
        record.write(line)


def _accept(accepted: Accepted, lines: Sequence[Measurement], *, why: str, console: Console) -> None:
    """Take over what was found; pairs that were raced and have no anomaly are known to have none."""
    # A pair that nobody could decide is no problem to live with: it stays undecided.
    found = [line for line in lines if line.metric.better is Better.LOWER and line.metric.name != UNDECIDED]
    changed = accepted.accept({INSTRUMENT: found}, why=why)
    for text in told_problems(found):
        console.tell(f"  {text}")
    console.tell(f"{accepted.path}: {plural(changed, 'line')} of races accepted: {why}")


def _list_known(file: SuiteFile, console: Console) -> int:
    lines = accepted_in(file.ledger_path).work_list([INSTRUMENT])
    for line in lines:
        console.say(line)
    console.say(plural(len(lines), "accepted line") if lines else "nothing is accepted")
    return 0


def _record_not_applicable(record: RecordWriter, console: Console) -> None:
    """Say that nothing was proven: one measurement that cannot gate, and a sentence."""
    console.warn(f"race: not applicable: {_why_not()}")
    record.write(Measurement(scenario="(races)", metric=METRICS["races_run"], values=(0,), gates=False))
    record.write(Remark(kind=RemarkKind.WARNING, text=f"races are not applicable here: {_why_not()}"))


def _why_not() -> str:
    return (
        f"races are about PostgreSQL's row locks, and the database is {connection.vendor}, which lets one writer in at "
        "a time; nothing is proven. Give --database own for a PostgreSQL of the audit's own"
    )
