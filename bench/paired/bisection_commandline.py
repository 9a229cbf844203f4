"""Running a bisection from its options, and telling what it found."""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random, SystemRandom

from bench.errors import AuditError
from bench.paired.arrangement import launcher_for
from bench.paired.bisection import Bisection, Suspects
from bench.paired.groundwork import chosen_scenarios, paired_rule, sizes_of
from bench.paired.repository import Repository
from bench.paired.sides import HASH_SEED_MAX
from bench.suite import read_suite
from bench.termination import terminated_is_interrupted
from database.errors import ServerError
from reports.findings import sentence_of
from reports.outcomes import EXIT_CODES, EXIT_COULD_NOT_RUN, Outcome
from reports.policy import PolicyError, read_policy


def run(options: argparse.Namespace) -> int:
    """Bisect and print; return 0 where one commit is found, 2 where it could not run, 3 where several are left."""
    terminated_is_interrupted()
    try:
        return _run(options)
    except (AuditError, ServerError, PolicyError, OSError) as error:
        print(f"bisect: {error}", file=sys.stderr)
        return EXIT_COULD_NOT_RUN
    except KeyboardInterrupt:
        print("bisect: interrupted before the first bad commit was found", file=sys.stderr)
        return EXIT_CODES[Outcome.INCONCLUSIVE]


def _run(options: argparse.Namespace) -> int:
    file = read_suite(options.suite)
    repository = Repository(folder=Path.cwd(), paths=file.suite.compare.subject)
    good, bad = repository.commit(options.good), repository.commit(options.bad)
    (scenario, *_) = chosen_scenarios(file, [options.scenario])
    seed = SystemRandom().randint(1, HASH_SEED_MAX) if options.seed is None else options.seed
    with (
        tempfile.TemporaryDirectory(prefix="bisect-") as temporary,
        launcher_for(file, Path(temporary)) as (launcher, _),
    ):
        bisection = Bisection(
            repository=repository,
            launcher=launcher,
            scenario=scenario,
            sizes=sizes_of(file),
            rule=paired_rule(read_policy(options.policy)),
            chance=Random(seed),  # noqa: S311  # an order, not a secret
            temporary=Path(temporary),
            say=lambda text: print(text, flush=True),
        )
        return _told(bisection.run(good=good, bad=bad), repository)


def _told(suspects: Suspects, repository: Repository) -> int:
    titles = [repository.title(commit) for commit in suspects.commits]
    for evidence in suspects.evidence:
        print(f"  {sentence_of(evidence)}")
    if len(titles) == 1:
        print(f"first bad commit, by {suspects.by}: {titles[0]}")
        return EXIT_CODES[Outcome.PASS]
    print(f"the first bad commit, by {suspects.by}, is one of these; the others between cannot be judged:")
    print("\n".join(f"  {title}" for title in titles))
    return EXIT_CODES[Outcome.INCONCLUSIVE]
