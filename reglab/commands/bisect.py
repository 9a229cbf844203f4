"""Options of `bisect`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_policy, add_suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a bisection."""
    parser.add_argument("good", metavar="GOOD", help="a revision, an ancestor of BAD, that was as it should be")
    parser.add_argument("bad", metavar="BAD", help="a revision that is worse")
    parser.add_argument("--only", required=True, metavar="NAME", help="the scenario to look at")
    parser.add_argument("--seed", type=int, help="repeat the order of an earlier bisection")
    add_suite(parser)
    add_policy(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Bisect and print."""
    from reglab.timing.bisect import commandline

    return commandline.run(options, context)
