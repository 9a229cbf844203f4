"""Options of `init`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_policy, add_run, add_suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a first draft."""
    add_suite(parser)
    add_run(parser)
    add_policy(parser)
    add_json(parser)
    add_database(parser)
    parser.set_defaults(only="*", accept=None)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Draft the suite, and audit with it."""
    from reglab.work import commandline

    return commandline.run(options, context, is_draft=True)
