"""Lines of the record of the leaks audit."""

from collections.abc import Iterator

from reglab.leaks.audit import Kept, ScenarioResult, results
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind


def lines(ground: AuditGround) -> Iterator[Measurement | Remark]:
    """Give the measurements of each scenario; where an answer is an error, little was measured, and that is said."""
    for result in results(ground):
        if result.complaint:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                text=f"on another row, {result.complaint}",
                scenario=result.scenario.name,
                next_step="Mend the error: what such a request leaves behind is not known.",
            )
        yield _measured(result, "leak_rounds", result.rounds, ())
        for metric, kept in (
            ("threads_left", result.threads),
            ("sessions_left", result.sessions),
            ("files_left", result.files),
            ("entries_kept", result.entries),
            ("answers_stale", result.stale),
        ):
            yield _measured(result, metric, sum(one.count for one in kept), kept)


def _measured(result: ScenarioResult, metric: str, value: int, kept: "list[Kept] | tuple[()]") -> Measurement:
    return Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=METRICS[metric],
        values=(value,),
        evidence=tuple(
            Evidence(kind="call", text=one.told, source=one.places[0] if one.places else "", frames=one.places[1:])
            for one in kept
        ),
    )
