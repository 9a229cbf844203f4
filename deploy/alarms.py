"""Alarms of day one, made of the policy's objectives."""

from collections.abc import Callable, Mapping
from typing import Any

from deploy import metrics
from deploy.errors import DeployError
from deploy.metrics import Json
from deploy.policy import Objective
from deploy.units import in_hosts, in_percent, in_seconds

# Objectives without an alarm, each with its reason.
WITHOUT_ALARM = {
    "slo-failures": (
        "A 4xx is the client's mistake on the open internet; only what a load test sends is known to be valid. "
        "Its 5xx and time-outs are in slo-errors."
    ),
}


def make_alarms(objectives: Mapping[str, Objective]) -> dict[str, Json]:
    """Return the alarms of all `objectives` as resources of CloudFormation, by logical name."""
    if unknown := objectives.keys() - MAKERS.keys() - WITHOUT_ALARM.keys():
        raise DeployError(
            f"The policy: no alarm is made of {', '.join(sorted(unknown))}. "
            "Add it to MAKERS in deploy/alarms.py, or to WITHOUT_ALARM with the reason."
        )
    if gone := (MAKERS.keys() | WITHOUT_ALARM.keys()) - objectives.keys():
        raise DeployError(
            f"The policy: expected the rule {', '.join(sorted(gone))}, which deploy/alarms.py knows. "
            "Bring the rule back, or take its alarm out."
        )
    resources: dict[str, Json] = {}
    for name, maker in MAKERS.items():
        resources |= maker(objectives[name])
    return resources


def _alarm(objective: Objective, name: str, **properties: Any) -> Json:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": "${AWS::StackName}-" + name},
            "AlarmDescription": f"{objective.name} of the policy: {objective.reason}",
            "ComparisonOperator": "GreaterThanThreshold",
            # Three minutes of five: one slow minute calls nobody, and a lasting fault is known within five.
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "TreatMissingData": "notBreaching",
            "ActionsEnabled": True,
            "AlarmActions": [{"Ref": "Alerts"}],
            "OKActions": [{"Ref": "Alerts"}],
            **properties,
        },
    }


def _errors(objective: Objective) -> dict[str, Json]:
    rate = {
        "Id": "rate",
        "ReturnData": True,
        "Label": "5xx, % of requests",
        # The balancer's own 5xx are requests that reached no task: the outage itself.
        "Expression": "100*(FILL(target,0)+FILL(own,0))/requests",
    }
    queries = [
        metrics.targets("HTTPCode_Target_5XX_Count", "Sum").query("target"),
        metrics.balancer("HTTPCode_ELB_5XX_Count", "Sum").query("own"),
        metrics.balancer("RequestCount", "Sum").query("requests"),
        rate,
    ]
    return {"SloErrors": _alarm(objective, "slo-errors", Threshold=in_percent(objective), Metrics=queries)}


def _latency(objective: Objective) -> dict[str, Json]:
    metric = metrics.targets("TargetResponseTime", "p95")
    return {"SloLatency": _alarm(objective, "slo-latency", Threshold=in_seconds(objective), **metric.properties())}


def _database(objective: Objective) -> dict[str, Json]:
    limit = in_percent(objective)
    share = {
        "Id": "share",
        "ReturnData": True,
        "Label": "% of max_connections",
        "Expression": {"Fn::Sub": ["100*used/${Limit}", {"Limit": metrics.imported("data-ConnectionsMax")}]},
    }
    queries = [metrics.database("DatabaseConnections", "Maximum").query("used"), share]
    cpu = metrics.database("CPUUtilization", "Average").properties()
    # A database that sends no metrics is down or gone: that calls somebody, too.
    silent = {"TreatMissingData": "breaching"}
    return {
        "SloDatabaseCpu": _alarm(objective, "slo-database-cpu", Threshold=limit, **cpu, **silent),
        "SloDatabaseConnections": _alarm(
            objective, "slo-database-connections", Threshold=limit, Metrics=queries, **silent
        ),
    }


def _readiness(objective: Objective) -> dict[str, Json]:
    unhealthy = metrics.targets("UnHealthyHostCount", "Maximum").properties()
    # No task at all is not one unhealthy task: counted apart, and silence is the worst sign.
    running = metrics.service("RunningTaskCount", "Minimum").properties()
    return {
        "SloReadiness": _alarm(objective, "slo-readiness", Threshold=in_hosts(objective), **unhealthy),
        "SloTasks": _alarm(
            objective,
            "slo-tasks",
            Threshold={"Ref": "TasksMin"},
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="breaching",
            **running,
        ),
    }


MAKERS: dict[str, Callable[[Objective], dict[str, Json]]] = {
    "slo-errors": _errors,
    "slo-latency": _latency,
    "slo-database": _database,
    "slo-readiness": _readiness,
}
