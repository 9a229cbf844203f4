"""Lines of the record of the limits audit."""

from collections.abc import Iterator

from reglab.limits.audit import ScenarioResult, results
from reglab.limits.inputs import Input
from reglab.limits.sending import Outcome
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement

_PROBLEMS = ("inputs_crashed", "inputs_failed", "values_altered", "read_only_written")


def lines(ground: AuditGround) -> Iterator[Measurement]:
    """Give the measurements of each scenario, by kind of what went wrong and field."""
    for result in results(ground):
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["inputs_tried"],
            values=(result.tried,),
        )
        for metric in _PROBLEMS:
            yield from _of_metric(result, metric)


def _of_metric(result: ScenarioResult, metric: str) -> Iterator[Measurement]:
    by_part: dict[str, list[tuple[Input, Outcome]]] = {}
    for one, outcome in result.wrong:
        if outcome.metric == metric:
            by_part.setdefault(one.part, []).append((one, outcome))
    for part, wrong in (by_part or {"": []}).items():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS[metric],
            part=part,
            values=(len(wrong),),
            evidence=tuple(_evidence(one, outcome) for one, outcome in wrong),
        )


def _evidence(one: Input, outcome: Outcome) -> Evidence:
    status = f"{outcome.status}, " if outcome.status else ""
    return Evidence(
        kind="response",
        text=f"{one.request.method} with {one.told}: {status}{outcome.text}",
        source=outcome.places[0] if outcome.places else "",
        frames=outcome.places[1:5],
    )
