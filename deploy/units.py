"""Units of the policy as CloudWatch counts them."""

from deploy.errors import DeployError
from deploy.policy import Objective


def in_percent(objective: Objective) -> float:
    """Return the limit in percent."""
    return _converted(objective, {"fraction": 100, "%": 1})


def in_seconds(objective: Objective) -> float:
    """Return the limit in seconds: TargetResponseTime is in seconds, the policy in milliseconds."""
    return _converted(objective, {"ms": 0.001, "s": 1})


def in_hosts(objective: Objective) -> float:
    """Return the limit in hosts: each failed probe of the load test is one host that fails its health check."""
    return _converted(objective, {"probes": 1})


def _converted(objective: Objective, factors: dict[str, float]) -> float:
    if objective.unit not in factors:
        raise DeployError(
            f"The policy: rule {objective.name} is in {objective.unit!r}; "
            f"its alarm can convert {', '.join(factors)}. Add the unit to deploy/units.py."
        )
    # Rounded, so that 0.01 × 100 is 1 and not 1.0000000000000002.
    return round(objective.at_most * factors[objective.unit], 9)
