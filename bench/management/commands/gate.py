"""The whole gate: every instrument on the service, then one verdict."""

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bench.stages import Stage, StageResult, run_stage
from bench.termination import terminated_is_interrupted
from reports.runs import create_run

FOLDER: Final = Path(__file__).resolve().parents[3]

STAGES: Final = (
    Stage(
        name="work",
        title="work audit: exact counters of every endpoint",
        arguments=("manage.py", "audit", "--run", "{run}"),
    ),
    Stage(
        name="race",
        title="races: every two writing requests interleaved",
        arguments=("manage.py", "race", "--where-possible", "--run", "{run}"),
    ),
    Stage(name="suites", title="before/after: summary and seed", arguments=("manage.py", "suites", "--run", "{run}")),
    Stage(
        name="load",
        title="load smoke: gunicorn and Locust on loopback",
        arguments=("manage.py", "loadtest", "smoke", "--run", "{run}"),
    ),
)

COULD_NOT_RUN: Final = 2


class Command(BaseCommand):
    """Run all stages into one run folder and judge it; the exit code is the verdict's (0, 1, 2, 3)."""

    help = "Run the work audit, the before/after suites and the load smoke, then print one verdict."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a run folder of the caller's choice."""
        parser.add_argument("--run", type=Path, help="the run folder to write (default: a new one under var/runs)")

    def handle(self, *args: Any, run: Path | None = None, **options: Any) -> None:
        """Run stage after stage, whatever the one before said: the verdict sees all of them."""
        terminated_is_interrupted()
        folder = create_run(run or FOLDER / "var" / "runs")
        results = [self._result_of(stage, folder) for stage in STAGES]
        self.stdout.flush()
        code = subprocess.run(
            [sys.executable, "-m", "reports", "judge", str(folder)], cwd=FOLDER, check=False
        ).returncode
        self.stdout.write(f"The whole report: {folder / 'report.html'}")
        sys.exit(self._agreed(code, results))

    def _result_of(self, stage: Stage, folder: Path) -> StageResult:
        self.stdout.write(f"{stage.title} ... ", ending="")
        self.stdout.flush()
        result = run_stage(stage, run=folder, folder=FOLDER)
        self.stdout.write(f"{result.seconds:.0f} s" + ("" if result.exit_code == 0 else f", exit {result.exit_code}"))
        if result.exit_code not in {0, 1, 3}:
            self.stderr.write(f"{result.tail()}\n(whole output: {result.log})")
        return result

    def _agreed(self, code: int, results: list[StageResult]) -> int:
        """A stage that failed under a passing verdict left something unrecorded: that is never a pass."""
        unexplained = [result for result in results if result.exit_code != 0]
        if code != 0 or not unexplained:
            return code
        for result in unexplained:
            self.stderr.write(
                f"The verdict passes, but the stage {result.stage.name!r} ended with exit {result.exit_code}: "
                f"not a pass. Its last lines:\n{result.tail()}\n(whole output: {result.log})"
            )
        return COULD_NOT_RUN
