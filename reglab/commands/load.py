"""Options of `load`, and what runs it."""

import argparse
from pathlib import Path

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_json, add_policy, add_run, workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a load test."""
    parser.add_argument("profile", metavar="PROFILE", help="a profile's name or TOML file; or `check`, `clean`, `init`")
    parser.add_argument(
        "of",
        nargs="?",
        metavar="RUN | MODULE",
        help="clean RUN: remove from the target what a run has left behind; init [MODULE]: draft a load from the suite",
    )
    parser.add_argument("--target", metavar="URL", help="an origin of the list of targets (default: run the service)")
    parser.add_argument("--against", type=Path, metavar="RUN", help="an earlier run's folder to compare with")
    parser.add_argument(
        "--drilldown",
        action="store_true",
        help="afterwards, a few requests of the slowest scenarios, their statements counted as the audit does",
    )
    parser.add_argument(
        "--workers", type=workers, default=1, metavar="N", help="load-generating processes (default: %(default)s)"
    )
    add_run(parser)
    add_policy(parser)
    add_json(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Send the load, account for it, record, judge and print."""
    from reglab.load import commandline

    return commandline.run(options, context)
