"""Options of `probe`, and what runs it."""

import argparse
from typing import Final

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_only, add_policy, add_run, add_suite

AUDITS: Final = ("access", "injection", "atomicity", "migrations", "limits", "variants", "leaks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the audits beyond counting."""
    parser.add_argument(
        "audits", nargs="*", choices=[*AUDITS, []], metavar="AUDIT", help=f"{', '.join(AUDITS)} (default: all of them)"
    )
    add_suite(parser)
    add_run(parser)
    add_only(parser)
    parser.add_argument("--accept", metavar="WHY", help="accept what is found into the ledger, with the reason")
    parser.add_argument(
        "--base", metavar="REV", help="the revision whose data the new migrations run on (default: the branch's start)"
    )
    parser.add_argument("--is-closed", action="store_true", help=argparse.SUPPRESS)
    add_policy(parser)
    add_json(parser)
    add_database(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Probe, record, judge and print."""
    from reglab.probe import commandline

    return commandline.run(options, context)
