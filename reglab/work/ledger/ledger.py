"""The ledger: the work counters that were accepted, one file a scenario, and why."""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from reglab.counters.calls import PYTHON_CALLS
from reglab.counters.engine.definition import CounterMetric, Kept
from reglab.errors import AuditError
from reglab.report.records import Measurement
from reglab.work.ledger.scenario_file import KNOWN_PROBLEMS, ScenarioLedger, read_scenario
from reglab.work.ledger.sections import Sections


class Ledger:
    """A folder of accepted counters, seen from where this process runs."""

    def __init__(self, *, path: Path, scenarios: Mapping[str, ScenarioLedger], sections: Sections) -> None:
        self.path = path
        self.sections = sections
        self._scenarios = dict(scenarios)
        self._is_new: dict[str, bool] = {}
        self._variants: dict[str, frozenset[str]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever accepted: there is no ledger."""
        return not self._scenarios

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios that the ledger holds."""
        return tuple(sorted(self._scenarios))

    def scenario(self, name: str) -> ScenarioLedger:
        """Return what was accepted for a scenario; an empty ledger where nothing was."""
        return self._scenarios.get(name) or ScenarioLedger()

    def has_section(self, section: str) -> bool:
        """Tell whether anything was ever accepted there."""
        return any(each.counters.get(section) for each in self._scenarios.values())

    def knows(self, name: str, metric: CounterMetric) -> bool:
        """Tell whether a scenario was accepted where a metric stands: what is not there then counts as 0.

        A section that others have, and a known scenario has not, says that nothing of it was accepted.
        """
        section, known = self.sections.of(metric), self.scenario(name).counters
        if not self.sections.may_gate(metric) or self.is_new(metric):
            return False
        if known.get(section):
            return True
        return metric.is_parted and bool(known.get(self.sections.base)) and self.has_section(section)

    def is_new(self, metric: CounterMetric) -> bool:
        """Tell whether no scenario was ever accepted with this metric: its counter is younger than the ledger.

        Known only of metrics that are written down as 0 where they do not occur, and not of the planner's: its
        findings may all be known problems, which stand elsewhere.
        """
        if not metric.is_zero_when_absent or metric.kept is Kept.SERVER:
            return False
        if metric.name not in self._is_new:
            section = self.sections.of(metric)
            self._is_new[metric.name] = self.has_section(section) and not any(
                metric.name in self.metrics(scenario=name, section=section) for name in self._scenarios
            )
        return self._is_new[metric.name]

    def accepted(self, measurement: Measurement) -> int | None:
        """Return the accepted value of a measurement, or None where nobody accepted one."""
        section = self._section(measurement)
        entry = self.scenario(measurement.scenario).counters.get(section, {}).get(key_of(measurement))
        return None if entry is None else entry.at(measurement.variant)

    def has_variant(self, name: str, variant: str) -> bool:
        """Tell whether a scenario was accepted at a size: one whose every value is the same at all sizes is, at any."""
        if name not in self._variants:
            entries = (entry for section in self.scenario(name).counters.values() for entry in section.values())
            values = [entry.value for entry in entries if not isinstance(entry.value, int)]
            self._variants[name] = frozenset(chain.from_iterable(values))
        return not self._variants[name] or variant in self._variants[name]

    def is_unstable(self, measurement: Measurement) -> bool:
        """Tell whether a counter was accepted as one that differs between two builds of the same data."""
        return key_of(measurement) in self.scenario(measurement.scenario).unstable.get(self._section(measurement), {})

    def statements(self, *, scenario: str, variant: str) -> dict[str, int]:
        """Return the statements that the scenario was accepted with, and how often each ran, on this Django."""
        texts = self.scenario(scenario).statements.get(self.sections.statements, {})
        counts = {text: count if isinstance(count, int) else count.get(variant, 0) for text, count in texts.items()}
        return {text: count for text, count in counts.items() if count}

    def all_statements(self) -> frozenset[str]:
        """Return every statement that any scenario was accepted with, on this Django."""
        return frozenset(
            text for each in self._scenarios.values() for text in each.statements.get(self.sections.statements, {})
        )

    def functions(self, *, scenario: str) -> dict[str, int]:
        """Return how often the project's functions were entered at the scenario's largest variant, as accepted here."""
        texts = self.scenario(scenario).statements.get(self.sections.of(PYTHON_CALLS), {})
        return {text: count for text, count in texts.items() if isinstance(count, int)}

    def parts(self, *, scenario: str, metric: CounterMetric) -> tuple[str, ...]:
        """Return the accepted parts of a metric of a scenario."""
        start = f"{metric.name} "
        keys = self.scenario(scenario).counters.get(self.sections.of(metric), {})
        return tuple(key.removeprefix(start) for key in keys if key.startswith(start))

    def metrics(self, *, scenario: str, section: str) -> set[str]:
        """Return the accepted metrics of a scenario in a section."""
        return {key.partition(" ")[0] for key in self.scenario(scenario).counters.get(section, {})}

    def stale(self, scenarios: Iterable[str]) -> tuple[str, ...]:
        """Return the scenarios of the ledger that the suite no longer has."""
        return tuple(sorted(self._scenarios.keys() - set(scenarios)))

    def copied_to(self, path: Path) -> "Ledger":
        """Return a ledger that holds the same, and writes into another folder."""
        return Ledger(path=path, scenarios=self._scenarios, sections=self.sections)

    def write(self, name: str, scenario: ScenarioLedger) -> None:
        """Keep and write what is accepted for one scenario; no other file is touched."""
        self._scenarios[name] = scenario
        self._variants.pop(name, None)
        self._is_new.clear()
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"{name}.json"
        temporary = path.with_suffix(".json.unfinished")
        temporary.write_text(scenario.text(), encoding="utf-8")
        temporary.replace(path)

    def remove(self, name: str) -> None:
        """Forget a scenario that the suite no longer has."""
        del self._scenarios[name]
        self._variants.pop(name, None)
        (self.path / f"{name}.json").unlink(missing_ok=True)

    def _section(self, measurement: Measurement) -> str:
        metric = measurement.metric
        return self.sections.of(metric) if isinstance(metric, CounterMetric) else self.sections.base


def read_ledger(path: Path, *, reference_python: str) -> Ledger:
    """Read the ledger's folder; one that does not exist yet is empty. Raises AuditError where it cannot be believed."""
    if path.is_file():
        raise AuditError(
            f"{path}: the ledger is a folder with one file a scenario; name a folder (`ledger` of the suite or of "
            "[tool.reglab]), and accept into it"
        )
    files = sorted(file for file in path.glob("*.json") if file.name != KNOWN_PROBLEMS)
    scenarios = {file.stem: read_scenario(file) for file in files}
    return Ledger(path=path, scenarios=scenarios, sections=Sections(reference_python=reference_python))


def key_of(measurement: Measurement) -> str:
    """Return how a scenario's file calls a counter: metric, and part where there is one."""
    return f"{measurement.metric.name} {measurement.part}".strip()
