"""Options that mean the same for every command."""

import argparse
from pathlib import Path
from typing import Any

from reglab.report.parts.shards import Shard

_WORKERS_MAX = 64


def add_run(parser: argparse.ArgumentParser) -> None:
    """Offer a run folder of the caller's choice."""
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="the run folder to write (default: a new one)")


class _Once(argparse.Action):
    """Keeps one value, and refuses a second: the last of two would silently measure less than was asked for."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        if getattr(namespace, self.dest) != self.default:
            parser.error(f"{self.option_strings[0]} is given twice; one pattern may match several: --only 'get-*'")
        setattr(namespace, self.dest, values)


def add_only(parser: argparse.ArgumentParser) -> None:
    """Offer a choice of scenarios."""
    parser.add_argument(
        "--only",
        default="*",
        action=_Once,
        metavar="PATTERN",
        help="only the scenarios whose name or endpoint matches; several patterns between commas",
    )


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Offer another policy than the project's."""
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a policy in place of the project's own")


def reason(text: str) -> str:
    """Read the reason of an acceptance. Raises ArgumentTypeError where there is none."""
    if not text.strip():
        raise argparse.ArgumentTypeError('say why, as in --accept "the list shows one field more"')
    return text


def add_json(parser: argparse.ArgumentParser) -> None:
    """Offer the verdict for programs."""
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def add_suite(parser: argparse.ArgumentParser) -> None:
    """Offer another suite than the project's."""
    parser.add_argument("--suite", type=Path, metavar="PATH", help="a suite in place of the project's own")


def add_database(parser: argparse.ArgumentParser) -> None:
    """Offer the choice of the database server."""
    parser.add_argument(
        "--database",
        choices=("auto", "own", "settings"),
        default="auto",
        help="own: a PostgreSQL started for the audit; settings: the server that the settings name; "
        "auto: own where DATABASE_URL is unset and the settings say PostgreSQL (default)",
    )


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Offer to measure in several processes at once."""
    parser.add_argument(
        "--workers",
        type=workers,
        default=1,
        metavar="N",
        help="measure in N processes at once, each on databases of its own (default: 1)",
    )


def workers(text: str) -> int:
    """Read a number of processes. Raises ArgumentTypeError."""
    if not text.isdecimal() or not 1 <= int(text) <= _WORKERS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; expected 1 to {_WORKERS_MAX}")
    return int(text)


def shard(text: str) -> Shard:
    """Read a shard. Raises ArgumentTypeError."""
    try:
        return Shard.parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def axis_size(text: str) -> tuple[str, int]:
    """Read an axis and a size of it. Raises ArgumentTypeError."""
    axis, _, size = text.partition("=")
    if not axis or not size.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no size of an axis; expected AXIS=ROWS, as in orders=100000")
    return axis, int(size)
