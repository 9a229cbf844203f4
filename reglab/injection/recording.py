"""Lines of the record of the injection audit."""

from collections.abc import Iterator

from reglab.injection.audit import Hit, ScenarioResult, results
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

_TEXT_LENGTH = 160
_WHAT = {
    "unescaped_values": "is in the page with its markup",
    "foreign_redirects": "leads to whatever host it names",
}


def lines(ground: AuditGround) -> Iterator[Measurement | Remark]:
    """Give the measurements of each scenario; what validation refused was not tested, and is said."""
    refused: dict[str, list[str]] = {}
    for result in results(ground):
        yield from _of_scenario(result)
        if result.refused:
            refused[result.scenario.name] = result.refused
    if refused:
        named = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in list(refused.items())[:8])
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"values that are refused before anything uses them were not tested in "
            f"{len(refused)} scenarios: {named}{'; …' * (len(refused) > 8)}",
        )


def _of_scenario(result: ScenarioResult) -> Iterator[Measurement]:
    raw = _by_part(hit for hit in result.in_statements if hit.is_raw and not _is_quoted(hit, result))
    quoted = _by_part(hit for hit in result.in_statements if hit.part not in {one.part for one in raw})
    html = _by_part(result.in_html)
    abroad = _by_part(result.in_location)
    for metric, hits in (
        ("injections", raw),
        ("values_inlined", quoted),
        ("unescaped_values", html),
        ("foreign_redirects", abroad),
    ):
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS[metric],
            values=(len(hits),),
            evidence=tuple(_evidence(hit, metric) for hit in hits),
        )
    yield Measurement(
        scenario=result.scenario.name, endpoint=result.endpoint, metric=METRICS["canaries_sent"], values=(result.sent,)
    )


def _is_quoted(hit: Hit, result: ScenarioResult) -> bool:
    """Whether the value with quotes came back with them doubled: the project quotes it by itself."""
    same_part = [one for one in result.in_statements if one.part == hit.part]
    return any(not one.is_raw for one in same_part)


def _by_part(hits: "Iterator[Hit] | list[Hit]") -> list[Hit]:
    return list({hit.part: hit for hit in hits}.values())


def _evidence(hit: Hit, metric: str) -> Evidence:
    what = _WHAT.get(metric, "is part of the statement's text")
    text = " ".join(hit.text.split())
    if len(text) > _TEXT_LENGTH:
        text = f"… {text[-_TEXT_LENGTH:]}"
    return Evidence(
        kind="response" if metric in _WHAT else "statement",
        text=f"{hit.part} {what}: {text}",
        source=hit.places[0] if hit.places else "",
        frames=hit.places[1:],
    )
