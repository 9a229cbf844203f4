"""Options of `ledger`, and what runs it: the merge driver that git calls."""

import argparse
from pathlib import Path
from typing import Final

from reglab.commands import CommandContext

SET_UP: Final = """
two lines set it up:
  git config merge.reglab-ledger.driver "reglab ledger merge %O %A %B %P"
  echo "bench/ledger/*.json merge=reglab-ledger" >> .gitattributes   (with your own folder of the ledger)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `ledger merge BASE OURS THEIRS [PATH]`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    merge = actions.add_parser(
        "merge",
        help="merge one file of the ledger, as git's merge driver",
        description="Merge one file of the ledger: OURS becomes the result.",
        epilog=SET_UP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    merge.add_argument("base", type=Path, metavar="BASE", help="the common ancestor's file (%%O)")
    merge.add_argument("ours", type=Path, metavar="OURS", help="our file, which is written (%%A)")
    merge.add_argument("theirs", type=Path, metavar="THEIRS", help="their file (%%B)")
    merge.add_argument("path", nargs="?", default="", metavar="PATH", help="the file's name, for the message (%%P)")


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Merge, and return 0; 3 where both sides changed one value, so that git keeps the file as conflicting."""
    from reglab.work.ledger.merge_driver import merge_files

    return merge_files(options, context.console)
