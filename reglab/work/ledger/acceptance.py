"""Acceptance: what was measured becomes what is expected, scenario by scenario, with a reason for each change."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reglab.counters.calls import PYTHON_CALLS
from reglab.counters.engine.definition import CounterMetric
from reglab.counters.engine.registry import declared
from reglab.report import checksums
from reglab.report.findings import formatted
from reglab.report.records import Measurement
from reglab.report.rules.accepted import NO_FIELD
from reglab.work.audit import Audit, Result
from reglab.work.called_functions import called_most
from reglab.work.counter_table import Table, is_in_ledger, measured_variants, statements_at, table_of
from reglab.work.evidence_ranking import by_surplus
from reglab.work.ledger.ledger import Ledger, key_of
from reglab.work.ledger.scenario_file import Accepted, ScenarioLedger, Values, compact
from reglab.work.stability import Stability

Spare = Callable[[Measurement], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One accepted change of the ledger, in words: "queries 3 → 4 at orders.py:41"."""

    scenario: str
    text: str
    is_new_scenario: bool = False
    is_gone: bool = False


def accept(
    audit: Audit, ledger: Ledger, *, why: str, stability: Stability, spare: Spare = lambda _: False
) -> tuple[Change, ...]:
    """Take what an audit measured as accepted, and write the files of the scenarios that changed, no others.

    A value within its rule's tolerance of the accepted one stays as it is: drift is never re-based. A counter that
    disagrees with itself beyond that is kept as unstable, by name. Scenarios that were not measured keep what they
    have; those that the suite no longer has go. What `spare` picks out is a problem, and is not accepted.
    """
    changes: list[Change] = []
    for result in audit.results:
        if any(measured_variants(result)):
            changes += _accept_scenario(result, ledger, why=why, stability=stability, spare=spare)
    for name in ledger.stale(scenario.name for scenario in audit.suite.suite.scenario):
        ledger.remove(name)
        changes.append(Change(scenario=name, text="gone from the suite, and from the ledger", is_gone=True))
    return tuple(changes)


def _accept_scenario(
    result: Result, ledger: Ledger, *, why: str, stability: Stability, spare: Spare
) -> Iterator[Change]:
    name, table = result.scenario.name, table_of(result)
    present = ledger.scenario(name)
    found = _Found(table=table, ledger=ledger, present=present, stability=stability, spare=spare)
    after = present.model_copy(deep=True)
    texts: list[str] = []
    for section in found.sections:
        counters, unstable = after.counters.setdefault(section, {}), after.unstable.setdefault(section, {})
        texts += found.take(section, counters, unstable, why=why)
    evidence = {ledger.sections.statements: _statements(result, table)}
    if ledger.sections.may_gate(PYTHON_CALLS) and (functions := called_most(table)):
        evidence[ledger.sections.of(PYTHON_CALLS)] = dict[str, Values](functions)
    if not texts:
        # Equal counters, and yet no cause could be told by its difference on this Django, or this interpreter.
        new = (section for section, counts in evidence.items() if counts and section not in present.statements)
        texts += [f"statements and calls as {section.partition(' ')[2]} has them" for section in new][:1]
    if texts:
        after.statements |= evidence
        ledger.write(name, after)
    if not present.counters and texts:
        yield Change(scenario=name, text=f"new, {len(texts)} counters", is_new_scenario=True)
    else:
        yield from (Change(scenario=name, text=text) for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    table: Table
    ledger: Ledger
    present: ScenarioLedger
    stability: Stability
    spare: Spare

    @property
    def sections(self) -> list[str]:
        return sorted({self.ledger.sections.of(metric) for metric, _ in self._quantities()})

    def take(self, section: str, counters: dict[str, Accepted], unstable: dict[str, str], *, why: str) -> Iterator[str]:
        """Bring one section up to date, and say what changed."""
        measured = set()
        for metric, part in self._quantities():
            if self.ledger.sections.of(metric) != section:
                continue
            cells = self.table[metric, part]
            key = key_of(next(iter(cells.values())))
            measured.add(key)
            if key in unstable or any(self.spare(cell) for cell in cells.values()):
                continue
            if not all(self.stability.is_stable(cell) for cell in cells.values()):
                unstable[key] = "; ".join(
                    f"{' and '.join(map(str, dict.fromkeys(cell.values)))} at {variant}".removesuffix(" at ")
                    for variant, cell in cells.items()
                    if not self.stability.is_stable(cell)
                )
                counters.pop(key, None)
                yield f"{key} is unstable ({unstable[key]}): it never gates"
                continue
            entry = counters.get(key)
            value = self._value(cells, entry)
            if entry is None or entry.value != value:
                counters[key] = Accepted(value=value, why=why)
                yield f"{key} {_told(entry, value, _words_of(key))}{self._place(metric, part)}"
        for key in [key for key in counters if key not in measured]:
            yield f"{key} {_told(counters.pop(key), 0, _words_of(key))}"
        for key in [key for key in unstable if key not in measured]:
            del unstable[key]
            yield f"{key} is gone, and was unstable"

    def _quantities(self) -> Iterator[tuple[CounterMetric, str]]:
        for (metric, part), cells in self.table.items():
            if not isinstance(metric, CounterMetric) or not is_in_ledger(metric, part):
                continue
            if cells and self.ledger.sections.may_gate(metric):
                yield metric, part

    def _value(self, cells: Mapping[str, Measurement], entry: Accepted | None) -> Values:
        """Keep what was accepted where the rule allows what was measured; take the typical value elsewhere."""
        values = {}
        for variant, cell in cells.items():
            accepted = entry.at(variant) if entry else None
            keeps = accepted is not None and self.stability.allows(cell, accepted=accepted)
            values[variant] = accepted if keeps and accepted is not None else self.stability.typical(cell)
        return compact(values)

    def _place(self, metric: CounterMetric, part: str) -> str:
        """Return " at FILE:LINE" of the evidence that comes first."""
        cells = self.table[metric, part]
        variant, cell = max(cells.items(), key=lambda item: item[1].value)
        evidence = cell.evidence
        if metric.has_statements:
            accepted = self.ledger.statements(scenario=cell.scenario, variant=variant)
            evidence = by_surplus(evidence, accepted, sent=statements_at(self.table, variant))
        source = next((one.source for one in evidence[:1] if one.source), "")
        return f" at {source.partition(' in ')[0]}" if source else ""


def _words_of(key: str) -> Callable[[int], str]:
    """Return how the numbers of a counter are written: of an answer as the values behind its checksums."""
    metric = declared(key.partition(" ")[0])
    return _of_checksum if metric is not None and metric.unit == checksums.UNIT else formatted


def _of_checksum(checksum: int) -> str:
    return (checksums.value_behind(checksum) or "other values") if checksum else NO_FIELD


def _told(entry: Accepted | None, value: Values, words: Callable[[int], str]) -> str:
    """Say what changed: "3 → 4", or only the sizes at which it did."""
    if entry is None:
        return f"new: {_worded(value, words)}"
    if isinstance(entry.value, int) and isinstance(value, int):
        return f"{words(entry.value)} → {words(value)}"
    variants = value if isinstance(value, dict) else entry.value if isinstance(entry.value, dict) else {}
    after = Accepted(value=value, why="")
    moved = [
        f"{words(entry.at(variant) or 0)} → {words(after.at(variant) or 0)} at {variant}"
        for variant in variants
        if entry.at(variant) != after.at(variant)
    ]
    return ", ".join(moved) or _worded(value, words)


def _worded(value: Values, words: Callable[[int], str]) -> str:
    if isinstance(value, int):
        return words(value)
    return ", ".join(f"{words(each)} at {variant}" for variant, each in value.items())


def _statements(result: Result, table: Table) -> dict[str, Values]:
    """Return how often each statement ran, by its text and variant."""
    counts = {variant: statements_at(table, variant) for variant, _ in measured_variants(result)}
    texts = dict.fromkeys(text for by_text in counts.values() for text in by_text)
    return {text: compact({variant: by_text.get(text, 0) for variant, by_text in counts.items()}) for text in texts}
