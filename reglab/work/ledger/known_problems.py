"""Known problems: what the first audit found, grouped by cause; a list to work through, while only new ones fail."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.scans.unserved import WHOLE_TABLE
from reglab.errors import AuditError
from reglab.metrics import METRICS
from reglab.report.findings import Finding, sentence_of
from reglab.report.outcomes import Outcome
from reglab.report.policy import AnyRule
from reglab.report.records import Measurement
from reglab.work.ledger.scenario_file import KNOWN_PROBLEMS

# Of a SELECT: its table says more.
_COLUMNS: Final = re.compile(r"(?<=SELECT) (?=[\"`])(?:(?! FROM ).){60,}?(?= FROM )")
_WALKED: Final = re.compile(r", so it walks [^;]+(?=;)")
_VALUE: Final = re.compile(r"'[^']*'")
_GROWTH: Final = METRICS["growth_exponent"]
_NO_CAUSE: Final = "no cause was seen"
# Exponents are rounded to thousandths.
_MARGIN: Final = 0.0005


class KnownProblems(BaseModel):
    """The problems by cause, and below it by what was measured: how bad it was when it became known."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: int = 1
    known: dict[str, dict[str, float]] = {}

    def covers(self, measurement: Measurement, *, at_other_sizes: bool = False) -> bool:
        """Tell whether a measurement is a known problem, and no worse than it was.

        At other sizes than it was seen at, how bad it was says nothing.
        """
        key = identity_of(measurement)
        values = [problems[key] for problems in self.known.values() if key in problems]
        return bool(values) and (at_other_sizes or max(measurement.values) <= max(values) + _MARGIN)

    def within(self, scenarios: Collection[str]) -> "KnownProblems":
        """Drop the problems of all other scenarios: those that the suite no longer has."""
        known = {
            cause: {key: value for key, value in problems.items() if key.partition(" ")[0] in scenarios}
            for cause, problems in self.known.items()
        }
        return KnownProblems(known={cause: problems for cause, problems in known.items() if problems})

    def without(self, measured: Iterable[str], still: Iterable[str]) -> "KnownProblems":
        """Drop the problems of `measured` scenarios that are not among those that are `still` there."""
        gone, left = set(measured), set(still)
        known = {
            cause: {key: value for key, value in problems.items() if key in left or key.partition(" ")[0] not in gone}
            for cause, problems in self.known.items()
        }
        return KnownProblems(known={cause: problems for cause, problems in known.items() if problems})

    def with_causes(self, present: Mapping[str, Collection[str]]) -> "KnownProblems":
        """Drop the causes of a problem that were mended while others of the same problem are left.

        `present` has the causes by what was measured. Where none of the known ones is among them, lines or statements
        have moved, and all stay.
        """
        mended = {
            (cause, key)
            for key, causes in present.items()
            if any(key in problems and cause in causes for cause, problems in self.known.items())
            for cause, problems in self.known.items()
            if key in problems and cause not in causes
        }
        known = {
            cause: {key: value for key, value in problems.items() if (cause, key) not in mended}
            for cause, problems in self.known.items()
        }
        return KnownProblems(known={cause: problems for cause, problems in known.items() if problems})

    def joined(self, other: "KnownProblems") -> "KnownProblems":
        """Return the problems of both."""
        causes = sorted({*self.known, *other.known})
        return KnownProblems(
            known={cause: {**self.known.get(cause, {}), **other.known.get(cause, {})} for cause in causes}
        )

    def text(self) -> str:
        """Return the file: sorted, a line a problem, an empty line between two causes."""
        blocks = [
            f" {_json(cause)}: {{\n"
            + ",\n".join(f"  {_json(key)}: {_json(problems[key])}" for key in sorted(problems))
            + "\n }"
            for cause, problems in sorted(self.known.items())
        ]
        return '{\n"schema_version": 1,\n"known": {\n' + ",\n\n".join(blocks) + "\n}\n}\n"

    def write(self, folder: Path) -> None:
        """Write the file of the ledger's folder; without a problem there is none."""
        path = folder / KNOWN_PROBLEMS
        if not self.known:
            path.unlink(missing_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(), encoding="utf-8")

    def work_list(self) -> tuple[str, ...]:
        """Return a line a cause, the one of most scenarios first."""
        lines = []
        for cause, problems in sorted(self.known.items(), key=lambda item: (-len(item[1]), item[0])):
            scenarios = sorted({key.partition(" ")[0] for key in problems})
            named = ", ".join(scenarios[:6]) + (f" and {len(scenarios) - 6} more" if len(scenarios) > 6 else "")
            lines.append(f"{_COLUMNS.sub(' …', cause)}\n    in {named}")
        return tuple(lines)


def problems_of(
    measurements: Iterable[Measurement], rules: Iterable[AnyRule]
) -> tuple[tuple[Measurement, Finding], ...]:
    """Return the measurements that break a rule of the policy, each with its first finding."""
    found = []
    of_work = [rule for rule in rules if rule.instrument == "work"]
    for measurement in measurements:
        judged = replace(measurement, instrument="work")
        findings = (one for rule in of_work if rule.selects(judged) for one in rule.findings([judged]))
        if broken := next((one for one in findings if one.outcome is Outcome.FAIL), None):
            found.append((measurement, broken))
    return tuple(found)


def known_from(problems: Iterable[tuple[Measurement, Finding]]) -> KnownProblems:
    """Group problems by their causes: the statement and the line that come first in the evidence.

    What grows has as many causes as statements that run more often: each is a line of work.
    """
    known: dict[str, dict[str, float]] = {}
    for measurement, finding in problems:
        for cause in causes_of_known(measurement, finding):
            known.setdefault(cause, {})[identity_of(measurement)] = float(max(measurement.values))
    return KnownProblems(known=known)


def causes_of_known(measurement: Measurement, finding: Finding) -> tuple[str, ...]:
    """Name the causes of one problem, the first first."""
    first, *others = finding.evidence or (None,)
    grown = [one for one in others if one is not None and one.kind == "statement" and measurement.metric is _GROWTH]
    # Without how often: the same cause shows more often on more rows.
    sentences = [_NO_CAUSE if one is None else sentence_of(replace(one, count=1)) for one in (first, *grown)]
    # Which index is walked in the place of a missing one, and for which value, is the planner's choice and the data's.
    told = (_VALUE.sub("'…'", _WALKED.sub("", sentence)) for sentence in sentences)
    return tuple(dict.fromkeys(f"{finding.rule}: {sentence}" for sentence in told))


def is_unserved_predicate(measurement: Measurement) -> bool:
    """Tell whether this is a scan that an index could end: a first audit takes it for a problem, never for accepted."""
    part = measurement.part
    return measurement.metric is UNINDEXED_SCANS and bool(part) and not part.endswith(WHOLE_TABLE)


def read_known(folder: Path) -> KnownProblems:
    """Read the known problems of a ledger. Raises AuditError where they cannot be believed."""
    path = folder / KNOWN_PROBLEMS
    if not path.exists():
        return KnownProblems()
    return parsed_known(path.read_text(encoding="utf-8-sig"), path=path)


def parsed_known(text: str, *, path: Path) -> KnownProblems:
    """Return the problems that a text holds; none of an empty one. Raises AuditError where it cannot be believed."""
    if not text.strip():
        return KnownProblems()
    try:
        return KnownProblems.model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        raise AuditError(
            f"{path}: the known problems cannot be read ({str(error).splitlines()[0]}); restore them"
        ) from None


def merged_known(base: KnownProblems, ours: KnownProblems, theirs: KnownProblems) -> KnownProblems:
    """Return what both sides still know: a problem that either side has removed is gone."""
    known: dict[str, dict[str, float]] = {}
    for cause in sorted({*ours.known, *theirs.known}):
        before, our, their = (each.known.get(cause, {}) for each in (base, ours, theirs))
        kept = {
            key: max(our.get(key, 0.0), their.get(key, 0.0))
            for key in sorted({*our, *their})
            if (key in our and key in their) or key not in before
        }
        if kept:
            known[cause] = kept
    return KnownProblems(known=known)


def identity_of(measurement: Measurement) -> str:
    """Return what makes a problem one: scenario, metric, part and variant."""
    words = (measurement.scenario, measurement.metric.name, measurement.part, f"({measurement.variant})")
    return " ".join(word for word in words if word and word != "()")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
