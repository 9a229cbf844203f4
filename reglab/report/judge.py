"""The judge: from the records of a run and a policy to one verdict. The only place that decides."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from reglab.git.code_host import NO_HOST, CodeHost
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome, worst
from reglab.report.policy import Policy
from reglab.report.record_files import now
from reglab.report.records import Completion, Measurement, Record, RemarkKind, measurements_of
from reglab.report.rules.unnamed import unnamed_counters
from reglab.report.run_loader import Collection, collect
from reglab.report.runs import declared_stages, ledger_patch
from reglab.report.verdict import Verdict

_REMARK_OUTCOMES = {
    RemarkKind.NOTE: Outcome.NOTE,
    RemarkKind.WARNING: Outcome.NOTE,
    RemarkKind.INCONCLUSIVE: Outcome.INCONCLUSIVE,
    RemarkKind.FAIL: Outcome.FAIL,
    RemarkKind.UNSAFE: Outcome.INCONCLUSIVE,
}


def judge(
    folder: Path, policy: Policy, *, only: tuple[str, ...] = (), judged_at: str = "", host: CodeHost = NO_HOST
) -> Verdict:
    """Judge one run folder. Raises RunError where there is nothing to judge.

    `only` judges some instruments and leaves the others out, for a stage that runs alone; the verdict says so.
    """
    verdict = assemble(collect(folder, policy, only=only), policy, only=only, judged_at=judged_at or now())
    verdict = replace(verdict, ledger_patch=ledger_patch(folder) if _has_work(verdict) else "", host=host)
    return verdict if only or declared_stages(folder) else replace(verdict, only=_alone(verdict, policy))


def _has_work(verdict: Verdict) -> bool:
    return any(record.header.instrument == "work" for record in verdict.records)


def assemble(collection: Collection, policy: Policy, *, judged_at: str, only: tuple[str, ...] = ()) -> Verdict:
    """Apply `policy` to records that were read before, and come to the verdict."""
    records = collection.records
    samples = measurements_of(records)
    findings = [
        *collection.findings,
        *_ruled(policy, samples, records),
        *_partial(records, is_alone=bool(only)),
        # A rule names endpoint, counter and line; a remark is often what came of the same fault elsewhere.
        *(finding for record in records for finding in _remarks(record)),
    ]
    findings = [_unblamed(finding, records) for finding in findings]
    return Verdict(
        outcome=worst(finding.outcome for finding in findings),
        findings=worst_first(findings),
        samples=samples,
        records=records,
        run=records[0].header.run if records else Path(collection.folder).name,
        folder=collection.folder,
        policy=policy.digest,
        judged_at=judged_at,
        only=only,
        changes=policy.changes,
        replaced=policy.replaced,
    )


def _unblamed(finding: Finding, records: Iterable[Record]) -> Finding:
    """Return a failure as undecided where its instrument met another target than the one that it was meant for."""
    unsafe = {record.header.instrument for record in records if record.is_unsafe}
    is_blamed = finding.outcome is Outcome.FAIL and finding.instrument in unsafe
    return replace(finding, outcome=Outcome.INCONCLUSIVE) if is_blamed else finding


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, then by the order of the rules; of one rule, what names an endpoint before what sums up all."""
    ranks = {rule: rank for rank, rule in enumerate(dict.fromkeys(finding.rule for finding in findings))}
    return tuple(sorted(findings, key=lambda found: (-found.outcome.severity, ranks[found.rule], not found.endpoint)))


def _alone(verdict: Verdict, policy: Policy) -> tuple[str, ...]:
    """Name the instruments of a run that no gate has made, where the policy knows more: a pass is of these alone."""
    judged = tuple(record.header.instrument for record in verdict.records)
    return () if {demand.instrument for demand in policy.record} <= set(judged) else judged


def _ruled(policy: Policy, samples: tuple[Measurement, ...], records: Iterable[Record]) -> list[Finding]:
    """Apply each rule whose instrument left a record; a record that is not there is a finding of its own already."""
    by_instrument = {record.header.instrument: record for record in records}
    findings = []
    for rule in (*policy.rule, *unnamed_counters(policy.rule, samples)):
        record = by_instrument.get(rule.instrument)
        if record is None:
            continue
        selected = [sample for sample in samples if rule.selects(sample)]
        if selected:
            findings.extend(rule.findings(selected))
        elif record.footer.completion is not Completion.INTERRUPTED:
            # What an interrupted stage did not come to is not a breach; that it was interrupted is inconclusive.
            is_left_out = record.header.left_out.issuperset(rule.metrics)
            asked = f"only {record.header.chosen!r} was asked for" if record.header.chosen else ""
            chosen = asked or ("the suite's `without` leaves it out" if is_left_out else "")
            findings.append(rule.without_samples(samples, chosen=chosen))
    return findings


def _partial(records: Iterable[Record], *, is_alone: bool) -> list[Finding]:
    """Say which records hold a part alone: for one who asked for it a note, in a whole run a hole."""
    return [
        Finding(
            rule="record-whole",
            outcome=Outcome.NOTE if is_alone else Outcome.INCONCLUSIVE,
            expected="all that the stage measures",
            found=f"only what {record.header.chosen!r} chose",
            instrument=record.header.instrument,
            scenario=record.header.instrument,
            next_step="" if is_alone else f"Run the stage {record.header.instrument!r} without --only.",
        )
        for record in records
        if record.header.chosen
    ]


def _remarks(record: Record) -> list[Finding]:
    return [
        Finding(
            rule=f"{record.header.instrument}-{remark.kind.value}",
            outcome=_REMARK_OUTCOMES[remark.kind],
            expected="nothing to remark" if remark.kind is not RemarkKind.UNSAFE else "a target proven to be for tests",
            found=remark.text,
            instrument=record.header.instrument,
            scenario=remark.scenario,
            next_step=remark.next_step,
        )
        for remark in record.remarks
    ]
