"""The verdict as Markdown, for a pull request's comment and for the step summary of a CI job."""

import re
from collections.abc import Iterable
from typing import Final

from reglab.report.findings import Finding, formatted
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence
from reglab.report.renderings.text import lines, one_line
from reglab.report.verdict import Verdict

LIMIT_CHARACTERS: Final = 60_000  # GitHub refuses a comment of more than 65,536
MARKER: Final = "<!-- regression-lab verdict -->"  # by which CI finds its own comment again
_SIGNS: Final = {Outcome.PASS: "✅", Outcome.NOTE: "📝", Outcome.INCONCLUSIVE: "⚠️", Outcome.FAIL: "❌"}
_OPEN: Final = 5  # so many findings stand unfolded
_CELL_CHARACTERS: Final = 300
_STATEMENT_CHARACTERS: Final = 2_000


def render(verdict: Verdict) -> str:
    """Return at most 60,000 characters of Markdown; what does not fit is said, never dropped silently."""
    head = _head(verdict)
    foot = _foot(verdict)
    room = LIMIT_CHARACTERS - len(head) - len(foot) - 400
    blocks = [*_rows(verdict), *_details(verdict)]
    kept, left_out = _fitting(blocks, room)
    notice = f"\n> {left_out} more blocks did not fit into {LIMIT_CHARACTERS:,} characters: " if left_out else ""
    if notice:
        notice += "see `report.html` or `verdict.json` in the run's artifact for all findings.\n"
    return f"{head}{''.join(kept)}{notice}{foot}"


def _fitting(blocks: Iterable[str], room: int) -> tuple[list[str], int]:
    """Keep blocks in their order while they fit, and count the others."""
    kept: list[str] = []
    left_out = 0
    for block in blocks:
        if left_out or len(block) > room:
            left_out += 1
            continue
        kept.append(block)
        room -= len(block)
    return kept, left_out


def _head(verdict: Verdict) -> str:
    sign = _SIGNS[verdict.outcome]
    subject = verdict.records[0].header if verdict.records else None
    what = f" of `{_code(subject.subject)}` at `{_code(subject.revision[:19])}`" if subject else ""
    return f"{MARKER}\n## {sign} {escaped(verdict.summary)}\n\nRun `{_code(verdict.run)}`{what}.\n\n"


def _rows(verdict: Verdict) -> list[str]:
    """The table, one block a row, so that what is cut is cut between rows."""
    if not verdict.open_findings:
        return []
    header = "| outcome | rule | scenario | metric | expected | found |\n|---|---|---|---|---|---|\n"
    rows = [
        f"| {_SIGNS[each.outcome]} {each.outcome.value} "
        + "".join(f"| {cell(text)} " for text in (each.rule, each.subject, each.quantity, each.expected, each.found))
        + "|\n"
        for each in verdict.open_findings
    ]
    return [header + rows[0], *rows[1:]]


def _details(verdict: Verdict) -> list[str]:
    """Notes are folded: their row in the table has said what they say, and nobody has to act on one."""
    return [
        _detail(finding, opened=index < _OPEN and finding.outcome is not Outcome.NOTE)
        for index, finding in enumerate(verdict.open_findings)
    ]


def _detail(finding: Finding, *, opened: bool) -> str:
    """Tell one finding in full. The worst ones stand unfolded, the evidence behind the first is always folded."""
    endpoint = f" · `{_code(finding.endpoint)}`" if finding.endpoint else ""
    title = f"{_SIGNS[finding.outcome]} {escaped(finding.title)}{endpoint}"
    told = [f"- **expected** {escaped(finding.expected)}", f"- **found** {escaped(finding.found)}"]
    if finding.evidence:
        told.append(f"- **most likely cause**\n\n{_evidence(finding.evidence[0])}")
    if finding.next_step:
        told.append(f"- **next step** {escaped(finding.next_step)}")
    if finding.reason:
        told.append(f"- **why this is a rule** {escaped(finding.reason)}")
    more = "".join(f"\n{_evidence(each)}\n" for each in finding.evidence[1:])
    folded = f"\n<details><summary>{len(finding.evidence) - 1} more</summary>\n{more}\n</details>\n" if more else ""
    body = "\n".join(told) + "\n" + folded
    if opened:
        return f"\n### {title}\n\n{body}"
    return f"\n<details><summary>{_tag_text(finding.title)}</summary>\n\n{body}\n</details>\n"


def _evidence(evidence: Evidence) -> str:
    """Put a statement into a fence that it cannot close, its source line before it."""
    where = f" at `{_code(evidence.source)}`" if evidence.source else ""
    table = f" on table `{_code(evidence.table)}`" if evidence.table else ""
    callers = "".join(f", called by `{_code(frame)}`" for frame in evidence.frames[:3])
    if evidence.kind not in {"statement", "plan"}:
        times = f" ({formatted(evidence.count)} times)" if evidence.count != 1 else ""
        return f"  {escaped(evidence.text)}{times}{table}{where}{callers}\n"
    text = evidence.text
    if len(text) > _STATEMENT_CHARACTERS:
        text = f"{text[:_STATEMENT_CHARACTERS]} … ({len(text):,} characters in all)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    code = "\n".join(f"  {line}" for line in lines(text))
    times = f"{formatted(evidence.count)} times" if evidence.count != 1 else "once"
    return f"  {times}{table}{where}{callers}:\n  {fence}sql\n{code}\n  {fence}\n"


def _foot(verdict: Verdict) -> str:
    passes = [
        f"- {escaped(rule)}: {formatted(len(found))} ({escaped(_scope(found))})\n"
        for rule, found in verdict.passes_by_rule.items()
    ]
    listed = f"\n<details><summary>What passed</summary>\n\n{''.join(passes)}\n</details>\n" if passes else ""
    notes = "".join(
        f"\n_{escaped(record.header.instrument)}_: Python {escaped(record.header.environment.python)}"
        f" on {formatted(record.header.environment.cpu_count)} CPUs, {escaped(record.header.environment.database)}"
        for record in verdict.records
    )
    return f"{listed}{notes}\n\nPolicy `{verdict.policy}` · judged {escaped(verdict.judged_at)}\n"


def _scope(passes: list[Finding]) -> str:
    """Name what passed: the scenario where it is one, and the number of them where they are many."""
    subjects = sorted({finding.subject for finding in passes})
    return subjects[0] if len(subjects) == 1 else f"{len(subjects)} subjects"


def escaped(text: str) -> str:
    """Escape what GitHub would take for markup, a mention or HTML, on one line."""
    line = one_line(text)
    line = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", line)
    return html_escaped(line)


def html_escaped(text: str) -> str:
    """Escape text that stands inside an HTML tag of the Markdown."""
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line.replace("@", "&#64;")


def _tag_text(text: str) -> str:
    """Escape text between HTML tags: markup that some renderers read there too."""
    return html_escaped(text).replace("[", "&#91;").replace("*", "&#42;").replace("`", "&#96;")


def cell(text: str) -> str:
    """Escape text for a table's cell, cut to a readable length."""
    line = one_line(text)
    return escaped(line if len(line) <= _CELL_CHARACTERS else f"{line[:_CELL_CHARACTERS]} …")


def _code(text: str) -> str:
    """Text for a code span: the one character that would close it is replaced."""
    return one_line(text).replace("`", "'")
