"""Runs a load test from its options: into a record, and from there to a verdict. Or removes what one has left."""

import argparse
from pathlib import Path

from reglab.commands import CommandContext
from reglab.errors import LoadTestError
from reglab.load.cleaning import clean_run
from reglab.load.initialization import initialize
from reglab.load.load_module import load_project
from reglab.load.load_test import LoadTest
from reglab.load.profiles import checked_profiles, find_profile
from reglab.report.conclusion import conclude
from reglab.report.outcomes import EXIT_COULD_NOT_RUN
from reglab.report.policy import chosen_policy
from reglab.report.runs import find_run, run_folder
from reglab.termination import terminated_is_interrupted


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Send the load, account for it, record, judge and print; return the verdict's exit code. Raises RegLabError.

    A target that did not prove itself to the end makes it 2: that says nothing about the service's code.
    """
    terminated_is_interrupted()
    if options.profile == "clean":
        return _clean(options, context)
    if options.profile == "init":
        for line in initialize(context.project, module=options.of):
            context.console.say(line)
        return 0
    if options.profile == "check" and options.of is None:
        context.console.say(checked_profiles(load_project(context.project)))
        return 0
    if options.of is not None:
        raise LoadTestError(f"{options.of!r}: one profile at a time; a run's folder goes with `clean`, as in clean RUN")
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    subject = load_project(project)
    profile = find_profile(options.profile, project=subject)
    with run_folder(options.run, project.runs_path, console=console) as folder:
        load_test = LoadTest(
            project=subject,
            profile=profile,
            policy=policy,
            run_folder=folder.resolve(),
            workers=options.workers,
            target=options.target,
            against=options.against,
            drills_down=options.drilldown,
        )
        try:
            is_proven = load_test.run(say=console.progress)
        except KeyboardInterrupt:
            console.warn(f"load: ended early; what was measured until then: reglab report judge {folder}")
            raise
        code = conclude(folder, policy, only=("load",), as_json=options.json, console=console)
        return code if is_proven else EXIT_COULD_NOT_RUN


def _clean(options: argparse.Namespace, context: CommandContext) -> int:
    if options.of is None:
        raise LoadTestError("clean which run? Name its folder, its id, or `latest`: reglab load clean RUN")
    folder = find_run(str(options.of), context.project.runs_path)
    settlement = clean_run(
        Path(folder), project=load_project(context.project), target=options.target, say=context.console.progress
    )
    for remark in settlement.remarks("clean"):
        context.console.say(f"{remark.text}. {remark.next_step}".rstrip(" ."))
    for name in settlement.leftover[:20]:
        context.console.warn(f"left: {name}")
    return EXIT_COULD_NOT_RUN if settlement.problem or settlement.leftover else 0
