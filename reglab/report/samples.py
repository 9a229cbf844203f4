"""Samples: what the rules judge, taken from the measurements of validated records."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from reglab.metrics import METRICS, Metric
from reglab.report.records import Completion, Evidence, Number, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All values of one metric for one scenario, part and variant, with the declaration of the metric itself.

    `is_cut_short` says that its stage was interrupted: what is too little may only be what was not measured yet.
    """

    instrument: str
    scenario: str
    endpoint: str
    metric: Metric
    part: str
    variant: str
    values: tuple[Number, ...]
    accepted: Number | None
    gates: bool
    evidence: tuple[Evidence, ...]
    is_cut_short: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes a sample one: two samples of one run with equal identities contradict each other."""
        return (self.instrument, self.scenario, self.endpoint, self.metric.name, self.part, self.variant)

    @property
    def median(self) -> Number:
        """The median of the values; for a work counter, which has one value, that value itself."""
        return self.values[0] if len(self.values) == 1 else median(self.values)


def samples_of(records: Iterable[Record]) -> tuple[Sample, ...]:
    """Return the samples of `records`, in the order in which they were recorded."""
    return tuple(
        Sample(
            instrument=record.header.instrument,
            scenario=line.scenario,
            endpoint=line.endpoint,
            metric=METRICS[line.metric],
            part=line.part,
            variant=line.variant,
            values=line.values,
            accepted=line.accepted,
            gates=line.gates,
            evidence=line.evidence,
            is_cut_short=record.footer.completion is Completion.INTERRUPTED,
        )
        for record in records
        for line in record.measurements
    )
