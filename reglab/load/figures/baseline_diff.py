"""Comparison of a load test's record with an earlier one of the same profile and place; refused where they differ."""

from collections.abc import Iterator
from pathlib import Path

from reglab.errors import LoadTestError
from reglab.metrics import METRICS
from reglab.report.record_files import RecordError, read_record
from reglab.report.records import Completion, Evidence, Header, Measurement, Record, Remark, RemarkKind

# What has to be equal for two runs to say anything about each other.
CONTEXT = ("profile", "profile_digest", "module_digest", "workers", "target")
COMPARED = frozenset(
    {
        "latency_ms_p50",
        "latency_ms_p95",
        "throughput_rps",
        "server_queries_per_request",
        "server_database_ms_per_request",
    }
)
# What the policy judges: the rules named against-….
JUDGED = {"server_queries_per_request": "against_queries", "latency_ms_p95": "against_latency_p95"}
# A run with such a remark was stopped, or measured something else than the service.
_UNSOUND = frozenset({RemarkKind.UNSAFE, RemarkKind.INCONCLUSIVE, RemarkKind.FAIL})
# Of what is not judged, larger differences are pointed at.
NOTICEABLE = 0.25


def earlier_record(run: Path, *, header: Header) -> Record:
    """Read the load record of an earlier run and check that it may be compared. Raises LoadTestError."""
    path = run / "load.jsonl" if run.is_dir() else run
    try:
        record = read_record(path)
    except RecordError as error:
        raise LoadTestError(f"--against: {error}") from None
    if record.footer.completion is not Completion.COMPLETE:
        raise LoadTestError(f"--against: {path} did not complete ({record.footer.completion}); name another run")
    undecided = [remark.text for remark in record.remarks if remark.kind in _UNSOUND]
    if undecided:
        raise LoadTestError(f"--against: {path} proves nothing ({undecided[0]}); name another run")
    if problems := list(_problems(record.header, header)):
        raise LoadTestError(f"--against: {path} cannot be compared with this run: {'; '.join(problems)}")
    return record


def ratios(earlier: Record, present: list[Measurement]) -> Iterator[Measurement]:
    """Give what a rule can judge: each figure of this run over the earlier one's. 1 is no change."""
    before = {_place(line): line.values[0] for line in earlier.measurements}
    for line in present:
        if line.metric.name in JUDGED and not line.part and before.get(_place(line)):
            was = before[_place(line)]
            yield Measurement(
                scenario=line.scenario,
                endpoint=line.endpoint,
                metric=METRICS[JUDGED[line.metric.name]],
                values=(line.values[0] / was,),
                gates=line.gates,
                evidence=(
                    Evidence(
                        kind="hint",
                        text=f"{line.metric.name} {line.values[0]:.4g}, was {was:.4g} in {earlier.header.run}",
                    ),
                ),
            )


def comparison(earlier: Record, present: list[Measurement]) -> Iterator[Remark]:
    """Give a sentence for each noticeable difference, the largest first, and one that sums up."""
    before = {_place(line): line.values[0] for line in earlier.measurements if line.metric.name in COMPARED}
    changes = [
        (line.values[0] / before[_place(line)] - 1, line, before[_place(line)])
        for line in present
        if before.get(_place(line))
    ]
    noticeable = sorted((each for each in changes if abs(each[0]) >= NOTICEABLE), key=lambda each: -abs(each[0]))
    for change, line, was in noticeable:
        yield Remark(
            kind=RemarkKind.NOTE,
            scenario=line.scenario,
            text=f"{line.endpoint or 'the whole'} {_quantity(line)}: {line.values[0]:.4g} {line.metric.unit}, "
            f"was {was:.4g} in run {earlier.header.run} ({change:+.0%})",
        )
    yield Remark(
        kind=RemarkKind.NOTE,
        text=f"against run {earlier.header.run} of revision {earlier.header.revision[:12]}: {len(noticeable)} of "
        f"{len(changes)} figures differ by {NOTICEABLE:.0%} or more. One run a side: only queries, and twice the "
        "latency, are judged",
        next_step="Prove a slowdown with paired time: python manage.py compare BASE.",
    )


def _problems(earlier: Header, present: Header) -> Iterator[str]:
    for name in CONTEXT:
        was, now = earlier.context.get(name, ""), present.context.get(name, "")
        if was != now:
            yield f"{name} was {was!r} and is {now!r}"
    for name in ("machine", "python", "cpu_count"):
        was, now = getattr(earlier.environment, name), getattr(present.environment, name)
        if was != now:
            yield f"{name} was {was!r} and is {now!r}"


def _place(line: Measurement) -> tuple[str, str, str, str]:
    return (line.scenario, line.endpoint, line.metric.name, line.part)


def _quantity(line: Measurement) -> str:
    return f"{line.metric.name} of {line.part}" if line.part else line.metric.name
