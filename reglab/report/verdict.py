"""The verdict: the worst finding of one run under one policy, with everything that a rendering shows."""

from collections import Counter
from dataclasses import dataclass

from reglab.git.code_host import NO_HOST, CodeHost
from reglab.report.causes.cause import Cause
from reglab.report.causes.grouping import causes_of
from reglab.report.findings import Finding, plural
from reglab.report.history.trends import Trend
from reglab.report.outcomes import EXIT_CODES, EXIT_COULD_NOT_RUN, Outcome
from reglab.report.records import Measurement, Record
from reglab.report.rules.changes import RuleChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge decided and why. Renderings read it and decide nothing.

    `findings` are worst first, and in the policy's order within one outcome. `only` names the instruments that were
    judged where not all were. `changes` are those that the project made to the package's rules, `replaced` the reason
    of a policy that stands alone. `trends` are advice from the history, which decided nothing. `ledger_patch` is the
    change of the ledger that accepts what the work audit measured, for the case that it is meant. `host` is where a
    CI job's reports are read.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    samples: tuple[Measurement, ...]
    records: tuple[Record, ...]
    run: str
    folder: str
    policy: str
    judged_at: str
    only: tuple[str, ...] = ()
    changes: tuple[RuleChange, ...] = ()
    replaced: str = ""
    trends: tuple[Trend, ...] = ()
    ledger_patch: str = ""
    host: CodeHost = NO_HOST

    @property
    def is_unsafe(self) -> bool:
        """Whether a load met a target that did not prove to be for tests: that is no word on the change."""
        return any(record.is_unsafe for record in self.records)

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive; 2 where nothing failed, and a load's target did not prove itself."""
        is_proven_bad = self.outcome is Outcome.FAIL
        return EXIT_COULD_NOT_RUN if self.is_unsafe and not is_proven_bad else EXIT_CODES[self.outcome]

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that somebody has to read: all but the passes."""
        return tuple(finding for finding in self.findings if finding.outcome is not Outcome.PASS)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What fails or is undecided, by its cause; the worst first, improvements last."""
        return causes_of(self.findings)

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many findings came to each outcome; each outcome is there."""
        tally = Counter(finding.outcome for finding in self.findings)
        return {outcome: tally[outcome] for outcome in Outcome}

    @property
    def passes_by_rule(self) -> dict[str, list[Finding]]:
        """The passing findings of each rule, in the policy's order."""
        grouped: dict[str, list[Finding]] = {}
        for finding in self.findings:
            if finding.outcome is Outcome.PASS:
                grouped.setdefault(finding.rule, []).append(finding)
        return grouped

    @property
    def summary(self) -> str:
        """The verdict in one sentence, for a title or a last line."""
        counts = self.counts
        parts = [f"{counts[outcome]:,} {outcome.value}" for outcome in reversed(Outcome) if counts[outcome]]
        limits = f", {' and '.join(self.only)} only" if self.only else ""
        causes = f"; {plural(len(self.causes), 'cause')}" if self.causes else ""
        is_unsafe = self.exit_code == EXIT_COULD_NOT_RUN
        return f"{'UNSAFE' if is_unsafe else self.outcome.value.upper()}: {', '.join(parts)}{limits}{causes}"
