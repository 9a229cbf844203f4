"""Lines of the record of the variants audit."""

from collections.abc import Iterator, Sequence

from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement
from reglab.variants.audit import ScenarioResult, Variant, results


def lines(ground: AuditGround) -> Iterator[Measurement]:
    """Give the measurements of each reading scenario, a measurement for each kind that went wrong."""
    for result in results(ground):
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["variants_tried"],
            values=(result.tried,),
        )
        repeating = [variant for variant in result.wrong if variant.repeating]
        errors = [variant for variant in result.wrong if not (variant.growth or variant.repeating)]
        grown = [variant for variant in result.wrong if variant.growth]
        yield from _of_metric(result, "variant_errors", errors)
        yield from _of_metric(result, "variant_growth", grown)
        yield from _of_metric(result, "variant_repeats", repeating)


def _of_metric(result: ScenarioResult, metric: str, variants: list[Variant]) -> Iterator[Measurement]:
    chosen: Sequence[Variant | None] = variants or [None]
    for variant in chosen:
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS[metric],
            part=variant.told if variant else "",
            values=(variant.growth or 1 if variant else 0,),
            evidence=tuple(_evidence(variant)) if variant else (),
        )


def _evidence(variant: Variant) -> Iterator[Evidence]:
    if not (variant.growth or variant.repeating):
        yield Evidence(
            kind="response",
            text=f"5xx with {variant.told}: {variant.error}",
            source=variant.places[0] if variant.places else "",
            frames=variant.places[1:5],
        )
    yield from (group.evidence() for group in variant.grown)
    yield from (group.evidence_of_rows() for group in variant.repeating)
