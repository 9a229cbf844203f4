"""CloudWatch's metrics of the stack, as its template refers to them."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

PERIOD_SECONDS = 60


def imported(name: str) -> Json:
    """Return the value that another stack of the same environment exports as `name`."""
    return {"Fn::ImportValue": {"Fn::Sub": f"${{Prefix}}-${{Environment}}-{name}"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of CloudWatch with its dimensions, and the statistic of a period."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, Any], ...]
    statistic: str

    def properties(self) -> Json:
        """Return the properties of an alarm on this metric alone."""
        kind = "ExtendedStatistic" if self.statistic.startswith("p") else "Statistic"
        return {**self._metric(), kind: self.statistic, "Period": PERIOD_SECONDS}

    def query(self, identifier: str) -> Json:
        """Return this metric as one operand of an alarm's expression."""
        stat = {"Metric": self._metric(), "Period": PERIOD_SECONDS, "Stat": self.statistic}
        return {"Id": identifier, "ReturnData": False, "MetricStat": stat}

    def _metric(self) -> Json:
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        return {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}


_BALANCER = (("LoadBalancer", {"Fn::GetAtt": ["Balancer", "LoadBalancerFullName"]}),)
_TARGETS = (*_BALANCER, ("TargetGroup", {"Fn::GetAtt": ["Targets", "TargetGroupFullName"]}))
_DATABASE = (("DBInstanceIdentifier", imported("data-DatabaseInstance")),)
_SERVICE = (("ClusterName", {"Ref": "Cluster"}), ("ServiceName", {"Fn::GetAtt": ["Service", "Name"]}))


def balancer(name: str, statistic: str) -> Metric:
    """Return a metric of the load balancer as a whole."""
    return Metric(namespace="AWS/ApplicationELB", name=name, dimensions=_BALANCER, statistic=statistic)


def targets(name: str, statistic: str) -> Metric:
    """Return a metric of the tasks behind the load balancer."""
    return Metric(namespace="AWS/ApplicationELB", name=name, dimensions=_TARGETS, statistic=statistic)


def database(name: str, statistic: str) -> Metric:
    """Return a metric of the database."""
    return Metric(namespace="AWS/RDS", name=name, dimensions=_DATABASE, statistic=statistic)


def service(name: str, statistic: str) -> Metric:
    """Return a metric of the service's tasks."""
    return Metric(namespace="ECS/ContainerInsights", name=name, dimensions=_SERVICE, statistic=statistic)
