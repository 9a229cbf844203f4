"""Adds what a drafted endpoint needs beside its scenario: a race for its writes, lines for the load to review."""

from collections.abc import Iterator
from pathlib import Path

from reglab.config.project import Project
from reglab.config.suite import SuiteFile, read_suite
from reglab.project.drafting.draft import Draft
from reglab.project.drafting.suite_text import joined, scenario_names
from reglab.project.proposals.lines_to_add import holding_file, race_text
from reglab.project.proposals.load_lines import load_lines
from reglab.project.requests.raced import unraced


def declare_races(file: SuiteFile, *, before: SuiteFile) -> Iterator[str]:
    """Write a race for each new writing scenario that is in none, and say so; nothing where the suite has no races."""
    known = {one.name for one in before.suite.scenario}
    for scenario in unraced(file.suite) if before.suite.race else ():
        if scenario.name in known:
            continue
        path = holding_file(file, scenario)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            joined({"there": text.rstrip("\n") + "\n", "race": race_text(file.suite, scenario)}), encoding="utf-8"
        )
        yield f"{path}: the race {scenario.name!r}: review which requests it is to meet; `race --only {scenario.name}`"
    # What was written is read again at once: a mistake is told here, and not by the next audit.
    read_suite(file.path)


def load_proposal(draft: Draft, project: Project, *, before: SuiteFile) -> Iterator[str]:
    """Yield the lines of the load's operations for what was drafted; nothing where the project declares no load."""
    if not project.load:
        return
    names = scenario_names(draft.outcomes, [one.name for one in before.suite.scenario])
    bindings = {name: one.model_dump() for name, one in before.suite.bindings.items()}
    for name, outcome in names.items():
        for how in outcome.attempt.bindings.items() if outcome.attempt is not None else ():
            bindings.setdefault(how[0], dict(how[1]))
        lines = list(load_lines(outcome, name, bindings=bindings))
        if not lines:
            continue
        module = Path(*project.load.split(".")).with_suffix(".py")
        yield f"Where {outcome.endpoint.name} belongs into the load's mix, review and add to {module}:"
        yield from (f"    {line}" if line else "" for line in lines)
        yield f"and to a profile of {project.profiles}, below [mix]: {name} = 1"
