"""Options of `benchmark`, and what runs it."""

import argparse
from pathlib import Path

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_json, add_policy, add_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the before/after pairs."""
    parser.add_argument("--benchmarks", type=Path, metavar="PATH", help="the pairs, in place of the project's own")
    add_run(parser)
    add_policy(parser)
    add_json(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Measure, record, judge and print."""
    from reglab.benchmark import commandline

    return commandline.run(options, context)
