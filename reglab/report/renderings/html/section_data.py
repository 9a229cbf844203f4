"""Parts of a verdict by section of the page: an endpoint each, and one for all that has little to show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reglab.metrics import Shown
from reglab.report.findings import Finding
from reglab.report.history.trends import Trend
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement, Profile, Series
from reglab.report.verdict import Verdict

REST: Final = "Everything else that was measured"


@dataclass(slots=True, kw_only=True)
class Material:
    """The findings, samples, series, trends and profiles of one section, in the verdict's order."""

    findings: list[Finding] = field(default_factory=list)
    samples: list[Measurement] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)

    @property
    def open_findings(self) -> list[Finding]:
        """The findings that somebody has to read."""
        return [each for each in self.findings if each.outcome is not Outcome.PASS]

    @property
    def tells(self) -> bool:
        """Whether there is more to see than counts that were kept: a finding, a statement, a write, a curve, a time."""
        return bool(self.open_findings or self.series) or any(_tells(sample) for sample in self.samples)

    def add(self, other: "Material") -> None:
        """Take in what belongs to another section."""
        self.findings += other.findings
        self.samples += other.samples
        self.series += other.series
        self.trends += other.trends
        self.profiles += other.profiles


def material_of(verdict: Verdict) -> dict[str, Material]:
    """Return the material of each section by its title: the endpoint, or the scenario of what has no endpoint.

    Sections that tell nothing by themselves, such as a hundred races that ended well, share one.
    """
    found: dict[str, Material] = {}

    def of(name: str) -> Material:
        return found.setdefault(name, Material())

    for finding in verdict.findings:
        of(_name(finding.endpoint, finding.scenario)).findings.append(finding)
    for sample in verdict.samples:
        of(_name(sample.endpoint, sample.scenario)).samples.append(sample)
    for line in (line for record in verdict.records for line in record.series):
        of(_name(line.endpoint, line.scenario)).series.append(line)
    for profile in (each for record in verdict.records for each in record.profiles):
        of(_name(profile.endpoint, profile.scenario)).profiles.append(profile)
    found.pop("", None)  # a finding about a file, which stands in the list of findings
    for trend in verdict.trends:
        if material := found.get(_name(trend.quantity.endpoint, trend.quantity.scenario)):
            material.trends.append(trend)
    return dict(_with_one_rest(found))


def _name(endpoint: str, scenario: str) -> str:
    return endpoint or scenario


def _with_one_rest(found: dict[str, Material]) -> Iterator[tuple[str, Material]]:
    silent = [name for name, material in found.items() if not material.tells]
    yield from ((name, material) for name, material in found.items() if material.tells or len(silent) == 1)
    if len(silent) > 1:
        rest = Material()
        for name in silent:
            rest.add(found[name])
        yield REST, rest


def _tells(sample: Measurement) -> bool:
    if sample.metric.shown is Shown.WRITES:
        return bool(sample.part or sample.median)
    return sample.instrument == "load" or sample.metric.name == "seconds" or _has_statements(sample)


def _has_statements(sample: Measurement) -> bool:
    return sample.metric.shown is Shown.STATEMENTS and any(each.kind == "statement" for each in sample.evidence)
