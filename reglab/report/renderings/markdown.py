"""The verdict as Markdown, for a pull request's comment and for the step summary of a CI job."""

import re
from collections.abc import Iterable
from typing import Final

from reglab.report.causes.cause import Cause
from reglab.report.findings import Finding, formatted, plural
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence
from reglab.report.renderings.base_and_head import moved_most
from reglab.report.renderings.further_facts import further_statements
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
from reglab.report.renderings.text import lines, one_line
from reglab.report.runs import LEDGER_PATCH
from reglab.report.verdict import Verdict

LIMIT_CHARACTERS: Final = 60_000  # GitHub refuses a comment of more than 65,536
MARKER: Final = "<!-- regression-lab verdict -->"  # by which CI finds its own comment again
_SIGNS: Final = {Outcome.PASS: "✅", Outcome.NOTE: "📝", Outcome.INCONCLUSIVE: "⚠️", Outcome.FAIL: "❌"}
_UNFOLDED: Final = 5  # so many causes stand open: with the head, that is a screen
_ROWS: Final = 30  # findings of one cause that are listed
_EVIDENCE: Final = 3
_CELL_CHARACTERS: Final = 300
_STATEMENT_CHARACTERS: Final = 2_000
_PATCH_CHARACTERS: Final = 8_000  # a longer change is read in a file


def render(verdict: Verdict) -> str:
    """Return at most 60,000 characters of Markdown; what does not fit is counted, never dropped silently."""
    head = _head(verdict)
    foot = _foot(verdict)
    room = LIMIT_CHARACTERS - len(head) - len(foot) - 400
    causes = [_cause(each, verdict, opened=index < _UNFOLDED) for index, each in enumerate(verdict.causes)]
    kept, left_out = _fitting([*causes, *_acceptance(verdict), *_notes(verdict)], room)
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
    sides = (_code(record.header.context.get("baseline", ""))[:12] for record in verdict.records)
    base = next((f" against `{side}`" for side in sides if side), "")
    report = f" [Reports and records]({verdict.host.artifacts})." if verdict.host.artifacts else ""
    run = f"Run `{_code(verdict.run)}`{what}{base}.{report}"
    return f"{MARKER}\n## {sign} {escaped(verdict.summary)}\n\n{run}\n\n{_moved(verdict)}"


def _moved(verdict: Verdict) -> str:
    """Show base, head and difference of what the first causes moved most, where it had a value before."""
    rows = [moved for cause in verdict.causes[:_UNFOLDED] if (moved := moved_most(cause, verdict))]
    if not rows:
        return ""
    cells = [
        f"| {cell(each.what)} | {cell(each.base)} | {cell(each.head)} | {cell(each.difference)} |" for each in rows
    ]
    return "\n".join(["| | base | head | difference |", "|---|--:|--:|--:|", *cells, "", ""])


def _cause(cause: Cause, verdict: Verdict, *, opened: bool) -> str:
    """Tell one cause: what, where and the next step in view, its findings and evidence folded."""
    what = headline(cause, verdict.records)
    hint = f" · {advice(cause)}" if advice(cause) else ""
    statement = statement_of(cause)
    body = [
        f"`{_code(statement)}`" if statement else "",
        f"at {_linked(source, cause, verdict)}" if (source := source_of(cause)) else "",
        *(escaped(text) for text in further_statements(cause)),
        escaped(" · ".join(filter(None, (shown_at(cause), moved(cause))))),
        f"**next** {escaped(step)}" if (step := next_step_of(cause)) else "",
    ]
    lines_in_view = "  \n".join(line for line in body if line)
    details = _folded(f"{plural(len(cause.findings), 'finding')}", f"{_rows(cause)}{_all_evidence(cause)}")
    sign = _SIGNS[cause.outcome]
    if opened:
        return f"{sign} **{escaped(what)}** · `{_code(place_of(cause))}`{hint}  \n{lines_in_view}\n{details}\n"
    return _folded(f"{sign} {_tag_text(what)} · {_tag_text(place_of(cause))}", f"{lines_in_view}\n{details}")


def _linked(source: str, cause: Cause, verdict: Verdict) -> str:
    """Return a source line, as a link where the code host is known."""
    address = verdict.host.line(cause.place.file, cause.place.line) if cause.place else ""
    return (
        f"[`{_code(source)}`]({address.replace(' ', '%20').replace(')', '%29')})" if address else f"`{_code(source)}`"
    )


def _folded(title: str, body: str) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def _rows(cause: Cause) -> str:
    header = "| rule | scenario | metric | expected | found |\n|---|---|---|---|---|\n"
    rows = "".join(
        "".join(f"| {cell(text)} " for text in (each.rule, each.subject, each.quantity, each.expected, each.found))
        + "|\n"
        for each in cause.findings[:_ROWS]
    )
    more = len(cause.findings) - _ROWS
    return header + rows + (f"\n{plural(more, 'more finding')} of this cause: see `report.html`.\n" if more > 0 else "")


def _all_evidence(cause: Cause) -> str:
    evidence = cause.first.evidence
    told = "".join(f"\n{_evidence(each)}" for each in evidence[:_EVIDENCE])
    more = f"\n{plural(len(evidence) - _EVIDENCE, 'more piece')} of evidence: see `report.html`.\n"
    reason = f"\nWhy this is a rule: {escaped(cause.first.reason)}\n" if cause.first.reason else ""
    return told + (more if len(evidence) > _EVIDENCE else "") + reason


def _acceptance(verdict: Verdict) -> list[str]:
    """Give the ledger's change for the case that what moved is meant: as a whole where it is short."""
    patch = verdict.ledger_patch
    if not patch:
        return []
    if len(patch) > _PATCH_CHARACTERS:
        return [
            f"\nIf all of it is meant: `git apply {LEDGER_PATCH}`, a file of the run's artifact, and say why in it.\n"
        ]
    return [_folded("If all of it is meant: the ledger's change, for <code>git apply</code>", _fenced(patch, "diff"))]


def _notes(verdict: Verdict) -> list[str]:
    """Notes are folded, one block: nobody has to act on one."""
    notes = [each for group in notes_by_rule(verdict.findings).values() for each in group]
    if not notes:
        return []
    listed = "".join(f"- {escaped(each.title)}: {escaped(each.found)}\n" for each in notes[:_ROWS])
    more = f"\n{plural(len(notes) - _ROWS, 'more note')}: see `report.html`.\n" if len(notes) > _ROWS else ""
    return [_folded(plural(len(notes), "note"), listed + more)]


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
    times = f"{formatted(evidence.count)} times" if evidence.count != 1 else "once"
    return f"  {times}{table}{where}{callers}:\n{_fenced(text, 'sql', indent='  ')}"


def _fenced(text: str, language: str, *, indent: str = "") -> str:
    """Put text into a fence that it cannot close."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    code = "\n".join(f"{indent}{line}" for line in lines(text))
    return f"{indent}{fence}{language}\n{code}\n{indent}{fence}\n"


def _foot(verdict: Verdict) -> str:
    passes = [
        f"- {escaped(rule)}: {formatted(len(found))} ({escaped(_scope(found))})\n"
        for rule, found in verdict.passes_by_rule.items()
    ]
    listed = _folded("What passed", "".join(passes)) if passes else ""
    places = "".join(
        f"- {escaped(record.header.instrument)}: Python {escaped(record.header.environment.python)}"
        f" on {formatted(record.header.environment.cpu_count)} CPUs, {escaped(record.header.environment.database)}\n"
        for record in verdict.records
    )
    policy = f"Policy `{verdict.policy}` · judged {escaped(verdict.judged_at)}"
    own = f" · a policy of its own: {escaped(verdict.replaced)}" if verdict.replaced else ""
    changes = "".join(
        f"- rule changed by the project: {escaped(each.sentence)} ({escaped(each.reason)})\n"
        for each in verdict.changes
    )
    return f"{listed}{_folded('Where it was measured', places) if places else ''}\n{changes}\n{policy}{own}\n"


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
