"""Bench of one point: every set of counters over one scenario, on the databases of one size of the data."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from django.db import connections

from reglab.config.suite import Scenario, SuiteFile
from reglab.counters.engine.counter_sets import counter_sets, repeated
from reglab.counters.engine.definition import Depth
from reglab.counters.engine.execution import WARM_UPS, Execution, Executor
from reglab.counters.engine.registry import counted_metrics
from reglab.counters.engine.write_sets import Breach, breaches, written
from reglab.project.data.databases import own_aliases
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.data.driver import CounterError
from reglab.project.requests.binding import bound_values
from reglab.project.requests.refusals import refusals_noted
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.test_client import Request
from reglab.project.source_lines import ProjectFrames
from reglab.project.tracebacks import raised_at
from reglab.report.records import Measurement

# Beginnings of an answer that is a page, or nothing: neither tells why it is not the one that was declared.
_SAY_NOTHING: Final = ("<", "(an empty body)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Counts of all sets of counters over one scenario at one point, once. `complaint`: why they mean nothing.

    `raised_at` are the project's lines of the exception behind it, innermost first.
    """

    counts: tuple[Measurement, ...] = ()
    breaches: tuple[Breach, ...] = ()
    remarks: tuple[str, ...] = ()
    status: int = 0
    complaint: str = ""
    raised_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBench:
    """Takes scenarios on the databases of one point."""

    file: SuiteFile
    point: Point
    executor: Executor
    frames: ProjectFrames

    def take(
        self,
        scenario: Scenario,
        *,
        is_first: bool,
        depth: Depth | None = None,
        settled: AbstractSet[str] = frozenset(),
    ) -> Taking:
        """Execute every set of counters over the scenario, each on the same rows.

        The first time it is warmed up before. `depth` says how much is counted, where it is not the point that does. A
        counter with an execution to itself is left out where all its metrics are `settled`.
        """
        values = bound_values(self.file, scenario, sizes=self.point.sizes)
        requests = prepared(self.file.suite, scenario, values)
        if is_first:
            warm = self.executor.warm_up(requests, times=WARM_UPS if self._is_first_point else 1)
            if warm.complaint:
                status = warm.answers[-1].status if warm.answers else 0
                said = self._explained(warm.complaint, status, requests)
                return Taking(complaint=said, status=status, raised_at=self._raised_at(warm))
        counts: list[Measurement] = []
        remarks: list[str] = []
        status = 0
        left_out = {exception.counter for exception in scenario.without}
        depth = self._depth(is_first=is_first) if depth is None else depth
        connections_here = [connections[alias] for alias in own_aliases()]
        not_again = left_out | settled
        for counted in counter_sets(connections_here, frames=self.frames, without=not_again, depth=depth):
            try:
                done = self.executor.execute(requests, counted)
            except CounterError as error:
                remarks.append(f"the counters {counted.name!r} cannot be run here: {error}")
                continue
            status = done.answers[-1].status if done.answers else 0
            if done.complaint:
                return Taking(complaint=done.complaint, status=status, raised_at=self._raised_at(done))
            counts.extend(done.counts)
            remarks.extend(counted.remarks)
        counts.extend(
            repeated(lambda: self.executor.execute(requests), frames=self.frames, without=left_out, depth=depth)
        )
        self.executor.clean_up()
        seen = {count.metric.name for count in counts}
        # Counted by part: where there is none, the sum of all parts is 0, and has to be there to be judged.
        counts.extend(
            Measurement(metric=metric, values=(0,))
            for metric in counted_metrics()
            if metric.is_zero_when_absent and metric.name not in seen
        )
        return Taking(
            # Of a set that counts several things at once some may be left out.
            counts=tuple(count for count in counts if count.metric.name not in left_out),
            breaches=breaches(scenario, written(counts), values=values),
            remarks=tuple(remarks),
            status=status,
        )

    def _raised_at(self, execution: Execution) -> tuple[str, ...]:
        return raised_at(execution.error.__traceback__, self.frames) if execution.error is not None else ()

    def _explained(self, complaint: str, status: int, requests: tuple[Request, ...]) -> str:
        """Put in the place of a page's first line what refused the request: a form's errors, or an exception's line."""
        declared, _, said = complaint.partition(": ")
        if not said.startswith(_SAY_NOTHING):
            return complaint
        with refusals_noted(self.frames) as refusals:
            self.executor.execute(requests)
        reason = refusals.by_status.get(status) or (refusals.form and f"the form has errors: {refusals.form}")
        return f"{declared}: {reason}" if reason else complaint

    @property
    def _is_first_point(self) -> bool:
        """Whether no other size is measured before: then nothing of the code is warm yet."""
        return self.point == points_of(self.file.suite.axes)[0]

    def _depth(self, *, is_first: bool) -> Depth:
        """Python's own work is slow to count: along the first axis alone, and its memory only once."""
        if is_first and self._is_first_point:
            return Depth.MEMORY
        is_main = self.point.axis == next(iter(self.file.suite.axes), "")
        return Depth.PYTHON if is_main else Depth.DATABASE
