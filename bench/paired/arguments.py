"""What may be said to `compare` and to `bisect`: importable before Django is set up."""

import argparse
from pathlib import Path

from bench.commandline import ORDERS
from reports.policy import POLICY_PATH


def add_compare_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a comparison."""
    parser.add_argument("baseline", metavar="BASE", help="the revision to compare with: a branch, tag or commit")
    parser.add_argument("candidate", metavar="CANDIDATE", nargs="?", help="another revision (default: the work tree)")
    parser.add_argument("--scenario", action="append", default=[], metavar="PATTERN", help="only these scenarios")
    parser.add_argument("--baseline-python", metavar="PATH", help="the interpreter, with its packages, of the baseline")
    parser.add_argument("--run", type=Path, help="the run folder to write compare.jsonl into (default: a new one)")
    _add_shared_arguments(parser)


def add_bisect_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a bisection."""
    parser.add_argument("good", metavar="GOOD", help="a revision, an ancestor of BAD, that was as it should be")
    parser.add_argument("bad", metavar="BAD", help="a revision that is worse")
    parser.add_argument("--scenario", required=True, metavar="NAME", help="the scenario to look at")
    _add_shared_arguments(parser)


def _add_shared_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", type=Path, default=ORDERS, help="the suite file (default: the orders service's)")
    parser.add_argument("--policy", type=Path, default=POLICY_PATH, help="another policy file")
    parser.add_argument("--seed", type=int, help="repeat the order of an earlier run (it is in the record's header)")
