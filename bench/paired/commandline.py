"""Running a comparison from its options: into a record, and from there to a verdict."""

import argparse
import os
import sys
from pathlib import Path
from random import SystemRandom
from typing import Final

from bench.errors import AuditError
from bench.paired.arrangement import arranged
from bench.paired.comparison import Comparer
from bench.paired.groundwork import endpoints_of, paired_rule
from bench.paired.lines import lines_of
from bench.paired.repository import Repository
from bench.paired.sides import HASH_SEED_MAX
from bench.paired.subjects import Revisions, are_identical, candidate_revision, resolved
from bench.suite import read_suite
from bench.termination import terminated_is_interrupted
from database.errors import ServerError
from reports.environment import present_environment
from reports.judge import judge
from reports.outcomes import EXIT_COULD_NOT_RUN
from reports.policy import Policy, PolicyError, read_policy
from reports.record_files import now, recording
from reports.records import Header, RemarkKind
from reports.renderings import terminal
from reports.runs import RUNS, create_run

RECORD: Final = "compare.jsonl"
_FILES_NAMED: Final = 6


def run(options: argparse.Namespace) -> int:
    """Compare, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    terminated_is_interrupted()
    try:
        return _run(options)
    except (AuditError, ServerError, PolicyError, OSError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return EXIT_COULD_NOT_RUN


def _run(options: argparse.Namespace) -> int:
    file, policy = read_suite(options.suite), read_policy(options.policy)
    repository = Repository(folder=Path.cwd(), paths=file.suite.compare.subject)
    revisions = resolved(repository, baseline=options.baseline, candidate=options.candidate)
    seed = SystemRandom().randint(1, HASH_SEED_MAX) if options.seed is None else options.seed
    with arranged(
        file=file,
        rule=paired_rule(policy),
        repository=repository,
        revisions=revisions,
        scenarios=options.scenario,
        seed=seed,
        baseline_python=options.baseline_python,
    ) as arrangement:
        comparer = arrangement.comparer
        folder = options.run or create_run(RUNS)
        context = {
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
            context=context,
        )
        _note_revisions(comparer, revisions)
        _record(folder, header, comparer, endpoints=endpoints_of(file))
    return _judged(folder, policy)


def _record(folder: Path, header: Header, comparer: Comparer, *, endpoints: dict[str, str]) -> None:
    """Run the comparison into the record. After Ctrl-C it holds the pairs there are, and says so."""
    try:
        with recording(folder / RECORD, header) as record:
            try:
                comparer.run()
            except KeyboardInterrupt:
                print("compare: interrupted; judging the pairs there are", file=sys.stderr)
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


def _judged(folder: Path, policy: Policy) -> int:
    verdict = judge(folder, policy, only=("compare",))
    is_terminal = sys.stdout.isatty() and "CI" not in os.environ
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 140
    print(terminal.render(verdict, colour=is_terminal and "NO_COLOR" not in os.environ, width=max(80, width)))
    print(f"record: {folder / RECORD}")
    return verdict.exit_code
