"""Runs a comparison from its options: into a record, and from there to a verdict."""

import argparse
from pathlib import Path
from random import SystemRandom
from typing import Final

from reglab.commands import CommandContext
from reglab.config.ledger_path import ledger_path
from reglab.config.suite import SuiteFile, read_suite
from reglab.console import Console
from reglab.postgres.postmaster import ensure_own_servers
from reglab.report.conclusion import conclude
from reglab.report.environment import present_environment
from reglab.report.policy import chosen_policy
from reglab.report.record_files import now, recording
from reglab.report.records import Header, RemarkKind
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted
from reglab.timing.checkouts import Revisions, are_identical, candidate_revision, resolved
from reglab.timing.comparison import Comparer
from reglab.timing.explained import explained
from reglab.timing.prerequisites import chosen_scenarios, endpoints_of, paired_rule, with_subject
from reglab.timing.recording import lines_of
from reglab.timing.repository import Repository
from reglab.timing.setup import arranged
from reglab.timing.touched.changes import changes_between
from reglab.timing.touched.choice import Choice, chosen
from reglab.timing.touched.executed import executed_by_scenario
from reglab.timing.variants import HASH_SEED_MAX

RECORD: Final = "compare.jsonl"
_FILES_NAMED: Final = 6


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Compare, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    file = with_subject(read_suite(options.suite or project.suite_path), project)
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    repository = Repository(folder=Path.cwd(), paths=file.suite.compare.subject)
    revisions = resolved(repository, baseline=options.baseline, candidate=options.candidate)
    seed = SystemRandom().randint(1, HASH_SEED_MAX) if options.seed is None else options.seed
    choice = Choice() if options.only else _touched(file, revisions, console=console)
    scenarios = options.only or [*chosen_scenarios(file, ()), *choice.scenarios]
    reasons = explained(
        file,
        ledger_path(file, project),
        repository,
        baseline=revisions.baseline,
        candidate=revisions.candidate,
        names=chosen_scenarios(file, scenarios),
    )
    with (
        arranged(
            file=file,
            rule=paired_rule(policy),
            repository=repository,
            revisions=revisions,
            scenarios=scenarios,
            touched=frozenset(choice.scenarios),
            explained=reasons,
            seed=seed,
            baseline_python=options.baseline_python,
        ) as arrangement,
        run_folder(options.run, project.runs_path, console=console) as folder,
    ):
        comparer = arrangement.comparer
        about = {
            "suite": file.path.name,
            "baseline": repository.title(revisions.baseline),
            "candidate": repository.title(revisions.candidate) if revisions.candidate else revisions.told,
            "baseline_python": options.baseline_python or "the same",
            "sizes": ", ".join(f"{name}={size}" for name, size in comparer.sizes.items()),
            "seed": str(seed),
        }
        header = Header(
            instrument="compare",
            run=folder.name,
            subject=", ".join(repository.paths),
            revision=candidate_revision(repository, revisions),
            environment=present_environment(database=arrangement.database),
            started_at=now(),
            context=about,
        )
        _note_revisions(comparer, revisions)
        if choice.told:
            comparer.found.remark(RemarkKind.NOTE, choice.told)
        _record(folder, header, comparer, endpoints=endpoints_of(file), console=console)
    return conclude(folder, policy, only=("compare",), as_json=options.json, console=console)


def _touched(file: SuiteFile, revisions: Revisions, *, console: Console) -> Choice:
    """Find the scenarios that execute what the change touches; without a touched function nothing is executed."""
    changes = changes_between(
        Path.cwd(),
        baseline=revisions.baseline,
        candidate=revisions.candidate,
        paths=file.suite.compare.subject,
    )
    if not changes.functions:
        return Choice(elsewhere=tuple(changes.elsewhere))
    console.tell("compare: looking for the scenarios that execute what the change touches")
    return chosen(changes, executed_by_scenario(file), fixed=chosen_scenarios(file, ()))


def _record(folder: Path, header: Header, comparer: Comparer, *, endpoints: dict[str, str], console: Console) -> None:
    """Run the comparison into the record. After Ctrl-C it holds the pairs there are, and says so."""
    try:
        with recording(folder / RECORD, header) as record:
            try:
                comparer.run()
                ensure_own_servers()
            except KeyboardInterrupt:
                console.warn("compare: interrupted; judging the pairs there are")
                raise
            finally:
                for line in lines_of(comparer.found, endpoints=endpoints, launcher=comparer.launcher):
                    record.write(line)
    except KeyboardInterrupt:
        return


def _note_revisions(comparer: Comparer, revisions: Revisions) -> None:
    if revisions.changes:
        named = ", ".join(revisions.changes[:_FILES_NAMED])
        comparer.found.remark(
            RemarkKind.NOTE, f"the candidate is the working tree, which no commit holds; changed: {named}"
        )
    if are_identical(comparer.sides):
        comparer.found.remark(
            RemarkKind.NOTE, "no file of the subject differs between the sides: this measures the machine"
        )
