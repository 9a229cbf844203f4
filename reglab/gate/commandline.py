"""Runs the whole gate: every instrument that the project configures, then one verdict over all records."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from reglab.commands import CommandContext
from reglab.commands.probe import AUDITS
from reglab.config.project import Project
from reglab.config.suite import read_suite
from reglab.console import Console
from reglab.gate.stages import Stage, StageResult, run_stage
from reglab.last_handler import COULD_NOT_RUN
from reglab.report.conclusion import show, write_renderings
from reglab.report.history.store import History
from reglab.report.judge import judge
from reglab.report.policy import chosen_policy
from reglab.report.runs import declare_stages, run_folder
from reglab.termination import terminated_is_interrupted


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Run stage after stage, whatever the one before said: the verdict sees all of them. Raises RegLabError."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with run_folder(options.run, project.runs_path, console=console) as folder:
        stages = list(stages_of(project, workers=options.workers))
        declare_stages(folder, [name for stage in stages for name in stage.records])
        results = [_result_of(stage, folder, options.policy, console) for stage in stages]
        verdict = judge(folder, policy)
        History(project.history_path).append(verdict)
        write_renderings(verdict)
        code = show(verdict, console)
        console.say(f"The whole report: {folder / 'report.html'}")
        return _agreed(code, results, console)


def stages_of(project: Project, *, workers: int = 1) -> Iterator[Stage]:
    """Return the stages that a project has the files for; the work audit always. Raises AuditError."""
    arguments = ("audit", "--workers", str(workers)) if workers > 1 else ("audit",)
    yield Stage(name="work", title="work audit: exact counters of every endpoint", arguments=arguments)
    if read_suite(project.suite_path).suite.race:
        yield Stage(
            name="race", title="races: every two writing requests interleaved", arguments=("race", "--where-possible")
        )
    yield Stage(
        name="probe",
        title="access, injection, atomicity, migrations, limits, variants, leaks",
        arguments=("probe",),
        instruments=AUDITS,
    )
    if project.benchmarks:
        yield Stage(name="benchmark", title="before/after pairs", arguments=("benchmark",))
    if project.load:
        yield Stage(name="load", title="load smoke: a real server and Locust on loopback", arguments=("load", "smoke"))


def _result_of(stage: Stage, folder: Path, policy: Path | None, console: Console) -> StageResult:
    console.tell(f"{stage.title} ...")
    options = ("--policy", str(policy)) if policy else ()
    result = run_stage(stage, run=folder, folder=Path.cwd(), options=options)
    console.tell(f"  {result.seconds:.0f} s" + ("" if result.exit_code == 0 else f", exit {result.exit_code}"))
    if result.exit_code not in {0, 1, 3}:
        console.warn(f"{result.tail()}\n(whole output: {result.log})")
    return result


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
