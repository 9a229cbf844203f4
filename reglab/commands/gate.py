"""Options of `gate`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_json, add_policy, add_run, add_workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the whole gate."""
    add_run(parser)
    add_workers(parser)
    add_policy(parser)
    add_json(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Run all stages and judge them together."""
    from reglab.gate import commandline

    return commandline.run(options, context)
