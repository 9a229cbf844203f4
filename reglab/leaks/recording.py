"""Lines of the record of the leaks audit."""

from collections.abc import Iterator

from reglab.leaks.audit import Kept, ScenarioResult, results
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement


def lines(ground: AuditGround) -> Iterator[Measurement]:
    """Give the measurements of each scenario."""
    for result in results(ground):
        yield _measured(result, "leak_rounds", result.rounds, ())
        for metric, kept in (
            ("threads_left", result.threads),
            ("sessions_left", result.sessions),
            ("files_left", result.files),
            ("entries_kept", result.entries),
        ):
            yield _measured(result, metric, sum(one.count for one in kept), kept)


def _measured(result: ScenarioResult, metric: str, value: int, kept: "list[Kept] | tuple[()]") -> Measurement:
    return Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=metric,
        values=(value,),
        evidence=tuple(
            Evidence(kind="call", text=one.told, source=one.places[0] if one.places else "", frames=one.places[1:])
            for one in kept
        ),
    )
