"""Lines of the record of the leaks audit."""

from collections.abc import Iterator, Sequence
from typing import Final

from reglab.leaks.audit import results
from reglab.leaks.kept import Kept, ScenarioResult
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

_OLD: Final = frozenset(
    {"after a row was saved", "after a write", "after rows changed", "after other rows", "unchanged"}
)


def lines(ground: AuditGround) -> Iterator[Measurement | Remark]:
    """Give the measurements of each scenario; where every answer is an error, nothing was measured: that is said."""
    for result in results(ground):
        if result.rounds_failed == result.rounds > 0:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                text=f"every row fails: {result.failed[0].told}",
                scenario=result.scenario.name,
                next_step="Mend the error: what such a request leaves behind is not known.",
            )
        yield _measured(result, "leak_rounds", result.rounds, ())
        for metric, kept in (
            ("rows_failed", result.failed),
            ("threads_left", result.threads),
            ("sessions_left", result.sessions),
            ("files_left", result.files),
            ("entries_kept", result.entries),
            ("answers_stale", result.stale),
            ("answers_unordered", result.unordered),
        ):
            for kind in sorted({one.kind for one in kept} or {""}, key=_harm):
                those = [one for one in kept if one.kind == kind]
                yield _measured(result, metric, sum(one.count for one in those), those, part=kind)


def _harm(kind: str) -> tuple[bool, str]:
    """Order kinds of stale answers: what somebody else was shown comes before what is old."""
    return kind in _OLD, kind


def _measured(result: ScenarioResult, metric: str, value: int, kept: Sequence[Kept], *, part: str = "") -> Measurement:
    return Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=METRICS[metric],
        part=part,
        values=(value,),
        evidence=tuple(
            Evidence(kind="call", text=one.told, source=one.places[0] if one.places else "", frames=one.places[1:])
            for one in kept
        ),
    )
