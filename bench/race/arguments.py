"""What may be said to `race`: importable before Django is set up."""

import argparse
from pathlib import Path

from bench.commandline import ORDERS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a race audit."""
    parser.add_argument("--suite", type=Path, default=ORDERS, help="the suite file (default: the orders service's)")
    parser.add_argument("--run", type=Path, help="the run folder to write race.jsonl into (default: a temporary one)")
    parser.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help='only a pair ("cancel-order+change-order"), a scenario, an endpoint or a race that matches',
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument(
        "--where-possible",
        action="store_true",
        help="on another database than PostgreSQL, record that races are not applicable instead of refusing",
    )
    parser.add_argument(
        "--database",
        choices=("auto", "own", "settings"),
        default="auto",
        help="own: a PostgreSQL started for the audit; settings: the server that the settings name; "
        "auto: own where DATABASE_URL is unset and the settings say PostgreSQL (default)",
    )
