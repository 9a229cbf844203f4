"""Lines of the record of the limits audit."""

from collections.abc import Iterator, Sequence

from reglab.limits.audit import ScenarioResult, results, tried_scenarios
from reglab.limits.inputs import SET_BY_CLIENT, Input
from reglab.limits.refusals import Refused, refusals_beside
from reglab.limits.sending import Outcome
from reglab.limits.unsent.recording import unsent_lines
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.project.endpoints.view_places import place_of_first
from reglab.project.source_lines import ProjectFrames
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

_PROBLEMS = ("inputs_crashed", "inputs_failed", "values_altered", "read_only_written")


def lines(ground: AuditGround, *, accept: str = "") -> Iterator[Measurement | Remark]:
    """Give the measurements of each scenario, by kind of what went wrong and field.

    A value that was refused, and is taken now, was checked by code that is gone; one that was taken, and is refused,
    meets clients who send it. With `accept`, what becomes of values now is accepted first.
    """
    refusals = refusals_beside(ground.file.ledger_path)
    found = [*results(ground, refusals)]
    if accept:
        refusals.accept(
            {one.scenario.name: _values(one.refused) for one in found},
            {one.scenario.name: _values(one.taken) for one in found},
        )
    if refusals.is_new and any(one.refused for one in found):
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"what the endpoints refuse is not accepted yet ({refusals.path}): no check of theirs can be lost",
            next_step='Accept it: reglab probe limits --accept "why".',
        )
    tried = {one.scenario.name for one in found if one.taken or one.refused}
    if untried := [one.name for one in tried_scenarios(ground) if refusals.knows(one.name) and one.name not in tried]:
        yield Remark(
            kind=RemarkKind.INCONCLUSIVE,
            text=f"what they refuse and take is accepted, and no value was tried this time: {', '.join(untried)}",
            next_step="Give the requests a body or parameters again, or accept them without: "
            'reglab probe limits --accept "why".',
        )
    for result in found:
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["inputs_tried"],
            values=(result.tried,),
        )
        for metric in _PROBLEMS:
            yield from _of_metric(result, metric)
        name = result.scenario.name
        yield from _moved(result, "inputs_taken", result.taken, refusals.of(name), frames=ground.frames)
        yield from _moved(result, "inputs_refused", result.refused, refusals.taken_by(name), frames=ground.frames)
    yield from unsent_lines(ground, accept=accept)


def _values(found: Sequence[tuple[Input, Outcome]]) -> Refused:
    """Return the values that fields refused, or took, by field: of those that can be written down."""
    parts: dict[str, set[str]] = {}
    for one, _ in found:
        if one.compared:
            parts.setdefault(one.part, set()).add(one.compared)
    return {part: frozenset(values) for part, values in parts.items()}


def _moved(
    result: ScenarioResult, metric: str, now: Sequence[tuple[Input, Outcome]], before: Refused, *, frames: ProjectFrames
) -> Iterator[Measurement]:
    """Give the values that each field takes now and refused when that was accepted, or the reverse.

    0 where there is none.
    """
    moved: dict[str, list[Evidence]] = {}
    for one, outcome in now:
        if one.compared in before.get(one.part, ()):
            text = f"{one.request.method} with {one.told}: {outcome.status}, {_before(one, metric)}"
            place = place_of_first(one.checked_by, frames) or result.place
            moved.setdefault(one.part, []).append(Evidence(kind="response", text=text, source=place))
    for part, evidence in (moved or {"": []}).items():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS[metric],
            part=part,
            values=(len(evidence),),
            evidence=tuple(evidence),
        )


def _before(one: Input, metric: str) -> str:
    if metric == "inputs_refused":
        return "and was taken"
    return "and was left alone" if one.compared == SET_BY_CLIENT else "and was refused"


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
            evidence=tuple(_evidence(one, outcome, result.place) for one, outcome in wrong),
        )


def _evidence(one: Input, outcome: Outcome, place: str) -> Evidence:
    status = f"{outcome.status}, " if outcome.status else ""
    return Evidence(
        kind="response",
        text=f"{one.request.method} with {one.told}: {status}{outcome.text}",
        source=outcome.places[0] if outcome.places else place,
        frames=outcome.places[1:5],
    )
