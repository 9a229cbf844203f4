"""Options of `race`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_policy, add_run, add_suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a race audit."""
    add_suite(parser)
    add_run(parser)
    parser.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help='only a pair ("cancel-order+change-order"), a scenario, an endpoint or a race that matches',
    )
    parser.add_argument(
        "--where-possible",
        action="store_true",
        help="on another database than PostgreSQL, record that races are not applicable instead of refusing",
    )
    add_policy(parser)
    add_json(parser)
    add_database(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Race, record, judge and print."""
    from reglab.race import commandline

    return commandline.run(options, context)
