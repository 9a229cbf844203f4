"""Changes that show a rule at work: each in a copy of the whole project, by the command that its instrument is."""

from pathlib import Path
from typing import Final

from reglab.report.judge import judge
from reglab.report.policy import chosen_policy
from reglab.report.runs import create_run
from tools.planted.catalogue import Regression
from tools.planted.copies import PROJECT, apply_and_commit, planted_project
from tools.planted.instruments import COMPLAINTS, PASS_OR_FAIL
from tools.planted.processes import Processes
from tools.planted.results import Entry
from tools.planted.sightings import Sighting

_COMMANDS: Final = {
    "work": ("audit",),
    "race": ("race", "--where-possible"),
    "benchmark": ("benchmark",),
    "compare": ("compare", "base"),
}


def sighting_of_shown(entry: Entry, folder: Path, processes: Processes) -> Sighting:
    """Plant a change into a copy of the project below `folder`, and run what shows its rule.

    A rule that holds a load against an earlier one gets that from the project as it was.
    """
    if not isinstance(entry, Regression):
        raise TypeError(f"{entry.name}: only a regression shows a rule")
    try:
        project = planted_project(folder / "project")
        earlier: list[str] = []
        if entry.finding.rule.startswith("against-"):
            before = folder / "before"
            before.mkdir()
            _run([*_command(entry), "--run", str(before)], project=project, processes=processes)
            earlier = ["--against", str(before)]
        apply_and_commit(entry.patch, project)
        run = create_run(project / "var" / "runs")
        _run([*_command(entry), *earlier, "--run", str(run)], project=project, processes=processes)
        policy = chosen_policy(None, PROJECT / "reports" / "policy.toml")
        return Sighting.of(judge(run, policy, only=(entry.instrument,)))
    except COMPLAINTS as error:
        return Sighting(complaint=str(error))


def _run(command: list[str], *, project: Path, processes: Processes) -> None:
    arguments = ["manage.py", *command]
    processes.run(arguments, folder=project, environment={"PYTHONPATH": ""}, codes=PASS_OR_FAIL)


def _command(entry: Regression) -> list[str]:
    """Return the command of the entry's instrument, on what the entry selects."""
    match entry.instrument:
        case "load":
            return ["load", str(entry.profile)]
        case "benchmark":
            return ["benchmark", "--benchmarks", entry.only]
        case "migrations":
            return ["probe", "migrations", "--base", "base"]
        case instrument:
            return [*_COMMANDS.get(instrument, ("probe", instrument)), "--only", entry.only]
