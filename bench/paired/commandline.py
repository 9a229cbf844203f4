"""The comparison's command line."""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from bench.commandline import ORDERS
from bench.errors import AuditError
from bench.paired.comparison import Comparer, Comparison
from bench.paired.cores import chosen_cores, kept_off
from bench.paired.lines import lines_of
from bench.paired.progress import Progress
from bench.paired.repository import Repository
from bench.paired.sides import HASH_SEED_MAX, Launcher, Side, link_harness, this_python
from bench.paired.subjects import Revisions, are_identical, candidate_revision, exported, resolved
from bench.paired.workplace import chosen_scenarios, database_server, endpoints_of, paired_rule, sizes_of
from bench.suite import SuiteFile, read_suite
from database.errors import ServerError
from reports.environment import present_environment
from reports.judge import judge
from reports.outcomes import EXIT_COULD_NOT_RUN
from reports.policy import POLICY_PATH, Policy, PolicyError, read_policy
from reports.record_files import now, recording
from reports.records import Header, RemarkKind
from reports.renderings import terminal
from reports.runs import RUNS, create_run

RECORD: Final = "compare.jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a comparison."""
    parser.add_argument("baseline", metavar="BASE", help="the revision to compare with: a branch, tag or commit")
    parser.add_argument("candidate", metavar="CANDIDATE", nargs="?", help="another revision (default: the work tree)")
    parser.add_argument("--scenario", action="append", default=[], metavar="PATTERN", help="only these scenarios")
    parser.add_argument("--baseline-python", metavar="PATH", help="the interpreter, with its packages, of the baseline")
    parser.add_argument("--run", type=Path, help="the run folder to write compare.jsonl into (default: a new one)")
    add_shared_arguments(parser)


def add_shared_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what a comparison and a bisection have in common."""
    parser.add_argument("--suite", type=Path, default=ORDERS, help="the suite file (default: the orders service's)")
    parser.add_argument("--policy", type=Path, default=POLICY_PATH, help="another policy file")
    parser.add_argument("--seed", type=int, help="repeat the order of an earlier run (it is in the record's header)")


def run(options: argparse.Namespace) -> int:
    """Compare, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
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
    cores = chosen_cores()
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compare-")))
        sides = exported(
            repository,
            revisions,
            folder=temporary,
            baseline_python=options.baseline_python or this_python(),
            python=this_python(),
        )
        stack.enter_context(kept_off(cores))
        url, database = stack.enter_context(database_server(cores))
        launcher = Launcher(
            suite=options.suite,
            checkout=Path.cwd(),
            subject_paths=file.suite.compare.subject,
            harness=link_harness(temporary / "harness"),
            database_url=url,
            cores=cores,
        )
        comparer = Comparer(
            sides=sides,
            scenarios=chosen_scenarios(file, options.scenario),
            sizes=sizes_of(file),
            launcher=launcher,
            rule=paired_rule(policy),
            chance=Random(seed),  # noqa: S311  # an order, not a secret
            progress=Progress(),
            found=Comparison(),
        )
        folder = options.run or create_run(RUNS)
        header = _header(file, repository, revisions, sides, seed=seed, database=database, run_name=folder.name)
        _note_revisions(comparer.found, revisions, sides)
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


def _header(
    file: SuiteFile,
    repository: Repository,
    revisions: Revisions,
    sides: list[Side],
    *,
    seed: int,
    database: str,
    run_name: str,
) -> Header:
    return Header(
        instrument="compare",
        run=run_name,
        subject=", ".join(file.suite.compare.subject),
        revision=candidate_revision(repository, revisions),
        environment=present_environment(database=database),
        started_at=now(),
        context={
            "suite": file.path.name,
            "baseline": repository.title(revisions.baseline),
            "candidate": repository.title(revisions.candidate) if revisions.candidate else revisions.told,
            "baseline_python": Path(sides[0].python).name if sides[0].python != sides[1].python else "the same",
            "sizes": ", ".join(f"{name}={size}" for name, size in sizes_of(file).items()),
            "seed": str(seed),
        },
    )


def _note_revisions(found: Comparison, revisions: Revisions, sides: list[Side]) -> None:
    if revisions.changes:
        found.remark(
            RemarkKind.NOTE,
            f"the candidate is the working tree, not a commit; changed: {', '.join(revisions.changes[:6])}",
        )
    if are_identical(sides):
        found.remark(RemarkKind.NOTE, "no file of the subject differs between the sides: this measures the machine")


def _judged(folder: Path, policy: Policy) -> int:
    verdict = judge(folder, policy, only=("compare",))
    is_terminal = sys.stdout.isatty() and "CI" not in os.environ
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 140
    print(terminal.render(verdict, colour=is_terminal and "NO_COLOR" not in os.environ, width=max(80, width)))
    print(f"record: {folder / RECORD}")
    return verdict.exit_code
