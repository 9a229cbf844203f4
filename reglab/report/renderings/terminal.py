"""The verdict for a person at a terminal: causes first, one line of totals last, plain where there is no terminal."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reglab.report.causes.cause import Cause
from reglab.report.findings import Finding, formatted, plural
from reglab.report.outcomes import Outcome
from reglab.report.renderings.further_facts import further_statements, lines_to_add
from reglab.report.renderings.headlines import (
    advice,
    headline,
    moved,
    next_step_of,
    notes_by_rule,
    place_of,
    shown_at,
    source_of,
    statement_of,
)
from reglab.report.renderings.text import one_line
from reglab.report.runs import RUN_ID
from reglab.report.verdict import Verdict

_STYLES: Final = {
    Outcome.PASS: "green",
    Outcome.NOTE: "cyan",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.FAIL: "bold red",
}
_IN_FULL: Final = 5  # so many causes are told in full
_IN_SHORT: Final = 10  # so many more get their first line
_FRAMES: Final = 2
_WARNING: Final = "-warning"
_INDENT: Final = " " * 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A paragraph of the output: it is folded to the width, what follows its first line is indented."""

    text: str
    style: str = ""
    indent: str = ""


def render(verdict: Verdict, *, colour: bool = False, width: int = 120, verbose: bool = False) -> str:
    """Return the verdict as text: each cause with its place, statement and next step, and the totals as last line."""
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
        for line in _lines(verdict, verbose=verbose):
            _print(console, line, width)
        if verbose:
            console.print(_rules(verdict))
        for line in _totals(verdict):
            _print(console, line, width)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


def _print(console: Console, line: _Line, width: int) -> None:
    folded = textwrap.wrap(
        line.text,
        width=width,
        initial_indent=line.indent,
        subsequent_indent=line.indent or _INDENT,
        break_on_hyphens=False,
    )
    for each in folded or [""]:
        console.print(Text(each, style=line.style), soft_wrap=True)


def _lines(verdict: Verdict, *, verbose: bool) -> Iterator[_Line]:
    causes = verdict.causes
    shown = _IN_FULL if not verbose else len(causes)
    for cause in causes[:shown]:
        yield from _told(cause, verdict)
        yield _Line(text="")
    for cause in causes[shown : shown + _IN_SHORT]:
        yield _first_line(cause, verdict)
    if len(causes) > shown + _IN_SHORT:
        yield _Line(text=f"{plural(len(causes) - shown - _IN_SHORT, 'more cause')}: {verdict.folder}/report.html")
    if len(causes) > shown:
        yield _Line(text="")
    yield from _notes(verdict, verbose=verbose)


def _told(cause: Cause, verdict: Verdict) -> Iterator[_Line]:
    yield _first_line(cause, verdict)
    details = [
        statement_of(cause),
        f"next: {step}" if (step := next_step_of(cause)) else "",
        *lines_to_add(cause),
        f"at {source}" if (source := source_of(cause)) else "",
        *(f"called by {one_line(frame)}" for frame in (cause.evidence.frames[:_FRAMES] if cause.evidence else ())),
        *further_statements(cause),
        " · ".join(filter(None, (shown_at(cause), moved(cause)))),
    ]
    for text in details:
        if text:
            yield _Line(text=text, indent=_INDENT)


def _first_line(cause: Cause, verdict: Verdict) -> _Line:
    words = (headline(cause, verdict.records), place_of(cause), advice(cause))
    text = f"{cause.outcome.value.upper()} {' · '.join(word for word in words if word)}"
    return _Line(text=text, style=_STYLES[cause.outcome])


def _notes(verdict: Verdict, *, verbose: bool) -> Iterator[_Line]:
    notes = notes_by_rule(verdict.findings)
    if not notes:
        return
    if verbose:
        for finding in (each for group in notes.values() for each in group):
            yield _Line(text=_note(finding), style=_STYLES[Outcome.NOTE])
        return
    # Who reads no further is to know what was not checked.
    for finding in (each for group in notes.values() for each in group if each.rule.endswith(_WARNING)):
        yield _Line(text=one_line(f"warning: {finding.found}"), style=_STYLES[Outcome.NOTE])
    count = sum(len(found) for found in notes.values())
    yield _Line(
        text=f"notes, which decide nothing: {formatted(count)} (reglab report show {_short(verdict)} -v)",
        style=_STYLES[Outcome.NOTE],
    )


def _short(verdict: Verdict) -> str:
    """Name the run as `report` finds it: by the beginning of its id, or by its folder where that has another name."""
    return verdict.run.partition("-")[0] if RUN_ID.match(Path(verdict.folder).name) else verdict.folder


def _note(finding: Finding) -> str:
    next_step = f" {finding.next_step}" if finding.next_step else ""
    # A hint is the harness's own sentence; a statement would not fit into a line.
    hint = next((each for each in finding.evidence if each.kind == "hint"), None)
    told = f" ({hint.text}{f', at {hint.source}' if hint.source else ''})" if hint else ""
    return one_line(f"note {finding.title}: {finding.found}{told}.{next_step}")


def _totals(verdict: Verdict) -> Iterator[_Line]:
    if not verdict.causes:
        for instrument, passes in _passes_by_instrument(verdict).items():
            scenarios = plural(len({each.subject for each in passes}), "subject")
            yield _Line(text=f"{instrument or 'records'}: {scenarios}, {plural(len(passes), 'check')} passed")
    if verdict.replaced:
        yield _Line(text=one_line(f"a policy of its own: {verdict.replaced}"))
    for change in verdict.changes:
        yield _Line(text=one_line(f"rule changed by the project: {change.sentence} ({change.reason})"))
    yield _Line(text=verdict.summary, style=_STYLES[verdict.outcome])


def _passes_by_instrument(verdict: Verdict) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in verdict.findings:
        if finding.outcome is Outcome.PASS:
            grouped.setdefault(finding.instrument, []).append(finding)
    return grouped


def _rules(verdict: Verdict) -> Table:
    """One row a rule: how many of its findings passed, and how many are open."""
    rules = dict.fromkeys(each.rule for each in verdict.findings)
    table = Table(box=None, pad_edge=False, expand=False)
    for name in ("rule", "passed", "open"):
        table.add_column(name, overflow="fold", justify="left" if name == "rule" else "right")
    table.add_column("outcome", no_wrap=True)
    for rule in rules:
        found = [each for each in verdict.findings if each.rule == rule]
        passed = sum(each.outcome is Outcome.PASS for each in found)
        worst = max((each.outcome for each in found), key=lambda each: each.severity)
        cells = (one_line(rule), formatted(passed), formatted(len(found) - passed))
        table.add_row(*(Text(cell) for cell in cells), Text(worst.value, style=_STYLES[worst]))
    return table
