"""The instruments as a pull request meets them: each runs on a copy of the service, and its record is judged."""

import re
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reglab.errors import RunError
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.policy import chosen_policy
from reglab.report.runs import create_run
from tools.planted.catalogue import NeutralChange, Regression
from tools.planted.copies import (
    PROJECT,
    PatchError,
    planted_checkout,
    planted_copy,
    planted_project,
    planted_repository,
)
from tools.planted.processes import InstrumentError, Processes
from tools.planted.sightings import Sighting

SUITE: Final = PROJECT / "bench" / "scenarios"
PASS_OR_FAIL: Final = (0, 1, 3)
COMPLAINTS: Final = (InstrumentError, PatchError, RunError, OSError)
_SUBJECT: Final = {"SERVICE_ENVIRONMENT": "development"}


def work(copy: Path, *, only: str, processes: Processes, suite: Path = SUITE, **environment: str) -> Sighting:
    """Audit the work of the scenarios that `only` selects."""
    return _audited("audit", copy, only=only, processes=processes, suite=suite, environment=environment)


def compare(copy: Path, *, only: str, processes: Processes) -> Sighting:
    """Time the patched commit against the one before it."""
    run = create_run(copy / "var")
    options = ["--settings", "service.settings", "--suite", str(SUITE), "--only", only, "--run", str(run)]
    command = ["-m", "reglab", "compare", "base", "patched", *options]
    processes.run(command, folder=copy, environment=_SUBJECT, codes=PASS_OR_FAIL)
    return _judged(run, "compare")


def race(copy: Path, *, only: str, processes: Processes) -> Sighting:
    """Interleave the pair of writing scenarios that `only` names."""
    return _audited("race", copy, only=only, processes=processes)


def load(copy: Path, *, profile: Path | None, processes: Processes) -> Sighting:
    """Put the copy under the load of a profile."""
    run = create_run(copy / "var")
    command = ["manage.py", "load", str(profile), "--run", str(run)]
    processes.run(command, folder=copy, environment={"PYTHONPATH": "", "EXTRA_APPS": "reglab"}, codes=PASS_OR_FAIL)
    return _judged(run, "load")


def probe(project: Path, *, audit: str, only: str, processes: Processes) -> Sighting:
    """Run one of the audits beyond counting on the scenarios that `only` selects, in a project of two commits."""
    run = create_run(project / "var")
    command = ["-m", "reglab", "probe", audit, "--only", only, "--base", "base", "--run", str(run)]
    processes.run(command, folder=project, environment={"PYTHONPATH": ""}, codes=PASS_OR_FAIL)
    return _judged(run, audit)


def sighting_as_pull_request(entry: Regression | NeutralChange, folder: Path, processes: Processes) -> Sighting:
    """Plant an entry into a whole project, and run what CI runs on a pull request: the gate, and then compare."""
    return gate_and_compare([entry.patch] if entry.patch else [], folder, processes)


def gate_and_compare(patches: Sequence[Path], folder: Path, processes: Processes) -> Sighting:
    """Run what CI runs on a pull request of these patches."""
    try:
        project = planted_project(folder / "project", *patches)
        run = create_run(project / "var" / "runs")
        # As CI calls it: manage.py decides the environment, which a page shows.
        gate = ["manage.py", "gate", "--run", str(run)]
        processes.run(gate, folder=project, environment={"PYTHONPATH": ""}, codes=PASS_OR_FAIL)
        compared = ["manage.py", "compare", "base", "--run", str(run)]
        processes.run(compared, folder=project, environment={"PYTHONPATH": ""}, codes=PASS_OR_FAIL)
        return Sighting.of(judge(run, chosen_policy(None, PROJECT / "reports" / "policy.toml")))
    except COMPLAINTS as error:
        return Sighting(complaint=str(error))


def sighting_of_regression(entry: Regression, folder: Path, processes: Processes) -> Sighting:
    """Plant a regression into a copy in `folder`, and let the instrument look that must see it."""
    try:
        match entry.instrument:
            case "work":
                return work(planted_copy(folder, entry.patch), only=entry.only, processes=processes)
            case "compare":
                return compare(planted_repository(folder, entry.patch), only=entry.only, processes=processes)
            case "race":
                return race(planted_copy(folder, entry.patch), only=entry.only, processes=processes)
            case "load":
                return load(planted_checkout(folder, entry.patch), profile=entry.profile, processes=processes)
            case audit:
                project = planted_project(folder, entry.patch)
                return probe(project, audit=audit, only=entry.only, processes=processes)
    except COMPLAINTS as error:
        return Sighting(complaint=str(error))


def sighting_of_neutral(entry: NeutralChange, folder: Path, processes: Processes) -> Sighting:
    """Make a neutral change in copies below `folder`, audit as often as it says, and give the worst that was seen."""
    try:
        suite = reversed_suite(folder) if entry.reversed_suite else SUITE
        copies = [planted_copy(folder / str(number) / entry.folder, entry.patch) for number in range(entry.at_once)]

        padding = {"PADDING": "x" * entry.environment_bytes} if entry.environment_bytes else {}

        def audited(copy: Path) -> Sighting:
            return work(copy, only=entry.only, processes=processes, suite=suite, **entry.environment, **padding)

        for _ in range(entry.repeats):
            with ThreadPoolExecutor(entry.at_once) as pool:
                worst = next((seen for seen in pool.map(audited, copies) if not seen.is_pass), None)
            if worst is not None:
                return worst
    except COMPLAINTS as error:
        return Sighting(complaint=str(error))
    return Sighting(outcome=Outcome.PASS.value)


def reversed_suite(folder: Path) -> Path:
    """Write the orders' suite with its scenarios backwards beside a copy of its ledger; return the suite's path."""
    target = folder / SUITE.name
    target.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted(SUITE.glob("*.toml"), reverse=True)):
        text = _backwards(path.read_text(encoding="utf-8"))
        # Files are read in the order of their names.
        (target / f"{number}-{path.name}").write_text(text, encoding="utf-8")
    shutil.copytree(SUITE.with_name("ledger"), folder / "ledger")
    return target


def _backwards(text: str) -> str:
    head, *scenarios = re.split(r"(?m)^(?=\[\[scenario\]\])", text)
    if not scenarios:
        return text
    *scenarios, last = scenarios
    last, mark, waivers = last.partition("[[waiver]]")
    return "\n".join([head, *reversed([*scenarios, last]), mark + waivers])


def _audited(
    command: str,
    copy: Path,
    *,
    only: str,
    processes: Processes,
    suite: Path = SUITE,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Sighting:
    server = {"DATABASE_URL": processes.database_url} if processes.database_url else {}
    run = create_run(copy / "runs")
    options = ["--settings", "service.settings", "--suite", str(suite), "--only", only, "--run", str(run)]
    variables = {**_SUBJECT, **server, **environment}
    processes.run(["-m", "reglab", command, *options], folder=copy, environment=variables, codes=PASS_OR_FAIL)
    return _judged(run, "work" if command == "audit" else command)


def _judged(run: Path, instrument: str) -> Sighting:
    return Sighting.of(judge(run, chosen_policy(None, PROJECT / "reports" / "policy.toml"), only=(instrument,)))
