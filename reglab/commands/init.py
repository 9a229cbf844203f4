"""Options of `init`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_policy, add_run, add_suite, add_workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a first draft."""
    parser.add_argument("--update", action="store_true", help="add the endpoints that the suite lacks")
    add_suite(parser)
    add_run(parser)
    add_workers(parser)
    add_policy(parser)
    add_json(parser)
    add_database(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Draft the suite by sending every request once, and audit with it."""
    from reglab.work import drafting

    return drafting.run(options, context)
