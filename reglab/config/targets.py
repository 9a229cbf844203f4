"""The allowlist of targets: origins that may be put under load, and how much of it each may get."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Target:
    """An origin that may be put under load, exactly as written, and the most that it may get."""

    origin: Annotated[str, Field(pattern=r"^https?://[a-z0-9.\[\]:-]+$")]
    environment: Literal["development", "test", "staging"]
    rate_rps_max: Annotated[float, Field(gt=0)]
    seconds_max: Annotated[float, Field(gt=0)]
    writes_max: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Targets:
    """The allowlist."""

    schema_version: Literal[1]
    target: tuple[Target, ...]
