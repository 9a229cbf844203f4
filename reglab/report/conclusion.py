"""Conclusion of a run: judged, rendered into its folder, printed, and returned as an exit code."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from reglab.console import Console
from reglab.git.code_host import CodeHost
from reglab.last_handler import IN_LOG
from reglab.report.judge import judge
from reglab.report.policy import Policy
from reglab.report.renderings import terminal
from reglab.report.renderings.ci import github
from reglab.report.renderings.files import RENDERINGS, write
from reglab.report.runs import LEDGER_PATCH
from reglab.report.verdict import Verdict

if TYPE_CHECKING:
    from reglab.report.records import Instrument


def conclude(
    folder: Path, policy: Policy, *, console: Console, only: tuple["Instrument", ...] = (), as_json: bool = False
) -> int:
    """Judge the records of a run folder, write every rendering beside them, print the verdict, return its exit code.

    `only` judges these instruments alone. A stage of a gate writes none: the gate does, of all stages. Raises RunError.
    """
    verdict = judge(folder, policy, only=only, host=CodeHost.of_job())
    is_stage = IN_LOG in os.environ
    if not is_stage:
        write_renderings(verdict)
    if as_json:
        console.say(RENDERINGS["verdict.json"](verdict).rstrip("\n"))
        return verdict.exit_code
    code = show(verdict, console)
    for line in () if is_stage else files_to_open(verdict):
        console.tell(line)
    return code


def files_to_open(verdict: Verdict) -> Iterator[str]:
    """Name the files that a person opens next: the ledger's change where something is open, and the report."""
    folder = Path(verdict.folder)
    if verdict.ledger_patch and verdict.causes:
        yield f"If all of it is meant: git apply {folder / LEDGER_PATCH}, and say why in the ledger"
    yield f"The whole report: {folder / 'report.html'}"


def write_renderings(verdict: Verdict, *, elsewhere: Mapping[str, Path] = MappingProxyType({})) -> None:
    """Write every rendering into the run folder, or to the path that `elsewhere` has for its name."""
    for name, render in RENDERINGS.items():
        write(elsewhere.get(name) or Path(verdict.folder) / name, render(verdict))


def show(verdict: Verdict, console: Console, *, form: str = "text") -> int:
    """Print a verdict as text, in `full` with every note and rule, or for `github`, and return its exit code."""
    if form == "github":
        text = github.render(verdict)
    else:
        width = max(60, console.width)
        text = terminal.render(
            verdict, colour=console.has_colour, width=width, verbose=form == "full" or console.is_verbose
        )
    console.say(text.rstrip("\n"))
    return verdict.exit_code
