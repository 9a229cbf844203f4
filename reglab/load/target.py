"""The guard: which targets may be put under load, how much, and their proof of what they are. No way around it."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from reglab.config.toml_files import parse, read_text
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.http_client import Api
from reglab.load.profiles import Profile

TARGETS: Final = Path("loadtests/targets.toml")
STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
IDENTITY_PATH: Final = "/healthz/identity"
# Must match the service's: docs/load.md has the contract.
VERSION: Final = "regression-lab-identity-1"
KEY_LENGTH_MIN: Final = 16


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


_ADAPTER: Final = TypeAdapter(Targets)


def allowed_target(origin: str, *, variables: Mapping[str, str] = os.environ) -> Target:
    """Return the allowlist's entry of an origin. Raises UnsafeTargetError where there is none."""
    path = Path(variables.get("LOADTEST_TARGETS") or TARGETS)
    try:
        targets = parse(read_text(path), path=str(path), adapter=_ADAPTER, tables={"": Targets, "target": Target})
    except FileNotFoundError:
        raise LoadTestError(f"{path}: no such file; LOADTEST_TARGETS names the list of allowed targets") from None
    for target in targets.target:
        if target.origin == origin:
            return target
    raise UnsafeTargetError(
        f"{origin} is not in {path}: nothing was sent. An origin is scheme, host and port, exactly as it is listed."
    )


def check_caps(target: Target, *, profile: Profile, planned: PlannedCounts) -> None:
    """Raise LoadTestError where a profile asks more than the target may get."""
    writes = planned.writes + profile.data.customers + profile.data.orders + profile.data.hot_orders
    for name, asked, allowed in (
        ("arrivals a second", profile.peak_rps, target.rate_rps_max),
        ("seconds", profile.seconds, target.seconds_max),
        ("writes", writes, target.writes_max),
    ):
        if asked > allowed:
            raise LoadTestError(
                f"profile {profile.name} asks for {asked:g} {name}; {target.origin} may get {allowed:g} at most"
            )


def prove(target: Target, *, api: Api, variables: Mapping[str, str] = os.environ) -> str:
    """Make the target prove that it is what the allowlist says, and return its revision.

    Raises UnsafeTargetError where it does not, LoadTestError where it gives no answer at all. Sends one GET, to the
    identity endpoint alone.
    """
    key = variables.get("LOADTEST_KEY", "")
    if len(key) < KEY_LENGTH_MIN:
        raise UnsafeTargetError(
            f"LOADTEST_KEY is not set, or shorter than {KEY_LENGTH_MIN} characters: without the key that the target "
            "knows too, it cannot prove to be a test target. Nothing was sent."
        )
    if api.origin != target.origin:
        raise UnsafeTargetError(f"{api.origin} is not {target.origin}: nothing was sent")
    nonce = secrets.token_urlsafe(24)
    reply = api.request("GET", f"{IDENTITY_PATH}?nonce={nonce}")
    answer = reply.json if reply.status == 200 and isinstance(reply.json, dict) else {}
    environment, revision = str(answer.get("environment", "")), str(answer.get("revision", ""))
    expected = _signature(key, environment=environment, revision=revision, nonce=nonce)
    if not answer:
        reason = f"it answered {reply.status} instead of an identity"
    elif answer.get("nonce") != nonce or not hmac.compare_digest(str(answer.get("signature", "")), expected):
        reason = "its signature does not fit LOADTEST_KEY"
    elif environment != target.environment:
        reason = f"it says that it is {environment!r}, and the list says {target.environment!r}"
    else:
        return revision
    raise UnsafeTargetError(f"{target.origin} did not prove to be a test target: {reason}. No load was sent.")


def _signature(key: str, *, environment: str, revision: str, nonce: str) -> str:
    canonical = f"{VERSION}\n{environment}\n{revision}\n{nonce}"
    return hmac.new(key.encode(), canonical.encode(), hashlib.sha256).hexdigest()
