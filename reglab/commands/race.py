"""Options of `race`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_policy, add_run, add_suite, reason


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
        "--accept", type=reason, metavar="WHY", help="accept what is found into the ledger, with the reason"
    )
    parser.add_argument("--known", action="store_true", help="list what is accepted, and race nothing")
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
