"""Runs a project's before/after pairs from the options: into a record, and from there to a verdict."""

import argparse

from reglab.benchmark.runner import run_benchmarks
from reglab.commands import CommandContext
from reglab.errors import ConfigError
from reglab.report.conclusion import conclude
from reglab.report.policy import chosen_policy
from reglab.report.runs import run_folder


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Measure, record, judge and print; return the verdict's exit code. Raises RegLabError."""
    project, console = context.project, context.console
    benchmarks = options.benchmarks or (project.folder / project.benchmarks if project.benchmarks else None)
    if benchmarks is None:
        raise ConfigError(
            'no before/after pairs are named: write benchmarks = "FOLDER" below [tool.reglab] in pyproject.toml'
        )
    if not benchmarks.exists():
        raise ConfigError(f"{benchmarks}: there is no such folder of before/after pairs")
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with run_folder(options.run, project.runs_path, console=console) as folder:
        run_benchmarks(
            benchmarks=benchmarks, run=folder, folder=project.folder, policy=policy, only=str(options.benchmarks or "")
        )
        return conclude(folder, policy, only=("benchmark",), as_json=options.json, console=console)
