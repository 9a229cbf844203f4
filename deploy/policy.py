"""Service-level objectives, read from the policy that gates the load test."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeployError

POLICY = Path(__file__).resolve().parents[1] / "reports" / "policy.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One rule `slo-…` of the policy: metrics and the largest value that each may have, in the rule's unit."""

    name: str
    metrics: tuple[str, ...]
    unit: str
    at_most: float
    reason: str


def read_objectives(path: Path = POLICY) -> dict[str, Objective]:
    """Return the objectives of the policy at `path`, by name."""
    try:
        rules = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    except (OSError, ValueError) as error:
        raise DeployError(f"{path}: the policy cannot be read ({error}). Mend the file.") from error
    found = [rule for rule in rules if str(rule.get("name", "")).startswith("slo-")]
    if not found:
        raise DeployError(f"{path}: expected rules whose name begins with slo-, found none. Alarms are made of them.")
    for rule in found:
        if missing := {"metrics", "unit", "at_most", "reason"} - rule.keys():
            raise DeployError(
                f"{path}: rule {rule['name']} has no {', '.join(sorted(missing))}: no alarm can be made of it."
            )
    return {
        rule["name"]: Objective(
            name=rule["name"],
            metrics=tuple(rule["metrics"]),
            unit=rule["unit"],
            at_most=rule["at_most"],
            reason=rule["reason"],
        )
        for rule in found
    }
