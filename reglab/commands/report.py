"""Options of `report` and its parts, and what runs them."""

import argparse
from pathlib import Path
from typing import Final

from reglab.commands import CommandContext
from reglab.commands.shared_options import add_policy, add_run

INSTRUMENTS: Final = (
    *("work", "race", "access", "injection", "atomicity", "migrations", "limits", "variants", "leaks"),
    *("benchmark", "compare", "load"),
)
RENDERING_NAMES: Final = (
    "verdict.json",
    "junit.xml",
    "report.md",
    "report.html",
    "report.sarif",
    "gitlab-quality.json",
    "openmetrics.txt",
    "bencher.json",
    "benchmark.json",
    "benchmark-bigger.json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the parts of `report`, each with its options."""
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="the folder of run folders")
    parser.add_argument("--history", type=Path, metavar="FILE", help="the history's file")
    parts = parser.add_subparsers(required=True, metavar="PART", dest="part")
    _add_judge(parts.add_parser("judge", help="judge a run, write its reports beside its records"))
    _add_merge(parts.add_parser("merge", help="make one run of the shards of a suite, and judge it"))
    _add_show(parts.add_parser("show", help="judge a run again under the present policy, and write nothing"))
    _add_diff(parts.add_parser("diff", help="what differs between two runs, both under the present policy"))
    _add_trend(parts.add_parser("trend", help="how quantities went over past runs; advice, never a verdict"))
    _add_run(parts.add_parser("pin", help="pin a judged run as the baseline, so that slow drift shows"))
    parts.add_parser("list", help="name the runs there are")
    site = parts.add_parser("site", help="write a static site of all runs, to be published")
    site.add_argument("--to", type=Path, default=Path("var/site"), metavar="FOLDER", help="(default: %(default)s)")


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Run the chosen part."""
    from reglab.report import commandline

    return commandline.run(options, context)


def _add_run(parser: argparse.ArgumentParser, name: str = "run") -> None:
    parser.add_argument(name, help="a run folder, a run id or the beginning of one, `latest`, or `pinned`")


def _add_judge(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    add_policy(parser)
    parser.add_argument(
        "--instrument", action="append", choices=INSTRUMENTS, default=[], help="judge this instrument alone"
    )
    parser.add_argument("--no-history", action="store_true", help="keep the run out of the history")
    _add_format(parser)
    for name in RENDERING_NAMES:
        option = f"--{name.replace('report.', '').replace('.', '-')}"
        parser.add_argument(option, dest=name, type=Path, metavar="FILE", help=f"write {name} to FILE instead")


def _add_merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shards", nargs="+", metavar="RUN", help="the run folder of a shard; all of them are needed")
    add_run(parser)
    add_policy(parser)
    parser.add_argument("--no-history", action="store_true", help="keep the run out of the history")
    _add_format(parser)


def _add_show(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    add_policy(parser)
    _add_format(parser)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "full", "github"),
        default="text",
        help="full: with every note and rule; github: annotations for a workflow of GitHub Actions (default: text)",
    )
    parser.add_argument(
        "-v", "--verbose", dest="format", action="store_const", const="full", help="the same as --format full"
    )


def _add_diff(parser: argparse.ArgumentParser) -> None:
    _add_run(parser, "baseline")
    _add_run(parser, "candidate")
    add_policy(parser)


def _runs_count(text: str) -> int:
    """Read a number of runs. Raises ArgumentTypeError."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs: 0 for all, or how many of the latest")
    return int(text)


def _add_trend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metric", default="*", help="a glob of metric names (default: %(default)s)")
    parser.add_argument("--scenario", default="*", help="a glob of scenario names (default: %(default)s)")
    parser.add_argument(
        "--last", type=_runs_count, default=200, metavar="N", help="the last N runs, 0 for all (%(default)s)"
    )
    parser.add_argument("--all", action="store_true", help="also the lines in which nothing changed")
