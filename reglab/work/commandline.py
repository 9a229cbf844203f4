"""Runs the work audit from its options: into a record, and from there to a verdict."""

import argparse
from pathlib import Path
from typing import Final

from reglab.commands import CommandContext
from reglab.config.suite import read_suite
from reglab.console import Console
from reglab.project.data.audit_database import chosen_database
from reglab.project.record_header import header_of
from reglab.project.test_environment import test_surroundings
from reglab.report.conclusion import conclude
from reglab.report.policy import chosen_policy
from reglab.report.record_files import recording
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted
from reglab.work.audit import Audit, audit
from reglab.work.ledger import Ledger, read_ledger
from reglab.work.recording.record import entries_of, lines_of, statements_of

RECORD: Final = "work.jsonl"


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Audit, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive.

    Django's settings must be loaded. Raises RegLabError.
    """
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with (
        chosen_database(options.database, say=console.tell),
        run_folder(options.run, project.runs_path, console=console) as folder,
    ):
        suite = options.suite or project.suite_path
        _record(options, folder, suite, console)
        return conclude(folder, policy, only=("work",), as_json=options.json, console=console)


def _record(options: argparse.Namespace, folder: Path, suite: Path, console: Console) -> None:
    file = read_suite(suite)
    ledger = read_ledger(file.ledger_path)
    with test_surroundings(), recording(folder / RECORD, header_of(file, run=folder.name, only=options.only)) as record:
        measured = audit(file, only=options.only, say=console.progress)
        if options.accept:
            _accept(measured, ledger, why=options.accept, console=console)
        for line in lines_of(measured, ledger):
            record.write(line)


def _accept(measured: Audit, ledger: Ledger, *, why: str, console: Console) -> None:
    entries = entries_of(measured)
    changed = ledger.accept(
        entries,
        statements=statements_of(measured),
        why=why,
        scenarios=[scenario.name for scenario in measured.suite.suite.scenario],
    )
    console.tell(f"{ledger.path}: {changed} counters accepted: {why}")
