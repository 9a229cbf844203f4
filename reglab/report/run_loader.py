"""Collecting a run: which record files a run folder holds, which it should, and what is wrong with them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reglab.errors import RunError
from reglab.report.findings import Finding, counted
from reglab.report.outcomes import Outcome
from reglab.report.policy import Demand, Policy
from reglab.report.record_files import RecordError, read_record
from reglab.report.records import Completion, Record
from reglab.report.runs import RUN_ID, declared_stages

_SAID: Final = {Completion.CRASHED: "could not be measured"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The records of one run that can be believed, and a finding for each that cannot, or is not there."""

    folder: str
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]


def collect(folder: Path, policy: Policy, *, only: tuple[str, ...] = ()) -> Collection:
    """Read the records of a run. Raises RunError where there is no folder, or no record file in it.

    A record is demanded where `only` asks for it, where the gate has started its stage, or where the policy requires
    it; any other is judged where it is there.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such run folder; `reglab report list` names those there are")
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise RunError(f"{folder}: the folder holds no record (*.jsonl); run a stage first, or name a run folder")
    demands = [demand for demand in policy.record if not only or demand.instrument in only]
    started = only or declared_stages(folder)
    records, findings = [], []
    for demand in demands:
        record, found = _answer(folder, demand, required=demand.required or demand.instrument in started)
        records.extend([record] if record else [])
        findings.extend(found)
    known = {demand.file for demand in policy.record}
    findings.extend(_unknown(path) for path in files if path.name not in known)
    findings.extend(_contradictions(folder, records))
    return Collection(folder=str(folder), records=tuple(records), findings=tuple(findings))


def _answer(folder: Path, demand: Demand, *, required: bool) -> tuple[Record | None, list[Finding]]:
    """Read the file that answers one demand. A record of another instrument answers nothing."""
    path = folder / demand.file
    if not required and not path.exists():
        return None, []
    try:
        record = read_record(path)
    except RecordError as error:
        return None, [_unreadable(error, demand)]
    if record.header.instrument != demand.instrument:
        return None, [
            _about_file(
                "record-of-another-instrument",
                place=f"{path}:1",
                instrument=demand.instrument,
                expected=f"a record of instrument {demand.instrument!r}",
                found=f"one of {record.header.instrument!r}",
                next_step="Each stage writes its own file: run the stage again into a fresh run folder.",
                reason=demand.reason,
            )
        ]
    if record.footer.completion is Completion.CRASHED and not record.is_unsafe:
        # What a stage wrote before it crashed may be the crash's own doing: one finding, and nothing of it is judged.
        return None, [_completion(record, demand)]
    return record, [_completion(record, demand), *_repeated_measurements(record)]


def _unreadable(error: RecordError, demand: Demand) -> Finding:
    missing = error.line is None and not Path(error.path).exists()
    return _about_file(
        "record-missing" if missing else "record-damaged",
        place=error.place,
        instrument=demand.instrument,
        expected="a complete record, as its stage wrote it",
        found=error.problem,
        next_step=f"{error.remedy[:1].upper()}{error.remedy[1:]}.",
        reason=demand.reason,
    )


def _completion(record: Record, demand: Demand) -> Finding:
    footer = record.footer
    outcome = {
        Completion.COMPLETE: Outcome.PASS,
        Completion.INTERRUPTED: Outcome.INCONCLUSIVE,
        Completion.CRASHED: Outcome.INCONCLUSIVE,
    }[footer.completion]
    why = f": {footer.reason}" if footer.reason else ""
    return _about_file(
        "record-complete",
        outcome=outcome,
        place=f"{record.path}:{footer.lines + 1}",
        instrument=demand.instrument,
        expected="a stage that completed",
        found=f"{_SAID.get(footer.completion, footer.completion)}{why}",
        next_step="" if outcome is Outcome.PASS else "Read the stage's own output, mend what stopped it, run it again.",
        reason=demand.reason,
    )


def _repeated_measurements(record: Record) -> list[Finding]:
    """Two measurements of one thing contradict each other, even where they agree: the stage counted twice."""
    identities = Counter(
        (line.scenario, line.endpoint, line.metric.name, line.part, line.variant) for line in record.measurements
    )
    repeated = [" ".join(filter(None, identity)) for identity, count in identities.items() if count > 1]
    if not repeated:
        return []
    return [
        _about_file(
            "measurement-repeated",
            place=record.path,
            instrument=record.header.instrument,
            expected="each metric of a scenario, part and variant once",
            found=f"more than once: {counted(repeated)}",
            next_step="Record all values of one sample in one line; mend the stage.",
        )
    ]


def _unknown(path: Path) -> Finding:
    """Report a record file that the policy does not know: a copy, or a stage that nobody judges."""
    try:
        what = f"a record of instrument {read_record(path).header.instrument!r}"
    except RecordError as error:
        what = f"a file that is no record: {error.problem}"
    return _about_file(
        "record-unknown",
        place=f"{path}:1",
        expected="only record files that the policy names",
        found=what,
        next_step="Take the file away, or name it in a [[record]] of the policy.",
        reason="A second record of one stage leaves open which of the two was judged.",
    )


def _contradictions(folder: Path, records: list[Record]) -> list[Finding]:
    """All records of a run name one run and one revision, and the run that their folder is named for."""
    runs = {record.header.run: record for record in records}
    if RUN_ID.match(folder.resolve().name):
        runs.setdefault(folder.resolve().name, records[0]) if records else None
    findings = []
    for quantity, values in (("run", runs), ("revision", {record.header.revision: record for record in records})):
        if len(values) > 1:
            odd = list(values.values())[-1]
            findings.append(
                _about_file(
                    f"records-of-one-{quantity}",
                    place=f"{odd.path}:1",
                    instrument=odd.header.instrument,
                    expected=f"one {quantity} in all records of the folder",
                    found=counted(sorted(values)),
                    next_step="Run all stages again, on one revision, into one fresh run folder.",
                    reason="Records of different runs put side by side prove nothing about either.",
                )
            )
    return findings


def _about_file(
    rule: str,
    *,
    place: str,
    expected: str,
    found: str,
    next_step: str,
    instrument: str = "",
    reason: str = "",
    outcome: Outcome = Outcome.INCONCLUSIVE,
) -> Finding:
    """Return a finding about a file. That a run is not whole says nothing of the change: it decides nothing, ever."""
    return Finding(
        rule=rule,
        outcome=outcome,
        instrument=instrument,
        place=place,
        expected=expected,
        found=found,
        next_step=next_step,
        reason=reason,
    )
