"""The verdict for a person at a terminal: worst first, on one screen, plain where there is no terminal."""

from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reglab.report.findings import Finding, formatted
from reglab.report.outcomes import Outcome
from reglab.report.renderings.text import one_line
from reglab.report.verdict import Verdict

_STYLES: Final = {
    Outcome.PASS: "green",
    Outcome.NOTE: "cyan",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.FAIL: "bold red",
}
_DETAILED: Final = 3  # so many findings are told in full; with the table, that is one screen
_FRAMES: Final = 3


def render(verdict: Verdict, *, colour: bool = False, width: int = 120) -> str:
    """Return the verdict as text: a row for each that is open, the worst in full, the verdict as its last line."""
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
    groups = _groups(verdict)
    console.print(_table(verdict, groups))
    if kept := _rules_kept(verdict):
        console.print(Text(one_line(f"kept: {', '.join(kept)}"), style=_STYLES[Outcome.PASS]))
    told = [group[0] for group in groups if group[0].outcome is not Outcome.NOTE][:_DETAILED]
    for finding in told:
        _tell(console, finding)
    left = len([each for each in verdict.open_findings if each.outcome is not Outcome.NOTE]) - len(told)
    if left:
        console.print(f"\n{left} more, counted in the table above; each in full: {verdict.folder}/report.html")
    console.print()
    console.print(Text(verdict.summary, style=_STYLES[verdict.outcome]))


def _groups(verdict: Verdict) -> list[list[Finding]]:
    """Put together what one rule says of one scenario, the worst first: fifty sizes of one fault are one row."""
    groups: dict[tuple[Outcome, str, str], list[Finding]] = {}
    for finding in verdict.open_findings:
        groups.setdefault((finding.outcome, finding.rule, finding.subject), []).append(finding)
    return list(groups.values())


def _table(verdict: Verdict, groups: list[list[Finding]]) -> Table:
    """One row a rule and scenario that is open; of a passing verdict, then one row a rule."""
    table = Table(box=None, pad_edge=False, expand=False)
    for name in ("rule", "scenario", "metric", "expected", "found"):
        table.add_column(name, overflow="fold", min_width=24 if name == "metric" else None)
    table.add_column("outcome", no_wrap=True)
    for group in groups:
        first, more = group[0], len(group) - 1
        found = f"{first.found}; and {formatted(more)} more like it" if more else first.found
        table.add_row(
            *(Text(one_line(each)) for each in (first.rule, first.subject, first.quantity, first.expected, found)),
            Text(first.outcome.value, style=_STYLES[first.outcome]),
        )
    if verdict.outcome is Outcome.PASS:
        for rule, passes in verdict.passes_by_rule.items():
            _add_passes(table, rule, passes)
    return table


def _rules_kept(verdict: Verdict) -> list[str]:
    """Name the rules that found nothing, where the table has no room for them: it shows what went wrong."""
    if verdict.outcome is Outcome.PASS:
        return []
    broken = {finding.rule for finding in verdict.open_findings}
    return [rule for rule in verdict.passes_by_rule if rule not in broken]


def _add_passes(table: Table, rule: str, passes: list[Finding]) -> None:
    first, alone = passes[0], len(passes) == 1
    table.add_row(
        Text(rule),
        Text(one_line(first.subject if alone else _kinds(passes))),
        Text(one_line(first.quantity if alone else first.metric)),
        Text(one_line(first.expected if len({each.expected for each in passes}) == 1 else "each its own")),
        Text(one_line(first.found) if alone else f"all {formatted(len(passes))} kept"),
        Text(Outcome.PASS.value, style=_STYLES[Outcome.PASS]),
    )


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
