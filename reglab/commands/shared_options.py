"""Options that mean the same for every command."""

import argparse
from pathlib import Path


def add_run(parser: argparse.ArgumentParser) -> None:
    """Offer a run folder of the caller's choice."""
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="the run folder to write (default: a new one)")


def add_only(parser: argparse.ArgumentParser) -> None:
    """Offer a choice of scenarios."""
    parser.add_argument(
        "--only", default="*", metavar="PATTERN", help="only the scenarios whose name or endpoint matches"
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
