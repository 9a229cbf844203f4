"""Options of `compare`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_json, add_policy, add_run, add_suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a comparison."""
    parser.add_argument("baseline", metavar="BASE", help="the revision to compare with: a branch, tag or commit")
    parser.add_argument("candidate", metavar="CANDIDATE", nargs="?", help="another revision (default: the work tree)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN", help="only the scenarios whose name matches"
    )
    parser.add_argument("--baseline-python", metavar="PATH", help="the interpreter, with its packages, of the baseline")
    parser.add_argument("--seed", type=int, help="repeat the order of an earlier run (it is in the record's header)")
    add_suite(parser)
    add_run(parser)
    add_policy(parser)
    add_json(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Compare, record, judge and print."""
    from reglab.timing import commandline

    return commandline.run(options, context)
