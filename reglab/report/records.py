"""The one schema that the instruments write and the judge reads: JSON Lines, one file a stage.

A file is a header, then measurements, series and remarks as they arise, then a footer. Each line carries a
digest chained to the line before it, so that a truncated, spliced or hand-edited file is known, and by its line.
The chain protects against accidents, not against forgers: it has no key.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, field_validator
from pydantic.dataclasses import dataclass

from reglab.metrics import METRICS

SCHEMA_VERSION: Final = 1

STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

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
    ("service/orders/selectors.py:41 in summary"); `frames` the project's lines above that one, innermost first.
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


# Where a stage was asked for a part of what it measures, its context says which under this name.
CHOSEN: Final = "only"


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


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Measurement:
    """Values of one metric, for one scenario.

    `part` divides a metric ("orders_order update"); `variant` names what samples differ in ("orders=50", "before",
    "candidate"). An exact metric has one value; a sampled one has a value a round or pair, in order. `accepted` is
    the value that the ledger holds, where the instrument has one; `gates` is false for a counter demoted to a note.
    """

    type: Literal["measurement"] = "measurement"
    scenario: str
    endpoint: str = ""
    metric: str
    part: str = ""
    variant: str = ""
    values: Annotated[tuple[Number, ...], Field(min_length=1)]
    accepted: Number | None = None
    gates: bool = True
    evidence: tuple[Evidence, ...] = ()

    @field_validator("metric")
    @classmethod
    def _is_declared(cls, value: str) -> str:
        if value not in METRICS:
            raise ValueError(f"no metric is called {value!r}: declare it in reglab/metrics.py")
        return value


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Series:
    """Points to draw, never to judge: a time line of the load, a counter against the data's size."""

    type: Literal["series"] = "series"
    scenario: str
    endpoint: str = ""
    name: str
    x_unit: str
    y_unit: str
    points: tuple[tuple[Number, Number], ...]


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


Line = Annotated[Header | Measurement | Series | Remark | Footer, Field(discriminator="type")]
LINE: Final[TypeAdapter[Header | Measurement | Series | Remark | Footer]] = TypeAdapter(Line)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Record:
    """One stage's file, read and validated."""

    path: str
    header: Header
    measurements: tuple[Measurement, ...]
    series: tuple[Series, ...]
    remarks: tuple[Remark, ...]
    footer: Footer
