"""Rows and blocks that the plans that really ran have read: auto_explain reports them through notices."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Kept
from reglab.counters.queries import EVIDENCE_KEPT
from reglab.project.data.driver import CounterError, Recovery, fetch, is_postgres, is_psycopg3
from reglab.project.statements import shape_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from reglab.project.source_lines import Mark, ProjectFrames

BLOCKS_READ: Final = CounterMetric(
    name="blocks_read",
    unit="blocks",
    meaning="shared buffers hit or read by the plans that really ran",
    kept=Kept.SERVER,
    # Where a new row lands depends on what other rows have left behind.
    unrecorded_parts=frozenset({"writes"}),
    time_rank=4,
    noise_fraction=0.02,
)
PLAN_ROWS: Final = CounterMetric(
    name="plan_rows",
    unit="rows",
    meaning="rows that the plan nodes really produced, filtered-out rows included",
    kept=Kept.SERVER,
    time_rank=5,
)

_SETTINGS: Final = {
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_triggers": "off",
    "auto_explain.log_verbose": "off",
    "auto_explain.log_wal": "off",
    "auto_explain.sample_rate": "1",
    "client_min_messages": "notice",
    # Last, because it is what starts the reports.
    "auto_explain.log_min_duration": "0",
}
_REPORT: Final = "duration: "
_REMOVED: Final = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One node of a plan that ran: `rows` it produced, `removed` it read and dropped, both over all loops."""

    kind: str
    relation: str
    index: str
    rows: int
    removed: int
    condition: str

    def __str__(self) -> str:
        place = f" {self.relation}" if self.relation else ""
        index = f" using {self.index}" if self.index else ""
        removed = f", {self.removed} removed" if self.removed else ""
        condition = f" {self.condition}" if self.condition else ""
        return f"{self.kind}{place}{index} ({self.rows} rows{removed}){condition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun:
    """One execution of one plan. `blocks` are shared buffers hit or read; `is_nested` inside a trigger or function."""

    text: str
    nodes: tuple[PlanNode, ...]
    blocks: int
    rows: int
    is_write: bool
    is_nested: bool
    marks: tuple[Mark, ...]


class PlanCounter:
    """Counts `blocks_read` and `plan_rows` of the plans that really ran (PostgreSQL, as a superuser).

    `blocks_read` has the part "reads" for plans that only read and "writes" for those that insert, update or delete:
    where a new row lands depends on what was rolled back before, so the latter are exact on a fresh clone alone.
    Planning is not in it. `plan_rows` are rows produced plus rows read and dropped, over all nodes; a plan inside a
    trigger or a function counts too. COPY and commands without a plan have no report. Runs inside `atomic()`.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, frames: ProjectFrames) -> None:
        self._connections = [connection for connection in connections if is_postgres(connection)]
        self._frames = frames
        self._undo = ExitStack()
        self._reports: list[tuple[str, bool, tuple[Mark, ...]]] = []
        self._is_counting = False

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            for connection in self._connections:
                self._listen(connection, undo)
            self._undo = undo.pop_all()
        self._is_counting = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_counting = False
        self._undo.close()

    def runs(self) -> tuple[PlanRun, ...]:
        """Return every plan that ran, in the order in which they ended."""
        return tuple(_run(text, is_nested=is_nested, marks=marks) for text, is_nested, marks in self._reports)

    def counts(self) -> tuple[Measurement, ...]:
        """Return blocks and rows; the evidence is by statement, the one with the most rows first."""
        runs = self.runs()
        reads = [run for run in runs if not run.is_write]
        written = [run for run in runs if run.is_write]
        return (
            self._count(BLOCKS_READ, "reads", sum(run.blocks for run in reads), reads),
            self._count(BLOCKS_READ, "writes", sum(run.blocks for run in written), written),
            self._count(PLAN_ROWS, "", sum(run.rows for run in runs), runs),
        )

    def _count(self, metric: CounterMetric, part: str, value: int, runs: Iterable[PlanRun]) -> Measurement:
        groups: dict[str, list[PlanRun]] = {}
        for run in runs:
            groups.setdefault(shape_of(run.text).fingerprint, []).append(run)
        most_first = sorted(groups.values(), key=lambda group: -sum(run.rows for run in group))
        evidence = tuple(self._evidence(group) for group in most_first[:EVIDENCE_KEPT])
        return Measurement(metric=metric, part=part, values=(value,), evidence=evidence)

    def _evidence(self, group: list[PlanRun]) -> Evidence:
        most = max(group, key=lambda run: run.rows)
        shape = shape_of(most.text)
        words = self._frames.words(most.marks)
        total = f"{sum(run.rows for run in group)} rows, {sum(run.blocks for run in group)} blocks"
        plan = "; ".join(map(str, most.nodes))
        return Evidence(
            kind="plan",
            text=f"{shape.text} — {total}: {plan}",
            count=len(group),
            source=words[0] if words else "",
            frames=words[1:],
            table=shape.tables[0] if shape.tables else "",
        )

    def _listen(self, connection: BaseDatabaseWrapper, undo: ExitStack) -> None:
        recovery = Recovery(connection, name="plans")
        recovery.begin()
        undo.callback(recovery.end)
        _load(connection)
        names = list(_SETTINGS)
        values = fetch(connection, f"SELECT {', '.join('current_setting(%s)' for _ in names)}", names)[0]
        self._hear(connection, undo)
        # The savepoint ends first, so that the settings can be put back after an aborted transaction.
        _set(connection, _SETTINGS)
        undo.callback(_restore, connection, recovery, dict(zip(names, values, strict=True)))

    def _hear(self, connection: BaseDatabaseWrapper, undo: ExitStack) -> None:
        driver = connection.connection
        if is_psycopg3(connection):
            driver.add_notice_handler(self._note)
            undo.callback(driver.remove_notice_handler, self._note)
            return
        # psycopg2 appends each notice, as text, to whatever list the connection has.
        undo.callback(setattr, driver, "notices", driver.notices)
        driver.notices = _Notices(self._note_text)

    def _note(self, diagnostic: Any) -> None:
        self._keep(diagnostic.message_primary or "", is_nested=diagnostic.context is not None)

    def _note_text(self, notice: str) -> None:
        message, _, context = notice.partition("\nCONTEXT:")
        self._keep(message.partition(":")[2].strip(), is_nested=bool(context))

    def _keep(self, message: str, *, is_nested: bool) -> None:
        if self._is_counting and message.startswith(_REPORT):
            marks = self._frames.capture(sys._getframe(2))  # noqa: SLF001  # the documented way to a frame
            self._reports.append((message, is_nested, marks))


class _Notices(list[str]):
    """A connection's list of notices that shows each to a counter and keeps none."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__()
        self._note = note

    def append(self, notice: str) -> None:
        self._note(notice)


def _load(connection: Any) -> None:
    try:
        fetch(connection, "LOAD 'auto_explain'")
        # A setting that only a superuser may change; asking is cheaper than failing in the middle.
        fetch(connection, "SELECT set_config('auto_explain.log_min_duration', '-1', true)")
    except connection.Database.Error as error:
        first_line = str(error).splitlines()[0]
        raise CounterError(
            f"Plans cannot be counted on the database {connection.alias!r}: {first_line}. The role must be a superuser"
            " and auto_explain installed; or leave this counter out."
        ) from error


def _set(connection: BaseDatabaseWrapper, values: Mapping[str, str]) -> None:
    """Set all in one statement, which sets them from left to right."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    fetch(connection, f"SELECT {calls}", [text for setting in values.items() for text in setting])


def _restore(connection: BaseDatabaseWrapper, recovery: Recovery, values: Mapping[str, str]) -> None:
    recovery.end()
    # What stops the reports goes first.
    _set(connection, dict(reversed(list(values.items()))))


def _run(message: str, *, is_nested: bool, marks: tuple[Mark, ...]) -> PlanRun:
    report = json.loads(message[message.index("{") :])
    plan = report["Plan"]
    nodes = tuple(_nodes(plan))
    return PlanRun(
        text=report["Query Text"],
        nodes=nodes,
        # A node's buffers contain those of the nodes below it.
        blocks=plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        rows=sum(node.rows + node.removed for node in nodes),
        is_write=any(node.kind == "ModifyTable" for node in nodes),
        is_nested=is_nested,
        marks=marks,
    )


def _nodes(plan: Mapping[str, Any]) -> Iterator[PlanNode]:
    loops = plan["Actual Loops"]
    yield PlanNode(
        kind=plan["Node Type"],
        relation=plan.get("Relation Name", ""),
        index=plan.get("Index Name", ""),
        rows=round(plan["Actual Rows"] * loops),
        removed=round(sum(plan.get(name, 0) for name in _REMOVED) * loops),
        condition=plan.get("Index Cond") or plan.get("Filter") or plan.get("Hash Cond") or "",
    )
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


COUNTER: Final = Definition(
    metrics=(BLOCKS_READ, PLAN_ROWS),
    vendors=frozenset({"postgresql"}),
    make=lambda execution: PlanCounter(execution.connections, frames=execution.frames),
)
