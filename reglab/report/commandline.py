"""Runs the parts of `report`: judge a run, show it, compare runs, follow a metric."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reglab.commands import CommandContext
from reglab.console import Console
from reglab.errors import RunError
from reglab.git.code_host import CodeHost
from reglab.report.conclusion import show, write_renderings
from reglab.report.history.run_differences import difference
from reglab.report.history.store import History
from reglab.report.history.trends import Trend, trends_of
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.parts.merging import merge
from reglab.report.policy import Policy, chosen_policy
from reglab.report.record_files import now
from reglab.report.renderings import run_lists, text_tables
from reglab.report.runs import concluded, find_run, run_folder, run_folders

_TREND_RUNS: Final = 50  # so many past runs are drawn into a report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One part of `report` and all that it works on."""

    options: argparse.Namespace
    console: Console
    runs: Path
    history: History
    policy_path: Path | None
    program: str

    def policy(self, named: Path | None = None) -> Policy:
        """Return the policy that an option names, or the project's own, in the words of this program."""
        return chosen_policy(named, self.policy_path, program=self.program)


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Run the chosen part. Raises RunError, PolicyError, HistoryError."""
    project = context.project
    part = _Part(
        options=options,
        console=context.console,
        runs=options.runs or project.runs_path,
        history=History(options.history or project.history_path),
        policy_path=project.policy_path,
        program=context.program,
    )
    return _PARTS[options.part](part)


def _judge(part: _Part) -> int:
    return _concluded(part, _found(part.options.run, part), only=tuple(part.options.instrument))


def _merge(part: _Part) -> int:
    options = part.options
    found = [_found(name, part) for name in options.shards]
    with run_folder(options.run, part.runs, console=part.console) as folder:
        names = merge(found, folder)
        part.console.tell(f"{folder}: {', '.join(names)} of {len(found)} shards")
        return _concluded(part, folder, only=())


def _concluded(part: _Part, folder: Path, *, only: tuple[str, ...]) -> int:
    options = part.options
    verdict = judge(folder, part.policy(options.policy), only=only, host=CodeHost.of_job())
    if not options.no_history:
        part.history.append(verdict)
    if not options.no_history and part.history.path.exists():
        # Nothing of a run without a record is kept: it may be the first.
        verdict = replace(verdict, trends=tuple(_trends(part, last=_TREND_RUNS, still=False)))
    write_renderings(verdict, elsewhere={name: path for name, path in vars(options).items() if isinstance(path, Path)})
    return show(verdict, part.console, form=options.format)


def _show(part: _Part) -> int:
    folder, policy = _found(part.options.run, part), part.policy(part.options.policy)
    verdict = judge(folder, policy, host=CodeHost.of_job())
    if verdict.only:
        # Of a command that ran alone, as that command has judged it: whoever asked for a part of it knows.
        verdict = judge(folder, policy, only=verdict.only, host=CodeHost.of_job())
    return show(verdict, part.console, form=part.options.format)


def _diff(part: _Part) -> int:
    policy = part.policy(part.options.policy)
    sides = [judge(_found(name, part), policy) for name in (part.options.baseline, part.options.candidate)]
    found = difference(baseline=sides[0], candidate=sides[1])
    part.console.say(run_lists.difference(found, width=part.console.width).rstrip("\n"))
    return 0


def _trend(part: _Part) -> int:
    options = part.options
    narrow = options.all or options.metric != "*" or options.scenario != "*"
    found = _trends(part, metric=options.metric, scenario=options.scenario, last=options.last, still=narrow)
    shown = found if narrow else [trend for trend in found if trend.changes]
    part.console.say(
        text_tables.trends(shown).rstrip("\n") if shown or narrow else "no line of the history has changed"
    )
    return 0


def _pin(part: _Part) -> int:
    name = judge(_found(part.options.run, part), part.policy()).run
    judged = next((run for run in part.history.runs() if run.name == name), None)
    if judged and judged.outcome != Outcome.PASS.value:
        raise RunError(f"{name} is no baseline: it was judged {judged.summary}; pin a run that passed")
    part.history.pin(name, name=_PIN, pinned_at=now())
    part.console.say(f"{name} is pinned as the baseline: `{PINNED}` names it in every part of report")
    return 0


def _list(part: _Part) -> int:
    # Under the name that finds the run in every other part.
    past = [
        replace(run, pins=(PINNED,) if _PIN in run.pins else ())
        for run in (part.history.runs() if part.history.path.exists() else [])
    ]
    judged = {run.name for run in past}
    there = {folder.name: folder for folder in run_folders(part.runs)}
    alone = {name: concluded(folder) for name, folder in there.items() if name not in judged}
    listed = run_lists.runs(past, alone, gone=judged - there.keys(), width=part.console.width)
    part.console.say(listed.rstrip("\n"))
    return 0


def _site(part: _Part) -> int:
    from reglab.report.site.pages import write_site  # with the templates behind it

    part.console.say(write_site(part.history, runs=part.runs, folder=part.options.to))
    return 0


def _found(name: str, part: _Part) -> Path:
    """Find a run's folder, named from here where it lies below: reports travel, and paths of one machine do not."""
    folder = _located(name, part).resolve()
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _located(name: str, part: _Part) -> Path:
    """Find a run's folder; `pinned` is the run that was pinned last."""
    if name != PINNED:
        return find_run(name, part.runs)
    pins = part.history.pinned()
    if _PIN not in pins:
        raise RunError("no run is pinned; `reglab report pin RUN` pins one")
    return find_run(pins[_PIN], part.runs)


def _trends(part: _Part, *, still: bool, last: int, metric: str = "*", scenario: str = "*") -> list[Trend]:
    pinned = part.history.pinned().get(_PIN, "")
    lines = part.history.lines(metric=metric, scenario=scenario, last=last, pinned=pinned, still=still)
    return trends_of(lines, pinned_run=pinned)


# As the history's file calls it, and as a user does.
_PIN: Final = "baseline"
PINNED: Final = "pinned"
_PARTS: Final[MappingProxyType[str, Callable[[_Part], int]]] = MappingProxyType(
    {
        "judge": _judge,
        "merge": _merge,
        "show": _show,
        "diff": _diff,
        "trend": _trend,
        "pin": _pin,
        "list": _list,
        "site": _site,
    }
)
