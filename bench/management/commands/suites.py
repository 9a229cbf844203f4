"""Before/after suites into a run folder."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bench.suite_runs import run_suites
from reports.runs import create_run

FOLDER: Final = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    """Run the before/after suites with pytest-benchmark and record queries, INSERTs and seconds of both sides."""

    help = "Run the before/after suites and write suites.jsonl; judge it with: python -m reports judge RUN."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer the run folder and the suites."""
        parser.add_argument("--run", type=Path, help="the run folder to write into (default: a new one)")
        parser.add_argument("--suites", type=Path, default=FOLDER / "bench" / "suites", help="where the suites are")

    def handle(self, *args: Any, run: Path | None = None, suites: Path, **options: Any) -> None:
        """Exit as pytest did: 0 where each suite ran and its output was equal."""
        folder = run or create_run(FOLDER / "var" / "runs")
        sys.exit(run_suites(suites=suites, run=folder, folder=FOLDER))
