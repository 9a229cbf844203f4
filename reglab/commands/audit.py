"""Options of `audit`, and what runs it."""

import argparse

from reglab.commands import CommandContext
from reglab.commands.shared_options import (
    add_database,
    add_json,
    add_only,
    add_policy,
    add_run,
    add_suite,
    add_workers,
    axis_size,
    reason,
    shard,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of an audit."""
    add_suite(parser)
    add_run(parser)
    add_only(parser)
    parser.add_argument(
        "--accept", type=reason, metavar="WHY", help="accept what is measured into the ledger, with the reason"
    )
    parser.add_argument(
        "--known", action="store_true", help="list the known problems; with --accept: keep what is found as known"
    )
    add_workers(parser)
    parser.add_argument(
        "--size",
        type=axis_size,
        action="append",
        default=[],
        metavar="AXIS=N",
        help="grow an axis of the data to N in place of the suite's sizes: the laws of growth and the write-sets are "
        "judged there, and no ledger",
    )
    parser.add_argument(
        "--shard",
        type=shard,
        metavar="K/N",
        help="measure the K-th of N parts of the suite; `report merge` makes one run of them",
    )
    add_policy(parser)
    add_json(parser)
    add_database(parser)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Audit, record, judge and print."""
    from reglab.work import commandline

    return commandline.run(options, context)
