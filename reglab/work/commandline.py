"""Runs the work audit from its options: into a record, and from there to a verdict."""

import argparse
from pathlib import Path
from typing import Final

from reglab.commands import CommandContext
from reglab.config.suite import SuiteFile, read_suite
from reglab.console import Console, wrapped
from reglab.errors import AuditError
from reglab.postgres.postmaster import ensure_own_servers
from reglab.project.data.audit_database import chosen_database
from reglab.project.record_header import header_of, revision_notes
from reglab.project.test_environment import test_surroundings
from reglab.report.conclusion import conclude
from reglab.report.findings import counted, plural
from reglab.report.policy import chosen_policy
from reglab.report.record_files import recording
from reglab.report.runs import LEDGER_PATCH, run_folder
from reglab.termination import terminated_is_interrupted
from reglab.work.audit import Audit, Extent, audit
from reglab.work.expectations import Expectations, expectations_of
from reglab.work.ledger.known_problems import KnownProblems
from reglab.work.ledger.patch import patch_of
from reglab.work.recording.record import AUDIT

RECORD: Final = "work.jsonl"


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Audit, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive.

    Django's settings must be loaded. Raises RegLabError.
    """
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    file = read_suite(options.suite or project.suite_path).at(dict(options.size))
    if options.size and options.accept is not None:
        raise AuditError("--accept keeps the suite's own sizes: leave --size out, or write the size into the suite")
    expected = expectations_of(file, project, policy)
    if options.known and options.accept is None:
        return _list(expected.known, console)
    if options.accept is not None and not options.accept.strip():
        raise AuditError('--accept needs the reason that the ledger keeps: --accept "why"')
    with (
        chosen_database(options.database, say=console.tell),
        run_folder(options.run, project.runs_path, console=console) as folder,
    ):
        _record(options, folder, file, expected, console)
        return conclude(folder, policy, only=("work",), as_json=options.json, console=console)


def _record(
    options: argparse.Namespace, folder: Path, file: SuiteFile, expected: Expectations, console: Console
) -> None:
    header = header_of(file, run=folder.name, only=options.only, shard=options.shard)
    extent = Extent(only=options.only, shard=options.shard, workers=options.workers)
    with test_surroundings(), recording(folder / RECORD, header) as record:
        accepts = options.accept is not None
        if accepts:
            measured = audit(file, extent=extent, say=console.progress, builds=2)
        else:
            measured = audit(file, extent=extent, say=console.progress, settled=expected.settled)
        ensure_own_servers()
        for note in revision_notes(console):
            record.write(note)
        if accepts and not measured.is_interrupted:
            names = {AUDIT, *(result.scenario.name for result in measured.results)} if options.known else set()
            expected.accept(measured, why=options.accept, console=console, is_first=options.known)
            expected = expected.knowing(measured, newly=names)
        lines = expected.lines(measured)
        for line in lines:
            record.write(line)
        if accepts and (count := len(expected.problems(lines))):
            console.tell(
                f"{plural(count, 'finding')} cannot be accepted as a number: mend it, or keep it as known with the "
                "same command and --known"
            )
        if options.known and (told := unmeasured(measured)):
            # They pass from now on, and measure nothing.
            console.warn(f"{plural(len(told), 'scenario')} cannot be measured as declared: {counted(told)}")
        if not options.size and (patch := patch_of(measured, expected)):
            (folder / LEDGER_PATCH).write_text(patch, encoding="utf-8")
        if measured.is_interrupted:
            console.warn(f"{folder}: holds what was measured until then; `report judge {folder}` judges it")
            raise KeyboardInterrupt


def unmeasured(measured: Audit) -> list[str]:
    """Name each scenario that was not answered as declared, with why."""
    complaints = (
        (result.scenario.name, taking.complaint)
        for result in measured.results
        for takings in result.takings.values()
        for taking in takings
        if taking.complaint
    )
    return [f"{name} ({complaint})" for name, complaint in dict(complaints).items()]


def _list(known: KnownProblems, console: Console) -> int:
    lines = known.work_list()
    for line in (line for cause in lines for line in cause.splitlines()):
        console.say(wrapped(line))
    console.say(plural(len(lines), "known cause") if lines else "no problem is known")
    return 0
