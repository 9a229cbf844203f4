"""Words for a cause: its headline, its advice and what it moved, the same in every rendering."""

import re
from collections.abc import Iterable
from typing import Final

from reglab.metrics import METRICS
from reglab.report import checksums
from reglab.report.causes.cause import Cause, Place, of_first
from reglab.report.concerns import Concern
from reglab.report.findings import Finding, formatted
from reglab.report.outcomes import Outcome
from reglab.report.records import NO_LONGER_SENT, ONE_BY_ONE, WITH_OUTER_ROWS, Evidence, Number, Record, Series
from reglab.report.renderings.text import one_line
from reglab.report.rules.accepted import ACCEPTED_VALUES, NO_FIELD

_GROWTH: Final = re.compile(r"^(?P<metric>\w+) by (?P<axis>\w+)")
_NUMBER: Final = re.compile(r"^[\d,.]+ \S+$")
_STATEMENT_CHARACTERS: Final = 160
# A longer one is none: a list of columns without spaces is cut inside.
_WORD_CHARACTERS: Final = 40
_COUNTED: Final = re.compile(r"^([\d,.]+ \w+)(?= \(|$)")
_NONE_ALLOWED: Final = "at most 0"
_ANSWER_CHANGED: Final = "the answer changed: "
_NEW_FIELD: Final = "the answer has a new field: "
_NEEDED: Final = {
    Concern.ROWS: "accept it if the statement still asks for all that is needed",
    Concern.PAYLOAD: "accept it if the answer still shows all that is needed",
    Concern.CONDITIONS: "accept it if all rows that are needed are still asked for",
}
_TOLD: Final = 3
_NO_ORDER: Final = "no order"


def headline(cause: Cause, records: Iterable[Record]) -> str:
    """Say in one line what was found: "10 queries at 5 orders, 55 at 50", "3 queries, accepted 2 (+1)"."""
    what = _growth(cause, records) or found_of(cause.first)
    # Fewer rows, or a shorter answer, may lack what is needed: less is not better by itself.
    is_less = cause.first.concern in _NEEDED or _is_gone(cause)
    better = ("less: " if is_less else "better: ") if cause.is_better else ""
    return one_line(f"{better}{what}")


def advice(cause: Cause) -> str:
    """Say in a few words what would mend it, where the audit knows; the rule's next step stands on its own line."""
    if cause.is_better:
        if _is_gone(cause):
            return "accept it if nothing needs the statement that is gone"
        return _NEEDED.get(cause.first.concern, "accept the improvement")
    for finding in cause.findings:
        for each in finding.evidence:
            if each.kind == "hint" and ONE_BY_ONE in each.text:
                return each.text.partition(ONE_BY_ONE)[2].removesuffix(WITH_OUTER_ROWS)
    return ""


def _is_gone(cause: Cause) -> bool:
    """Tell whether a statement is sent no longer: a check costs statements, and is no improvement when it goes."""
    first = next(iter(cause.first.evidence), None)
    return first is not None and first.text.startswith(NO_LONGER_SENT)


def next_step_of(cause: Cause) -> str:
    """Say what to do next: what the audit knows of this statement goes before what the rule says of all."""
    known = advice(cause) if cause.first.concern in {Concern.GROWTH, Concern.STATEMENTS, Concern.COST_GROWTH} else ""
    if known and not cause.is_better and not known.startswith("select_related"):
        return f"Send one statement for all rows in place of the repeated one: {known}."
    return one_line(cause.first.next_step)


def place_of(cause: Cause) -> str:
    """Name the line to look at first, "serializers.py:41", or the endpoint where no line is known."""
    return f"{cause.place.file.rpartition('/')[2]}:{cause.place.line}" if cause.place else shown_at(cause)


def source_of(cause: Cause) -> str:
    """Name the line with its path and its function."""
    sources = (each.source for each in of_first(cause.first.evidence) if Place.of(each.source))
    of_rows = (each.source for each in (cause.fetching.evidence if cause.fetching else ()) if Place.of(each.source))
    return one_line(next(sources, cause.first.place) or next(of_rows, ""))


def statement_of(cause: Cause) -> str:
    """Give the likeliest cause itself, shortened: the statement, the rows, the calls."""
    evidence = cause.evidence
    if evidence is None:
        return ""
    said = found_of(cause.first).removesuffix(_accepted(cause.first)).rstrip(" …").removeprefix(_beginning(cause.first))
    text = one_line(evidence.text)
    if text.startswith(said):
        # Behind the headline's own words stands who did it: a statement, or a trigger.
        return shortened(text[len(said) :].lstrip("; "))
    times = f"{formatted(evidence.count)} × " if evidence.count != 1 and evidence.kind != "write" else ""
    return f"{times}{shortened(text)}"


def shown_at(cause: Cause) -> str:
    """Name where it shows: the first endpoint, and how many more."""
    first, *others = cause.endpoints
    return one_line(f"{first} and {formatted(len(others))} more" if others else first)


def moved(cause: Cause, *, limit: int = 6) -> str:
    """Name what it moved, and the number of findings behind it where they are several."""
    names = cause.metrics
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    count = f" ({len(cause.findings)} findings)" if len(cause.findings) > 1 else ""
    return f"{', '.join(names[:limit])}{more}{count}"


def notes_by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the notes of a verdict by their rules: they decide nothing, and are counted."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.NOTE:
            grouped.setdefault(finding.rule, []).append(finding)
    return grouped


def _growth(cause: Cause, records: Iterable[Record]) -> str:
    """Give the counter that grows at each size, from the points that the audit recorded."""
    growing = [each for each in cause.findings if each.concern in {Concern.GROWTH, Concern.COST_GROWTH}]
    lines = [line for record in records for line in record.series if len({y for _, y in line.points}) > 1]
    for finding in sorted(growing, key=lambda each: each.concern.rank):
        named = _GROWTH.match(finding.part)
        counter, axis = (named["metric"], named["axis"]) if named else (finding.metric, "")
        for line in lines:
            if (line.scenario, line.name) == (finding.scenario, counter) and axis in {"", line.x_unit}:
                return _points(line) + _most_of(finding, unit=line.y_unit)
    return ""


def _points(line: Series) -> str:
    (x, y), *others = line.points
    counted = _with_verb(f"{formatted(y)} {line.y_unit}", line.name)
    rest = ", ".join(f"{formatted(value)} at {formatted(size)}" for size, value in others[-_TOLD:])
    return f"{counted} at {formatted(x)} {_named(x, line.x_unit)}, {rest}"


def _most_of(finding: Finding, *, unit: str) -> str:
    """Name the table that most of the rows are of."""
    table = finding.evidence[0].table if finding.evidence else ""
    return f", most of {table}" if table and unit == "rows" else ""


def _named(count: Number, axis: str) -> str:
    words = axis.replace("_", " ")
    return words if count != 1 or not words.endswith("s") else words[:-1]


def found_of(finding: Finding) -> str:
    """Say what a finding found, in a sentence where its evidence is one."""
    evidence = finding.evidence[0] if finding.evidence else None
    if finding.concern is Concern.ANSWERS and finding.found == NO_FIELD:
        # What stands behind it is the code that answers without it.
        gone = finding.part.removesuffix(" length") or "all of it"
        return f"{_ANSWER_CHANGED}{gone} is gone{_accepted(finding)}"
    if evidence and _is_a_sentence(finding, evidence):
        return shortened(f"{_beginning(finding)}{sentence_of_text(evidence)}") + _accepted(finding)
    if not finding.metric:
        return finding.found
    if finding.margins:
        return finding.found.partition(", noise")[0]
    return _of_metric(finding)


def _accepted(finding: Finding) -> str:
    """Say which value was accepted of an answer, where it is known."""
    is_known = finding.unit == checksums.UNIT and finding.expected not in {ACCEPTED_VALUES, NO_FIELD}
    return f", accepted {finding.expected}" if is_known else ""


def _beginning(finding: Finding) -> str:
    if finding.concern is not Concern.ANSWERS:
        return ""
    return _NEW_FIELD if finding.expected == NO_FIELD else _ANSWER_CHANGED


def _of_metric(finding: Finding) -> str:
    """Say what was measured of a metric, and what was expected."""
    if finding.instrument == "load":
        return f"{finding.metric}: {finding.found}, expected {finding.expected}"
    declared = METRICS.get(finding.metric)
    if finding.metric == "uncovered_endpoints" and finding.part:
        return f"no scenario and no waiver is about {finding.part}"
    if declared and declared.told_as and finding.part:
        table, _, order = finding.part.partition(": ")
        by = order if order == _NO_ORDER else f"an order that leaves ties: {order}"
        return declared.told_as.format(table=table, order=by)
    if finding.expected.startswith(_NONE_ALLOWED):
        # The number alone says nothing: "1 answer", "5 queries".
        part = f" of {finding.part}" if finding.part else ""
        at = f" at {finding.variant}" if finding.variant else ""
        return f"{finding.metric.replace('_', ' ')}{part}{at}: {finding.found}"
    metric = METRICS.get(finding.metric)
    of = f" {finding.metric.replace('_', ' ')}" if metric and metric.unit not in finding.metric else ""
    part = f" of {finding.part}" if finding.part else ""
    is_a_number = "(" in finding.found and _NUMBER.match(finding.expected)
    expected = f"accepted {finding.expected.split()[0]}" if is_a_number else f"expected {finding.expected}"
    at = f" at {finding.variant}" if finding.variant else ""
    return f"{_with_verb(finding.found, finding.metric)}{of}{part}{at}, {expected}"


def _with_verb(found: str, metric: str) -> str:
    """Say what was done with the rows: "34 rows fetched (+8)"."""
    unit, _, verb = metric.partition("_")
    declared = METRICS.get(metric)
    return _COUNTED.sub(rf"\1 {verb}", found, count=1) if verb and declared and declared.unit == unit else found


def _is_a_sentence(finding: Finding, evidence: Evidence) -> bool:
    """Whether the evidence says more than the number: rows that were written, a caller who was let in."""
    by_itself = {Concern.DATA, Concern.ACCESS, Concern.VALUES, Concern.ANSWERS, Concern.CONDITIONS}
    says_it_all = finding.concern in by_itself or finding.instrument == "migrations"
    return evidence.kind in {"write", "response", "hint"} and says_it_all


def sentence_of_text(evidence: Evidence) -> str:
    """Return the text of an evidence without the statement behind it."""
    return one_line(evidence.text).partition("; by ")[0]


def shortened(text: str) -> str:
    """Cut a text between two words where it has any: what is left over may stand on the next line."""
    if len(text) <= _STATEMENT_CHARACTERS:
        return text
    kept = text[: _STATEMENT_CHARACTERS - 2]
    words, _, rest = kept.rpartition(" ")
    return f"{words if words and len(rest) < _WORD_CHARACTERS else kept} …"
