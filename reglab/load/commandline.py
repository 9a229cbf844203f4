"""Runs a load test from its options: into a record, and from there to a verdict."""

import argparse

from reglab.commands import CommandContext
from reglab.load.load_test import LoadTest
from reglab.load.profiles import find_profile
from reglab.report.conclusion import conclude
from reglab.report.policy import chosen_policy
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Send the load, account for it, record, judge and print; return the verdict's exit code. Raises RegLabError."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    profile = find_profile(options.profile)
    with run_folder(options.run, project.runs_path, console=console) as folder:
        load_test = LoadTest(
            profile=profile,
            run_folder=folder.resolve(),
            workers=options.workers,
            target=options.target,
            against=options.against,
            drills_down=options.drilldown,
        )
        load_test.run(say=console.progress)
        return conclude(folder, policy, only=("load",), as_json=options.json, console=console)
