"""Runs the audits beyond counting from their options: a record each, and from there to a verdict."""

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reglab.access import recording as access
from reglab.access.guards.environments import guards_of_environments
from reglab.access.matrix import lines_of_matrix, matrix_beside, told_as_accepted
from reglab.commands import CommandContext
from reglab.commands.probe import AUDITS
from reglab.config.ledger_path import with_ledger
from reglab.config.project import Project
from reglab.config.suite import SuiteFile, read_suite
from reglab.console import Console
from reglab.errors import AuditError, RegLabError
from reglab.last_handler import COULD_NOT_RUN, harness_error
from reglab.limits import recording as limits
from reglab.metrics import Better
from reglab.migrations_audit import recording as migrations
from reglab.postgres.postmaster import ensure_own_servers
from reglab.probe.closed_process import ClosedProcess, closed_process, told
from reglab.probe.instruments import IN_PROCESS
from reglab.project.audit_ground import AuditGround, audit_ground
from reglab.project.data.audit_database import chosen_database
from reglab.project.endpoints.coverage import coverage_of, nothing_matches, selected
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.record_header import ALL, header_of
from reglab.project.test_environment import test_surroundings
from reglab.report.conclusion import conclude
from reglab.report.environment import revision
from reglab.report.findings import plural
from reglab.report.outcomes import EXIT_CODES, Outcome
from reglab.report.policy import chosen_policy
from reglab.report.record_files import RecordWriter, recording
from reglab.report.records import Instrument, Measurement, Remark, RemarkKind
from reglab.report.rules.accepted_findings import accepted_in, told_problems
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted
from reglab.work.ledger.ledger import read_ledger

# Those that have something to measure where nobody sends a request.
_OF_JOBS: Final = frozenset({"atomicity", "migrations"})
FAILED: Final = EXIT_CODES[Outcome.FAIL]


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Probe, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    chosen: list[Instrument] = [name for name in AUDITS if name in (options.audits or AUDITS)]
    file = with_ledger(read_suite(options.suite or project.suite_path), project)
    if options.known:
        return _list(file, chosen, console)
    with run_folder(options.run, project.runs_path, console=console) as folder, ExitStack() as stack:
        probe = Probe(
            file=file,
            folder=folder,
            only=options.only,
            accept=options.accept or "",
            console=console,
            measured=options.measured or revision(Path.cwd()),
        )
        if options.is_closed:
            return probe.closed(options, project)
        _refuse(options, file)
        closed = (
            stack.enter_context(closed_process(project, options, folder, measured=probe.measured))
            if "access" in chosen
            else None
        )
        accepted_before = lines_of_matrix(file.ledger_path)
        with chosen_database(options.database), test_surroundings():
            probe.in_process([name for name in chosen if name != "access"], base=options.base or "")
        problem = _problem_of(closed)
        if closed and options.accept and not problem:
            console.tell(told_as_accepted(file.ledger_path, accepted_before, why=options.accept))
        if problem and chosen == ["access"]:
            raise AuditError(problem)
        code = conclude(folder, policy, only=tuple(chosen), as_json=options.json, console=console)
        if problem:
            console.warn(f"probe: {problem}")
        return COULD_NOT_RUN if problem or (probe.crashed and code != FAILED) else code


def _list(file: SuiteFile, chosen: Sequence[Instrument], console: Console) -> int:
    """Print what is accepted of the chosen audits; who may do what has a file of its own."""
    lines = accepted_in(file.ledger_path).work_list(chosen)
    for line in lines:
        console.say(line)
    console.say(plural(len(lines), "accepted line") if lines else "nothing is accepted")
    if "access" in chosen:
        console.say(f"who is let in where: {matrix_beside(file.ledger_path).path}")
    return 0


def _refuse(options: argparse.Namespace, file: SuiteFile) -> None:
    """Raise AuditError for a pattern that selects nothing, and for one that would make others forget their findings.

    Closed settings may lack endpoints that the suite asks for: only the open ones know all that a pattern may name.
    """
    if options.only == ALL:
        return
    chosen = selected(file.suite.scenario, coverage_of(file, Endpoints()), options.only)
    if not chosen:
        raise nothing_matches(file, options.only)
    if all(one.is_job for one in chosen) and (set(options.audits) if options.audits else {ALL}) - _OF_JOBS:
        raise AuditError(
            f"{options.only!r} matches jobs alone, which no client can ask for: probe atomicity, migrations"
        )
    if options.accept:
        raise AuditError("--accept takes all that an audit finds in the place of what it had: leave --only out")


def _problem_of(closed: ClosedProcess | None) -> str:
    try:
        if closed is not None:
            closed.finish()
    except AuditError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One run of audits: the suite, the run folder, and the reason why what is found is accepted, if it is.

    `measured` is the revision of all of them: what the first has accepted makes another of the checkout.
    """

    file: SuiteFile
    folder: Path
    only: str
    accept: str
    console: Console
    measured: str
    crashed: list[str] = field(default_factory=list)

    def in_process(self, names: Sequence[Instrument], *, base: str) -> None:
        """Run the audits that share this process and one set of data."""
        if not names:
            return
        with audit_ground(self.file, only=self.only, say=self.console.progress) as ground:
            for name in names:
                ground.databases.restore()
                started, used = time.monotonic(), _cpu_seconds()
                self._attempt(name, self._lines(name, ground, base=base, is_alone=len(names) == 1))
                seconds = time.monotonic() - started
                self.console.tell(f"{name}: {seconds:.1f} s, {_cpu_seconds() - used:.1f} s of CPU")

    def _lines(
        self, name: Instrument, ground: AuditGround, *, base: str, is_alone: bool
    ) -> Iterator[Measurement | Remark]:
        if name == "migrations":
            return migrations.lines(ground, base=base, is_alone=is_alone)
        # What an endpoint refuses is no problem to be known: it is accepted in a file of its own.
        return limits.lines(ground, accept=self.accept) if name == "limits" else IN_PROCESS[name](ground)

    def _attempt(self, name: Instrument, lines: Iterable[Measurement | Remark]) -> None:
        """Record one audit; a crash of it is its own: its record says so, and the others go on."""
        try:
            self.record(name, lines)
        except (RegLabError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # whatever an audit did not foresee
            ensure_own_servers()
            self.crashed.append(name)
            self.console.warn(f"probe: {name} could not be measured: {harness_error(error)}")
        ensure_own_servers()

    def closed(self, options: argparse.Namespace, project: Project) -> int:
        """Run the access audit alone, under the settings that are loaded, and judge nothing."""
        with (
            chosen_database(options.database),
            test_surroundings(),
            audit_ground(self.file, only=self.only, is_closed=True, say=self.console.progress) as ground,
            self._recording("access") as record,
        ):
            ledger = read_ledger(self.file.ledger_path, reference_python="")

            def known(scenario: str) -> Mapping[str, int]:
                return ledger.statements(scenario=scenario, variant=ground.point.variant)

            if not project.closed:
                record.write(
                    Remark(
                        kind=RemarkKind.NOTE,
                        text="access was audited under the settings of the other audits, which may be more open than "
                        "production's",
                        next_step='Name production\'s: closed = { DJANGO_SETTINGS_MODULE = "…" } below [tool.reglab].',
                    )
                )
            for line in access.lines(
                ground,
                accept=self.accept,
                settings_name=told(project),
                known=known,
                environments=guards_of_environments(project),
            ):
                record.write(line)
        return 0

    def _recording(self, name: Instrument) -> AbstractContextManager[RecordWriter]:
        header = header_of(self.file, run=self.folder.name, only=self.only, instrument=name, measured=self.measured)
        return recording(self.folder / f"{name}.jsonl", header)

    def record(self, name: Instrument, lines: Iterable[Measurement | Remark]) -> None:
        """Write the record of one audit, each number held against what was accepted."""
        accepted = accepted_in(self.file.ledger_path)
        with self._recording(name) as record:
            if self.accept:
                lines = list(lines)
                changed = accepted.accept({name: _measurements(lines)}, why=self.accept)
                for text in told_problems(_measurements(lines)):
                    self.console.tell(f"  {text}")
                self.console.tell(f"{accepted.path}: {plural(changed, 'line')} of {name} accepted: {self.accept}")
            for line in lines:
                if isinstance(line, Measurement):
                    record.write(accepted.held(name, line, others=self._others(name, line.scenario)))
                else:
                    record.write(line)

    def _others(self, name: Instrument, scenario: str) -> list[str]:
        """Return the scenarios that may stand for one: of an endpoint one is tried, and of a part of them another."""
        if name != "limits" or self.only == ALL:
            return []
        endpoints = coverage_of(self.file, Endpoints()).endpoint_by_scenario
        return [one for one, endpoint in endpoints.items() if endpoint == endpoints.get(scenario) and one != scenario]


def _measurements(lines: Iterable[Measurement | Remark]) -> list[Measurement]:
    """Return the measurements that number problems: where more is better, nothing is to be accepted."""
    return [
        line for line in lines if isinstance(line, Measurement) and line.metric.better is Better.LOWER and line.gates
    ]


def _cpu_seconds() -> float:
    """Return the CPU time of this process and its children: on a busy machine, what an audit costs by itself."""
    return sum(os.times()[:4])
