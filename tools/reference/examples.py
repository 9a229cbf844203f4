"""Worked examples of rules: what the terminal prints of a change that broke the rule and was measured once."""

import gzip
import json
import tempfile
import tomllib
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Final

from reglab.report.causes.cause import Cause
from reglab.report.causes.grouping import causes_of
from reglab.report.findings import Finding
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.renderings import terminal
from reglab.report.verdict import Verdict
from tools.planted.catalogue import Regression, regressions, shown_changes

RECORDS: Final = Path(__file__).parents[2] / "tests" / "report" / "planted"
CHOSEN: Final = RECORDS / "examples.toml"
_WIDTH: Final = 80
_OPEN: Final = {Outcome.FAIL, Outcome.INCONCLUSIVE}
# A table of all rules follows what is printed of notes.
_TABLE: Final = "\nrule "


class ExampleError(Exception):
    """An example shows something else than its rule: one line that names both."""


def examples() -> dict[str, str]:
    """Return an example in Markdown by rule: the change that broke it, and what was printed of it.

    Raises ExampleError where a chosen record does not show its rule.
    """
    entries = {entry.name: entry for entry in (*regressions(), *shown_changes())}
    return {rule: _example(entries[name], printed(rule, name)) for rule, name in chosen().items()}


def chosen() -> dict[str, str]:
    """Return by rule the name of the planted change whose record shows it."""
    return dict(tomllib.loads(CHOSEN.read_text(encoding="utf-8"))["example"])


def printed(rule: str, name: str) -> str:
    """Return what a terminal of 80 columns prints of a rule that a planted change broke. Raises ExampleError."""
    verdict = verdict_of(name)
    for cause in verdict.causes:
        if cause.first.rule == rule:
            return _of_cause(cause, verdict)
    if own := tuple(each for each in verdict.findings if each.rule == rule and each.outcome in _OPEN):
        # One of several findings behind a cause: what the terminal prints where it is alone.
        (cause, *_) = causes_of(own)
        return _of_cause(cause, verdict)
    for finding in verdict.findings:
        if finding.rule == rule and finding.outcome is Outcome.NOTE and finding.evidence:
            return _of_note(finding, verdict)
    found = ", ".join(cause.first.rule for cause in verdict.causes) or "nothing"
    raise ExampleError(f"{name}: its record shows {found}, expected {rule}: choose another in {CHOSEN.name}")


def verdict_of(name: str) -> Verdict:
    """Judge the record of a planted change by the package's rules."""
    (packed,) = (RECORDS / name).glob("*.jsonl.gz")
    record = gzip.decompress(packed.read_bytes())
    # A file that is not whole has no run in its first line.
    run = Path(json.loads(record.splitlines()[0])["run"])
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        run.mkdir()
        (run / packed.stem).write_bytes(record)
        return judge(run, read_policy(), only=(packed.stem.removesuffix(".jsonl"),))


def _of_cause(cause: Cause, verdict: Verdict) -> str:
    return terminal.render(replace(verdict, findings=cause.findings), width=_WIDTH).partition("\n\n")[0]


def _of_note(finding: Finding, verdict: Verdict) -> str:
    alone = replace(verdict, findings=(finding,))
    return terminal.render(alone, width=_WIDTH, verbose=True).partition(_TABLE)[0]


def _example(entry: Regression, shown: str) -> str:
    change = f"The pull request “[{entry.title}](../../tools/planted/{entry.folder}/{entry.patch.name})”"
    where = "on the orders service"
    if entry.profile is not None:
        profile = f"[{entry.only}](../../tools/planted/profiles/{entry.profile.name})"
        where = f"{where}, under the load profile {profile},"
    option = " with `-v`" if shown.startswith("note ") else ""
    return f"**An example.** {change} {where} prints{option}:\n\n```text\n{shown}\n```\n"
