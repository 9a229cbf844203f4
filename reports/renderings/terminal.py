"""The verdict for a person at a terminal: worst first, on one screen, plain where there is no terminal."""

from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.findings import Finding, formatted
from reports.outcomes import Outcome
from reports.renderings.text import one_line
from reports.verdict import Verdict

_STYLES: Final = {
    Outcome.PASS: "green",
    Outcome.NOTE: "cyan",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.FAIL: "bold red",
}
_DETAILED: Final = 3  # so many findings are told in full; with the table, that is one screen
_FRAMES: Final = 3


def render(verdict: Verdict, *, colour: bool = False, width: int = 120) -> str:
    """Return the verdict as text: a table of all that is open, the worst in full, the verdict as its last line."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
    )
    with console.capture() as capture:
        _print(console, verdict)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


def _print(console: Console, verdict: Verdict) -> None:
    console.print(_table(verdict))
    told = [finding for finding in verdict.open_findings if finding.outcome is not Outcome.NOTE][:_DETAILED]
    for finding in told:
        _tell(console, finding)
    left = len([each for each in verdict.open_findings if each.outcome is not Outcome.NOTE]) - len(told)
    if left:
        console.print(f"\n{left} more, each in the table above; in full: {verdict.folder}/report.md")
    console.print()
    console.print(Text(verdict.summary, style=_STYLES[verdict.outcome]))


def _table(verdict: Verdict) -> Table:
    """One row an open finding, then one row a rule for what passed."""
    table = Table(box=None, pad_edge=False, expand=False)
    for name in ("rule", "scenario", "metric", "expected", "found"):
        table.add_column(name, overflow="fold", min_width=24 if name == "metric" else None)
    table.add_column("outcome", no_wrap=True)
    for finding in verdict.open_findings:
        table.add_row(
            *(
                Text(one_line(each))
                for each in (finding.rule, finding.subject, finding.quantity, finding.expected, finding.found)
            ),
            Text(finding.outcome.value, style=_STYLES[finding.outcome]),
        )
    for rule, passes in verdict.passes_by_rule.items():
        first, alone = passes[0], len(passes) == 1
        table.add_row(
            Text(rule),
            Text(one_line(first.subject if alone else _kinds(passes))),
            Text(one_line(first.quantity if alone else first.metric)),
            Text(one_line(first.expected if len({each.expected for each in passes}) == 1 else "each its own")),
            Text(one_line(first.found) if alone else f"all {formatted(len(passes))} kept"),
            Text(Outcome.PASS.value, style=_STYLES[Outcome.PASS]),
        )
    return table


def _kinds(passes: list[Finding]) -> str:
    subjects = len({finding.subject for finding in passes})
    return f"{subjects} scenarios" if passes[0].metric else f"{subjects} records"


def _tell(console: Console, finding: Finding) -> None:
    endpoint = f" · {finding.endpoint}" if finding.endpoint else ""
    console.print()
    console.print(
        Text(one_line(f"{finding.outcome.value.upper()} {finding.title}{endpoint}"), style=_STYLES[finding.outcome])
    )
    lines = [("expected", finding.expected), ("found", finding.found), ("cause", finding.cause)]
    frames = finding.evidence[0].frames[:_FRAMES] if finding.evidence else ()
    lines += [("", f"called by {frame}") for frame in frames]
    lines += [("next step", finding.next_step), ("place", finding.place), ("why it is a rule", finding.reason)]
    for label, text in lines:
        if text:
            console.print(Text(f"  {label:<16} "), Text(one_line(text)), sep="", soft_wrap=True)
