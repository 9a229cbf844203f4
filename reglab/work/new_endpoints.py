"""Things that a draft leaves to somebody: a race for new writes, lines for the load, commands without a scenario."""

from collections.abc import Iterator
from pathlib import Path

from reglab.config.project import Project
from reglab.config.suite import SuiteFile, read_suite
from reglab.config.suite_parts import COMMAND
from reglab.console import wrapped
from reglab.project.drafting.draft import Draft
from reglab.project.drafting.suite_text import joined, scenario_names
from reglab.project.proposals.lines_to_add import holding_file, race_text
from reglab.project.proposals.load_lines import load_lines
from reglab.project.requests.jobs import own_commands
from reglab.project.requests.raced import unraced
from reglab.project.test_environment import project_frames
from reglab.report.findings import plural


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


def told_of_commands(before: SuiteFile | None) -> Iterator[str]:
    """Name the project's management commands that no scenario executes: what they do outside nobody here knows."""
    steps = () if before is None else (step for one in before.suite.scenario for step in one.all_steps)
    executed = {step.path.split()[0] for step in steps if step.method == COMMAND}
    if missing := [name for name in own_commands(project_frames()) if name not in executed]:
        yield wrapped(
            f"{plural(len(missing), 'management command')} of the project {'is' if len(missing) == 1 else 'are'} in no "
            f"scenario ({', '.join(missing)}): one that writes to the database alone is measured as "
            f'request = "COMMAND {missing[0]} …", a task as "CALL package.tasks.name" (docs/how-to.md)'
        )
