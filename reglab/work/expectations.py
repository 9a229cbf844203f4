"""Expectations of an audit: the ledger, the known problems and the rules that it is held against."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from reglab.config.ledger_path import ledger_path
from reglab.config.project import Project
from reglab.config.suite import SuiteFile
from reglab.console import Console
from reglab.counters.engine.point_bench import Taking
from reglab.report.policy import Policy
from reglab.report.records import Measurement
from reglab.work.audit import Audit
from reglab.work.counter_table import is_in_ledger
from reglab.work.ledger.acceptance import accept
from reglab.work.ledger.acceptance_summary import outdated_sections, summary_of
from reglab.work.ledger.known_problems import (
    KnownProblems,
    causes_of_known,
    identity_of,
    is_unserved_predicate,
    known_from,
    problems_of,
    read_known,
)
from reglab.work.ledger.ledger import Ledger, read_ledger
from reglab.work.recording.record import AUDIT, Line, lines_of
from reglab.work.stability import Stability


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What an audit is held against: the ledger with its known problems, under the rules of the policy."""

    ledger: Ledger
    known: KnownProblems
    policy: Policy

    @property
    def stability(self) -> Stability:
        """The tolerances of the policy's rules."""
        return Stability(self.policy.rule)

    def lines(self, measured: Audit) -> list[Line]:
        """Return the record's lines, what is known taken for a note."""
        return list(lines_of(measured, self.ledger, stability=self.stability, known=self.known))

    def settled(self, scenario: str, variant: str, taking: Taking) -> frozenset[str]:
        """Return the metrics of a taking whose every count its rule accepts: a second look could only confirm it."""
        stability, found = self.stability, dict[str, bool]()
        for count in taking.counts:
            if is_in_ledger(count.metric, count.part):
                line = replace(count, scenario=scenario, variant=variant)
                accepted = None if self.ledger.is_unstable(line) else self.ledger.accepted(line)
                is_accepted = accepted is not None and stability.allows(line, accepted=accepted)
                found[count.metric.name] = found.get(count.metric.name, True) and is_accepted
        return frozenset(name for name, is_accepted in found.items() if is_accepted)

    def accept(self, measured: Audit, *, why: str, console: Console, is_first: bool) -> None:
        """Accept what was measured, but what is known or, of a first audit, a problem; print what changed."""

        def spare(measurement: Measurement) -> bool:
            return self.known.covers(measurement) or (is_first and is_unserved_predicate(measurement))

        changes = accept(measured, self.ledger, why=why, stability=self.stability, spare=spare)
        for line in (*summary_of(changes, self.ledger.path, why=why), *outdated_sections(changes, self.ledger)):
            console.tell(line)

    def problems(self, lines: Iterable[Line]) -> list[Measurement]:
        """Return which of a record's lines break a rule whatever the ledger holds, and are not known."""
        open_lines = (line for line in lines if isinstance(line, Measurement) and line.gates)
        return [line for line, _ in problems_of(open_lines, self.policy.rule)]

    def knowing(self, measured: Audit, *, newly: Collection[str]) -> "Expectations":
        """Return the expectations without the problems that are gone, and with those of the scenarios in `newly`."""
        lines = lines_of(measured, self.ledger, stability=self.stability)
        problems = problems_of((line for line in lines if isinstance(line, Measurement)), self.policy.rule)
        names = [result.scenario.name for result in measured.results]
        present = {identity_of(line): causes_of_known(line, found) for line, found in problems}
        in_suite = self.known.within({AUDIT, *(one.name for one in measured.suite.suite.scenario)})
        left = in_suite.without(names, present).with_causes(present)
        known = left.joined(known_from((line, found) for line, found in problems if line.scenario in newly))
        if known != self.known:
            known.write(self.ledger.path)
        return replace(self, known=known)


def expectations_of(file: SuiteFile, project: Project, policy: Policy) -> Expectations:
    """Read what an audit with this suite is held against. Raises AuditError."""
    path = ledger_path(file, project)
    return Expectations(
        ledger=read_ledger(path, reference_python=project.reference_python), known=read_known(path), policy=policy
    )
