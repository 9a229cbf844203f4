"""Runs the whole gate: every instrument that the project configures, then one verdict over all records."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from reglab.commands import CommandContext
from reglab.commands.probe import AUDITS
from reglab.config.project import Project
from reglab.config.suite import read_suite
from reglab.console import Console
from reglab.gate.cores import usable_cores
from reglab.gate.stages import Stage, StageResult, run_stages
from reglab.git.code_host import CodeHost
from reglab.last_handler import COULD_NOT_RUN
from reglab.report.conclusion import files_to_open, show, write_renderings
from reglab.report.history.store import History
from reglab.report.judge import judge
from reglab.report.policy import chosen_policy
from reglab.report.runs import declare_stages, run_folder
from reglab.termination import terminated_is_interrupted


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Run all stages, whatever one of them says: the verdict sees all of them. Raises RegLabError."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with run_folder(options.run, project.runs_path, console=console) as folder:
        stages = list(stages_of(project, workers=options.workers))
        declare_stages(folder, [name for stage in stages for name in stage.records])
        results = run_stages(
            stages,
            run=folder,
            folder=Path.cwd(),
            options=("--policy", str(options.policy)) if options.policy else (),
            at_once=max(1, usable_cores() // options.workers),
            started=lambda stage: console.tell(f"{stage.title} ..."),
            ended=lambda result: _tell_end(result, console),
        )
        verdict = judge(folder, policy, host=CodeHost.of_job())
        History(project.history_path).append(verdict)
        write_renderings(verdict)
        code = show(verdict, console)
        for line in files_to_open(verdict):
            console.say(line)
        return _agreed(code, results, console)


def stages_of(project: Project, *, workers: int = 1) -> Iterator[Stage]:
    """Return the stages that a project has the files for; the work audit always. Raises AuditError.

    Of those that run side by side the longest comes first, so that no core waits for it at the end.
    """
    arguments = ("audit", "--workers", str(workers)) if workers > 1 else ("audit",)
    yield Stage(
        name="probe",
        title="access, injection, atomicity, migrations, limits, variants, leaks",
        arguments=("probe",),
        instruments=AUDITS,
    )
    yield Stage(name="work", title="work audit: exact counters of every endpoint", arguments=arguments)
    if read_suite(project.suite_path).suite.race:
        yield Stage(
            name="race", title="races: every two writing requests interleaved", arguments=("race", "--where-possible")
        )
    if project.benchmarks:
        yield Stage(name="benchmark", title="before/after pairs", arguments=("benchmark",), is_counting=False)
    if project.load:
        yield Stage(
            name="load",
            title="load smoke: a real server and Locust on loopback",
            arguments=("load", "smoke"),
            is_counting=False,
        )


def _tell_end(result: StageResult, console: Console) -> None:
    code = "" if result.exit_code == 0 else f", exit {result.exit_code}"
    console.tell(f"  {result.stage.name}: {result.seconds:.0f} s{code}")
    if result.exit_code not in {0, 1, 3}:
        console.warn(f"{result.tail()}\n(whole output: {result.log})")


def _agreed(code: int, results: list[StageResult], console: Console) -> int:
    """A stage that failed under a passing verdict left something unrecorded: that is never a pass."""
    unexplained = [result for result in results if result.exit_code != 0]
    if code != 0 or not unexplained:
        return code
    for result in unexplained:
        console.warn(
            f"The verdict passes, but the stage {result.stage.name!r} ended with exit {result.exit_code}: "
            f"not a pass. Its last lines:\n{result.tail()}\n(whole output: {result.log})"
        )
    return COULD_NOT_RUN
