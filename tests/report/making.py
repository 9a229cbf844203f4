"""Records made by hand, as the instruments would write them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from reglab.metrics import METRICS
from reglab.report.policy import Policy, read_policy
from reglab.report.record_files import RecordWriter, recording
from reglab.report.records import (
    CHOSEN,
    Completion,
    Content,
    Environment,
    Evidence,
    Footer,
    Header,
    Measurement,
    Number,
    Profile,
    Record,
    Remark,
    Series,
)

RUN = "20260131T120000Z-9f86d0"

ENVIRONMENT = Environment(
    machine="5f2b7c0a91de",
    python="3.11.7",
    implementation="CPython",
    platform="Linux-6.1-x86_64",
    cpu_count=2,
    packages={"django": "5.2.19"},
    database="PostgreSQL 17.2",
)

Instrument = Literal["work", "benchmark", "compare", "load"]


def header(
    instrument: Instrument, *, run: str = RUN, revision: str = "4055911", machine: str = "", chosen: str = ""
) -> Header:
    environment = replace(ENVIRONMENT, machine=machine) if machine else ENVIRONMENT
    return Header(
        instrument=instrument,
        run=run,
        subject="service",
        revision=revision,
        environment=environment,
        started_at="2026-01-31T12:00:00+00:00",
        context={CHOSEN: chosen} if chosen else {},
    )


def record(
    instrument: Instrument,
    *lines: Content,
    completion: Completion = Completion.COMPLETE,
    reason: str = "",
    revision: str = "4055911",
) -> Record:
    """A record that was never on a disk, with times and paths that are equal on each day and machine."""
    return Record(
        path=f"var/runs/{RUN}/{instrument}.jsonl",
        header=header(instrument, revision=revision),
        measurements=tuple(line for line in lines if isinstance(line, Measurement)),
        series=tuple(line for line in lines if isinstance(line, Series)),
        remarks=tuple(line for line in lines if isinstance(line, Remark)),
        profiles=tuple(line for line in lines if isinstance(line, Profile)),
        footer=Footer(
            completion=completion, lines=len(lines) + 1, finished_at="2026-01-31T12:01:00+00:00", reason=reason
        ),
    )


@contextmanager
def written(
    folder: Path, instrument: Instrument, *, name: str = "", run: str = RUN, chosen: str = ""
) -> Iterator[RecordWriter]:
    """Write a record into `folder` with the writer that the stages use."""
    with recording(folder / (name or f"{instrument}.jsonl"), header(instrument, run=run, chosen=chosen)) as writer:
        yield writer


def queries(scenario: str, variant: str, value: int, *, accepted: int | None = None, **more: object) -> Measurement:
    return Measurement(
        scenario=scenario,
        endpoint=f"GET /api/{scenario}/",
        metric=METRICS["queries"],
        variant=variant,
        values=(value,),
        accepted=accepted,
        **more,  # type: ignore[arg-type]
    )


def healthy_work() -> list[Measurement]:
    writes = Measurement(
        scenario="orders", endpoint="GET /api/orders/", metric=METRICS["writes_outside_contract"], values=(0,)
    )
    return [queries("orders", "orders=5", 3, accepted=3), queries("orders", "orders=50", 3, accepted=3), writes]


def healthy_suites() -> list[Measurement]:
    def of(metric: str, variant: str, *values: Number, scenario: str = "summary") -> Measurement:
        return Measurement(scenario=scenario, metric=METRICS[metric], variant=variant, values=values)

    return [
        of("queries", "before", 101),
        of("queries", "after", 1),
        of("seconds", "before", 0.21, 0.2, 0.22, 0.2, 0.21),
        of("seconds", "after", 0.004, 0.005, 0.004, 0.004, 0.004),
    ]


def healthy_load() -> list[Measurement]:
    def of(metric: str, value: Number) -> Measurement:
        return Measurement(scenario="smoke", metric=METRICS[metric], values=(value,))

    return [of("server_error_rate", 0.0), of("latency_ms_p95", 38.5), of("requests", 900)]


HEALTHY = {"work": healthy_work, "benchmark": healthy_suites, "load": healthy_load}


def write_healthy_run(folder: Path, *, run: str = RUN) -> Path:
    """Fill `folder` with a record of each instrument that the small policy of these tests passes."""
    instruments: tuple[Instrument, ...] = ("work", "benchmark", "load")
    for instrument in instruments:
        with written(folder, instrument, run=run) as writer:
            for line in HEALTHY[instrument]():
                writer.write(line)
    return folder


SMALL_POLICY = Path(__file__).with_name("small_policy.toml")


def small_policy() -> Policy:
    """A policy of one rule a kind: the project's own grows, and these tests stay."""
    return read_policy(SMALL_POLICY)


def sample(
    *values: Number,
    metric: str = "queries",
    scenario: str = "orders",
    variant: str = "",
    part: str = "",
    accepted: Number | None = None,
    gates: bool = True,
    instrument: str = "work",
    endpoint: str = "GET /api/orders/",
    evidence: Iterable[Evidence] = (),
    is_cut_short: bool = False,
) -> Measurement:
    return Measurement(
        instrument=instrument,
        scenario=scenario,
        endpoint=endpoint,
        metric=METRICS[metric],
        part=part,
        variant=variant,
        values=values,
        accepted=accepted,
        gates=gates,
        evidence=tuple(evidence),
        is_cut_short=is_cut_short,
    )
