"""Load profiles: reviewed TOML files that say what arrives, how fast, and which part of it is judged."""

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from loadtests.errors import LoadTestError
from loadtests.scenarios import READS, SCENARIOS, WRITES
from loadtests.toml_lines import line_of

FOLDER: Final = Path(__file__).parent / "profiles"
STRICT: Final = ConfigDict(extra="forbid", allow_inf_nan=False)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Rate = Annotated[float, Field(ge=0, le=20_000)]
Weight = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Stage:
    """A stretch of a profile whose rate runs in a straight line from one value to the other.

    Rates are arrivals a second. Only a judged stage counts towards the verdict: ramps are not.
    """

    name: Name
    seconds: Annotated[float, Field(gt=0, le=6 * 3600)]
    from_rps: Rate
    to_rps: Rate
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Data:
    """The rows that are made before the load, and in it read and written; all carry the run's id."""

    customers: Annotated[int, Field(ge=1, le=10_000)] = 10
    orders: Annotated[int, Field(ge=1, le=100_000)] = 40
    hot_orders: Annotated[int, Field(ge=1, le=1_000)] = 4


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Abort:
    """When to give up early: this share of failures over the last seconds, with at least so many arrivals."""

    failure_rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    window_seconds: Annotated[int, Field(ge=1)] = 5
    arrivals_min: Annotated[int, Field(ge=1)] = 50


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Search:
    """How a breakpoint profile looks for capacity: from a rate upwards by a factor, then halving the gap.

    `precision` ends the search: the smallest failing rate over the largest passing one, minus 1.
    """

    start_rps: Annotated[float, Field(gt=0, le=20_000)]
    growth: Annotated[float, Field(gt=1, le=10)] = 2.0
    precision: Annotated[float, Field(gt=0, le=1)] = 0.15
    probes_max: Annotated[int, Field(ge=2, le=50)] = 10


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Profile:
    """A load test's configuration. `mix` weighs scenarios; `timeout_seconds` counts from the moment of sending."""

    schema_version: Literal[1]
    name: Name
    reason: str
    seed: Annotated[int, Field(ge=0)]
    stage: Annotated[tuple[Stage, ...], Field(min_length=1)]
    mix: Annotated[dict[str, Weight], Field(min_length=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    in_flight_max: Annotated[int, Field(ge=1, le=900)] = 200
    samples_min: Annotated[int, Field(ge=1)] = 300
    dispatch_late_ms_p99_max: Annotated[float, Field(gt=0)] = 100.0
    generator_cpu_percent_max: Annotated[float, Field(gt=0, le=100)] = 90.0
    data: Data = Data()
    abort: Abort = Abort()
    search: Search | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> "Profile":
        for name in self.mix:
            if name not in SCENARIOS:
                raise ValueError(f"mix.{name}: no such scenario{_nearest(name, SCENARIOS)}")
        if not any(stage.judged for stage in self.stage):
            raise ValueError("stage: no stage is judged, so nothing could be decided; set judged = true on one")
        if not any(stage.from_rps or stage.to_rps for stage in self.stage):
            raise ValueError("stage: every rate is 0, so nothing would be sent")
        return self

    @property
    def seconds(self) -> float:
        """How long arrivals go on."""
        return sum(stage.seconds for stage in self.stage)

    @property
    def peak_rps(self) -> float:
        """The largest rate of any stage."""
        return max(max(stage.from_rps, stage.to_rps) for stage in self.stage)

    @property
    def writes_share(self) -> float:
        """The share of arrivals that write, as a fraction."""
        return sum(weight for name, weight in self.mix.items() if name in WRITES) / sum(self.mix.values())

    @property
    def is_read_only(self) -> bool:
        """Whether no scenario of the mix writes."""
        return set(self.mix) <= READS


PROFILE: Final[TypeAdapter[Profile]] = TypeAdapter(Profile)


def find_profile(name: str) -> Profile:
    """Read a profile by its name in `loadtests/profiles/`, or by the path of a TOML file. Raises LoadTestError."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = sorted(file.stem for file in FOLDER.glob("*.toml"))
        raise LoadTestError(f"no profile {name!r}{_nearest(name, known)}; there are {', '.join(known)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise LoadTestError(f"{path}: cannot be read ({error})") from None
    return parse_profile(text, path=str(path))


def parse_profile(text: str, *, path: str) -> Profile:
    """Read a profile from TOML. Raises LoadTestError with `path:line` and the fix."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_in(str(error))
        raise LoadTestError(f"{path}:{line}: not TOML: {error}") from None
    try:
        return PROFILE.validate_python(raw)
    except ValidationError as error:
        raise LoadTestError(_complaint(error, text=text, path=path)) from None


def _complaint(error: ValidationError, *, text: str, path: str) -> str:
    first = error.errors(include_url=False)[0]
    place: tuple[Any, ...] = first["loc"]
    message = first["msg"].removeprefix("Value error, ")
    if not place:
        dotted = message.partition(":")[0]
        return f"{path}:{line_of(text, dotted.split('.'))}: {message}"
    name = ".".join(str(part) for part in place)
    if first["type"] == "unexpected_keyword_argument":
        message = f"no such key{_nearest(str(place[-1]), _keys_beside(place))}"
    elif first["type"] == "missing":
        place = place[:-1]
    return f"{path}:{line_of(text, place)}: {name}: {message}"


def _keys_beside(place: tuple[Any, ...]) -> list[str]:
    owners = {"stage": Stage, "data": Data, "abort": Abort, "search": Search}
    owner = owners.get(str(place[0]), Profile) if len(place) > 1 else Profile
    return list(owner.__dataclass_fields__)  # type: ignore[attr-defined]  # each is a dataclass


def _nearest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _line_in(message: str) -> str:
    return message.partition("line ")[2].partition(",")[0] or "1"
