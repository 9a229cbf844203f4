"""Runs a bisection from its options, and prints what it found."""

import argparse
from pathlib import Path
from random import Random, SystemRandom

from reglab.commands import CommandContext
from reglab.config.suite import read_suite
from reglab.console import Console, wrapped
from reglab.own_folders import own_folder
from reglab.report.findings import sentence_of
from reglab.report.outcomes import EXIT_CODES, Outcome
from reglab.report.policy import chosen_policy
from reglab.termination import terminated_is_interrupted
from reglab.timing.bisect.bisection import Bisection, Suspects
from reglab.timing.prerequisites import chosen_scenarios, paired_rule, sizes_of, with_subject
from reglab.timing.repository import Repository
from reglab.timing.setup import launcher_for
from reglab.timing.variants import HASH_SEED_MAX


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Bisect and print; return 0 where one commit is found, 3 where several are left. Raises RegLabError."""
    terminated_is_interrupted()
    try:
        return _run(options, context)
    except KeyboardInterrupt:
        context.console.warn("bisect: interrupted before the first bad commit was found")
        return EXIT_CODES[Outcome.INCONCLUSIVE]


def _run(options: argparse.Namespace, context: CommandContext) -> int:
    project, console = context.project, context.console
    file = with_subject(read_suite(options.suite or project.suite_path), project)
    repository = Repository(folder=Path.cwd(), paths=file.suite.compare.subject)
    good, bad = repository.commit(options.good), repository.commit(options.bad)
    (scenario, *_) = chosen_scenarios(file, [options.only])
    seed = SystemRandom().randint(1, HASH_SEED_MAX) if options.seed is None else options.seed
    with (
        own_folder("bisect") as (temporary, _),
        launcher_for(file, temporary) as (launcher, _),
    ):
        bisection = Bisection(
            repository=repository,
            launcher=launcher,
            scenario=scenario,
            sizes=sizes_of(file),
            rule=paired_rule(chosen_policy(options.policy, project.policy_path, program=context.program)),
            chance=Random(seed),  # noqa: S311  # an order, not a secret
            temporary=temporary,
            say=console.say,
        )
        return _told(bisection.run(good=good, bad=bad), repository, console)


def _told(suspects: Suspects, repository: Repository, console: Console) -> int:
    titles = [repository.title(commit) for commit in suspects.commits]
    for evidence in suspects.evidence:
        console.say(wrapped(sentence_of(evidence), indent=2))
    if len(titles) == 1:
        console.say(f"first bad commit, by {suspects.by}: {titles[0]}")
        return EXIT_CODES[Outcome.PASS]
    console.say(f"the first bad commit, by {suspects.by}, is one of these; the others between cannot be judged:")
    console.say("\n".join(f"  {title}" for title in titles))
    return EXIT_CODES[Outcome.INCONCLUSIVE]
