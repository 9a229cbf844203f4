"""Lines of the record of the atomicity audit."""

from collections.abc import Callable, Iterator

from reglab.atomicity.audit import STATEMENTS_FAILED_MAX, Execution, ScenarioResult, results
from reglab.counters.engine.writers import describe_write
from reglab.errors import AuditError
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind


def lines(ground: AuditGround) -> Iterator[Measurement | Remark]:
    """Give the measurements of each writing scenario, or the reason why there are none."""
    try:
        for result in results(ground):
            yield from _of_scenario(result)
    except AuditError as error:
        yield Measurement(scenario="(faults)", metric=METRICS["faults_tried"], values=(0,), gates=False)
        yield Remark(kind=RemarkKind.WARNING, text=f"atomicity is not applicable here: {error}")


def _of_scenario(result: ScenarioResult) -> Iterator[Measurement | Remark]:
    def measured(metric: str, value: int, evidence: tuple[Evidence, ...] = ()) -> Measurement:
        return Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS[metric],
            values=(value,),
            evidence=evidence,
        )

    if result.complaint:
        yield measured("audit_errors", 1, (Evidence(kind="response", text=result.complaint),))
        return
    yield measured("audit_errors", 0)
    yield measured("faults_tried", result.faults)
    evidence = (
        *_told(result.partial, result, _partial),
        *_told(result.repeated, result, _repeated),
        *_told(result.locked, result, _locked),
        *_effects(result),
    )
    left = len(result.partial) + len(result.repeated) + len(result.locked) + len(result.effects)
    yield measured("partial_writes", left, evidence)
    yield measured("unwritten_successes", len(result.unwritten), tuple(_told(result.unwritten, result, _unwritten)))
    yield measured("failures_blamed", len(result.blamed), tuple(_told(result.blamed, result, _blamed)))
    yield measured("commit_work_failures", len(result.after_commit), tuple(_after_commit(result)))
    if result.statements > STATEMENTS_FAILED_MAX:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{result.scenario.name} sends {result.statements} statements; the first "
            f"{STATEMENTS_FAILED_MAX} were failed",
            scenario=result.scenario.name,
        )


def _told(
    executions: list[Execution], result: ScenarioResult, sentence: Callable[[Execution, int], str]
) -> Iterator[Evidence]:
    for execution in executions:
        # Who is blamed is decided where the answer is made, not where the statement failed.
        made_at = execution.made_at[:1] if sentence is _blamed else ()
        places = (*made_at, *execution.fault.places)
        yield Evidence(
            kind="write",
            text=sentence(execution, result.statements),
            source=places[0] if places else "",
            frames=places[1:],
        )


def _effects(result: ScenarioResult) -> Iterator[Evidence]:
    for effect in result.effects:
        places = effect.places
        yield Evidence(
            kind="call",
            text=f"{effect.told} before the commit: where that fails, the rows are as before, and this stays",
            source=places[0] if places else "",
            frames=places[1:],
        )


def _after_commit(result: ScenarioResult) -> Iterator[Evidence]:
    then = (
        "the same request, sent again, writes them twice" if result.is_written_twice else "its sender is told of none"
    )
    for execution in result.after_commit:
        for marks in execution.fault.commit_work:
            places = execution.fault.words(marks)
            yield Evidence(
                kind="call",
                text=f"where this work after the commit raises, the answer is {execution.answer.status} "
                f"and the rows stay: {then}",
                source=places[0] if places else "",
                frames=places[1:],
            )


def _partial(execution: Execution, statements: int) -> str:
    return f"where {_which(execution, statements)} fails, a part stays: {_left(execution)}"


def _repeated(execution: Execution, _: int) -> str:
    return f"where a commit is done and its answer lost, the request writes again: {_left(execution)} in all"


def _left(execution: Execution) -> str:
    counts: dict[tuple[str, str], int] = {}
    for change in execution.changes:
        counts[change.table, change.verb] = counts.get((change.table, change.verb), 0) + 1
    return ", ".join(describe_write(rows=rows, table=table, verb=verb) for (table, verb), rows in counts.items())


def _locked(execution: Execution, statements: int) -> str:
    return (
        f"where {_which(execution, statements)} fails, the session keeps an advisory lock: the next one to ask for it "
        "waits until this connection is closed"
    )


def _unwritten(execution: Execution, statements: int) -> str:
    return (
        f"where {_which(execution, statements)} fails, the answer is {execution.answer.status} "
        "and nothing of it is written"
    )


def _blamed(execution: Execution, statements: int) -> str:
    return (
        f"where {_which(execution, statements)} meets a deadlock, the answer is {execution.answer.status}: the client "
        "is told that it is wrong, and does not try again"
    )


def _which(execution: Execution, statements: int) -> str:
    sql = " ".join(execution.fault.failed.sql.split())
    return f"statement {execution.fault.number} of {statements} ({sql[:80]}{'…' * (len(sql) > 80)})"
