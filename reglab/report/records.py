"""The one schema that the instruments write and the judge reads: JSON Lines, one file a stage.

A file is a header, then measurements, series and remarks as they arise, then a footer. Each line carries a
digest chained to the line before it, so that a truncated, spliced or hand-edited file is known, and by its line.
The chain protects against accidents, not against forgers: it has no key.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, TypeAdapter, field_validator
from pydantic.dataclasses import dataclass

from reglab.metrics import METRICS, Metric

SCHEMA_VERSION: Final = 1

STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

# In a hint at what would do for all rows at once what a statement does for each; behind it stands how.
ONE_BY_ONE: Final = "one by one: "
# Begins a hint at an accepted statement that is gone.
NO_LONGER_SENT: Final = "accepted, and no longer sent: "
WITH_OUTER_ROWS: Final = " them with the outer rows"

Number = int | float
Instrument = Literal[
    "work",
    "race",
    "access",
    "injection",
    "atomicity",
    "migrations",
    "limits",
    "variants",
    "leaks",
    "benchmark",
    "compare",
    "load",
]


class Completion(StrEnum):
    """How a stage ended, in its own words."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"


class RemarkKind(StrEnum):
    """What a stage says beside its numbers."""

    NOTE = "note"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Evidence:
    """One thing that explains a number: a statement, a row, a call path. The most likely cause comes first.

    `text` is the statement or the sentence; `count` how often it occurred; `source` the project's line that did it
    ("shop/views.py:41 in summary"); `frames` the project's lines above that one, innermost first.
    """

    kind: Literal["statement", "write", "plan", "call", "response", "hint"]
    text: str
    count: int = 1
    source: str = ""
    frames: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Environment:
    """Where a measurement was taken. Runs whose `machine` differs are never drawn into one line."""

    machine: str
    python: str
    implementation: str
    platform: str
    cpu_count: int
    packages: dict[str, str]
    database: str = ""


# Unit of the x axis of a series that holds the percentiles of one stage of a load.
PERCENTILE: Final = "percentile"

# Where a stage was asked for a part of what it measures, its context says which under this name.
CHOSEN: Final = "only"
# The same, where several machines measure a part each: `report merge` makes one record of them.
SHARD: Final = "shard"
# The counters that the suite measures no scenario with.
LEFT_OUT: Final = "without"
# Sizes of the data that were asked for beside the suite's own.
OTHER_SIZES: Final = "sizes"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Header:
    """The first line of a record: what was measured, by which instrument, where and when."""

    type: Literal["header"] = "header"
    schema_version: Literal[1] = SCHEMA_VERSION
    instrument: Instrument
    run: str
    subject: str
    revision: str
    environment: Environment
    started_at: str
    context: dict[str, str]

    @field_validator("started_at")
    @classmethod
    def _is_a_time_with_zone(cls, value: str) -> str:
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError("a time needs its zone, as in 2026-01-31T12:00:00+00:00")
        return value

    @property
    def left_out(self) -> frozenset[str]:
        """The metrics that the suite leaves out of every scenario."""
        return frozenset(self.context.get(LEFT_OUT, "").split())

    @property
    def chosen(self) -> str:
        """The part that was measured, as `only` and `shard` chose it, or an empty text for the whole."""
        shard = self.context.get(SHARD, "")
        return ", ".join(filter(None, (self.context.get(CHOSEN, ""), f"shard {shard}" if shard else "")))


def _declared(value: Any) -> Metric:
    """Take a metric itself, or its name, as it stands in a file."""
    if isinstance(value, Metric):
        return value
    if value not in METRICS:
        raise ValueError(f"no metric is called {value!r}: a counter's file or reglab/metrics.py declares each")
    return METRICS[value]


def _name_of(metric: Metric) -> str:
    return metric.name


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Measurement:
    """Values of one metric, for one scenario: the one form of a measured number, from the counter to the report.

    `part` divides a metric ("shop_order update"); `variant` names what measurements differ in ("orders=50",
    "before", "candidate"). `values` are the repetitions, in order: of a work counter those of one audit, of a time one
    a round or pair. `accepted` is the value that the ledger holds, where the instrument has one; `gates` is false for
    what is a note at most. `doubt` says what else explains a breach, which then is inconclusive at most. The last two
    are the record's own, and are known where it was read: `instrument`, and whether its stage `is_cut_short`, so that
    what is too little may only be what was not measured yet.
    """

    type: Literal["measurement"] = "measurement"
    scenario: str = ""
    endpoint: str = ""
    metric: Annotated[Metric, PlainValidator(_declared), PlainSerializer(_name_of, return_type=str)]
    part: str = ""
    variant: str = ""
    values: Annotated[tuple[Number, ...], Field(min_length=1)]
    accepted: Number | None = None
    gates: bool = True
    doubt: str = ""
    evidence: tuple[Evidence, ...] = ()
    instrument: Annotated[str, Field(exclude=True)] = ""
    is_cut_short: Annotated[bool, Field(exclude=True)] = False

    @property
    def value(self) -> Number:
        """The first repetition's value."""
        return self.values[0]

    @property
    def median(self) -> Number:
        """The median of the values; where all are equal, that value itself."""
        return self.values[0] if self.is_constant else median(self.values)

    @property
    def is_constant(self) -> bool:
        """Whether every repetition found the same."""
        return len(set(self.values)) == 1

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes a measurement one: two of one run with equal identities contradict each other."""
        return (self.instrument, self.scenario, self.endpoint, self.metric.name, self.part, self.variant)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Series:
    """Points to draw, never to judge: a time line of the load, a counter against the data's size.

    `exponent` is k where the audit found that the counter grows like the size to the power of k.
    """

    type: Literal["series"] = "series"
    scenario: str
    endpoint: str = ""
    name: str
    x_unit: str
    y_unit: str
    points: tuple[tuple[Number, Number], ...]
    exponent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Profile:
    """Sampled stacks of one side, to draw, never to judge: seconds an execution that each stack took by itself.

    A stack names functions, the outermost first, with ";" between them: the folded form that flame graphs are made of.
    """

    type: Literal["profile"] = "profile"
    scenario: str
    endpoint: str = ""
    variant: str
    stacks: tuple[tuple[str, Number], ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Remark:
    """A sentence for the reader; `inconclusive`, `fail` and `unsafe` ones decide, the others are footnotes."""

    type: Literal["remark"] = "remark"
    kind: RemarkKind
    text: str
    scenario: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Footer:
    """The last line: without it a record is truncated. `lines` counts those before it, the header included."""

    type: Literal["footer"] = "footer"
    completion: Completion
    lines: int
    finished_at: str
    reason: str = ""


Content = Measurement | Series | Profile | Remark
Line = Annotated[Header | Content | Footer, Field(discriminator="type")]
LINE: Final[TypeAdapter[Header | Content | Footer]] = TypeAdapter(Line)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Record:
    """One stage's file, read and validated."""

    path: str
    header: Header
    measurements: tuple[Measurement, ...]
    series: tuple[Series, ...]
    remarks: tuple[Remark, ...]
    footer: Footer
    profiles: tuple[Profile, ...] = ()

    @property
    def is_unsafe(self) -> bool:
        """Whether the target of a load did not prove itself: whatever else stands here may be about another server."""
        return any(remark.kind is RemarkKind.UNSAFE for remark in self.remarks)


def measurements_of(records: Iterable[Record]) -> tuple[Measurement, ...]:
    """Return the measurements of records in the order in which they were recorded, each with what its record says."""
    return tuple(
        replace(
            line,
            instrument=record.header.instrument,
            is_cut_short=record.footer.completion is Completion.INTERRUPTED,
        )
        for record in records
        for line in record.measurements
    )
