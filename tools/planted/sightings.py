"""First finding of an instrument when something was planted: enough to judge it now, and again from a file later."""

from dataclasses import asdict, dataclass
from tempfile import gettempdir
from typing import Any, Self

from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.renderings.headlines import source_of
from reglab.report.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The outcome of one run, the finding that its reports show first, and how many causes they tell.

    `complaint` says why there was no verdict.
    """

    outcome: str = ""
    rule: str = ""
    endpoint: str = ""
    metric: str = ""
    told: str = ""
    complaint: str = ""
    causes: int = 0

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Keep what the finding says that every report shows first; a passing verdict says nothing."""
        if verdict.outcome is Outcome.PASS:
            return cls(outcome=Outcome.PASS.value)
        cause = verdict.causes[0]
        first = cause.first
        return cls(
            outcome=verdict.outcome.value,
            rule=first.rule,
            endpoint=first.endpoint,
            metric=first.metric,
            # With the line that every report names, whichever piece of evidence has it.
            told=" ".join(filter(None, (told(first), source_of(cause)))),
            causes=len(verdict.causes),
        )

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `to_json` gave. Raises TypeError for anything else."""
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the sighting as plain values."""
        return asdict(self)

    @property
    def is_pass(self) -> bool:
        """Whether nothing was found."""
        return self.outcome == Outcome.PASS.value

    @property
    def is_fail(self) -> bool:
        """Whether the verdict was a failure: neither inconclusive nor missing."""
        return self.outcome == Outcome.FAIL.value


def told(finding: Finding) -> str:
    """Return everything that a finding says of itself and of its likeliest cause, in one line to search."""
    first = finding.evidence[0] if finding.evidence else None
    cause = f"{first.text} {first.source} {' '.join(first.frames)} {first.table}" if first else ""
    said = f"{finding.quantity}: expected {finding.expected}, found {finding.found}. {cause}"
    # What is kept, and committed, names no folder of the machine that it was seen on.
    return " ".join(said.split()).replace(f"{gettempdir()}/", "")
