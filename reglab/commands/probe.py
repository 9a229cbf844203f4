"""Options of `probe`, and what runs it."""

import argparse
from typing import Final

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_database, add_json, add_only, add_policy, add_run, add_suite, reason
from reglab.config.nearest_word import nearest

AUDITS: Final = ("access", "injection", "atomicity", "migrations", "limits", "variants", "leaks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the audits beyond counting."""
    parser.add_argument(
        "audits", nargs="*", type=_audit, metavar="AUDIT", help=f"{', '.join(AUDITS)} (default: all of them)"
    )
    add_suite(parser)
    add_run(parser)
    add_only(parser)
    parser.add_argument(
        "--accept", type=reason, metavar="WHY", help="accept what is found into the ledger, with the reason"
    )
    parser.add_argument("--known", action="store_true", help="list what is accepted, and measure nothing")
    parser.add_argument(
        "--base", metavar="REV", help="the revision whose data the new migrations run on (default: the branch's start)"
    )
    parser.add_argument("--is-closed", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measured", default="", help=argparse.SUPPRESS)
    add_policy(parser)
    add_json(parser)
    add_database(parser)


def _audit(text: str) -> str:
    """Read an audit's name. Raises ArgumentTypeError."""
    if text not in AUDITS:
        raise argparse.ArgumentTypeError(f"there is no audit {text!r}{nearest(text, AUDITS)}")
    return text


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Probe, record, judge and print."""
    from reglab.probe import commandline

    return commandline.run(options, context)
