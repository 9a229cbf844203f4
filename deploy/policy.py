"""Service-level objectives, read from the policy that gates the load test."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeployError

ROOT = Path(__file__).resolve().parents[1]
# The rules of every project, then the project's own, which may change one by its name.
LAYERS = (ROOT / "reglab" / "report" / "policy.toml", ROOT / "reports" / "policy.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One rule `slo-…` of the policy: metrics and the largest value that each may have, in the rule's unit."""

    name: str
    metrics: tuple[str, ...]
    unit: str
    at_most: float
    reason: str


def read_objectives(layers: Iterable[Path] = LAYERS) -> dict[str, Objective]:
    """Return the objectives of the policy, by name: of the files that are there, a later one wins."""
    found = {name: objective for path in layers if path.exists() for name, objective in _read(path).items()}
    if not found:
        raise DeployError("The policy has no rule whose name begins with slo-: alarms are made of these.")
    return found


def _read(path: Path) -> dict[str, Objective]:
    try:
        rules = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    except (OSError, ValueError) as error:
        raise DeployError(f"{path}: the policy cannot be read ({error}). Mend the file.") from error
    found = [rule for rule in rules if str(rule.get("name", "")).startswith("slo-")]
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
