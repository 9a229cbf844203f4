"""The canary: a scheduled load with its ledger, and the alarms on what it says."""

import json
import tomllib
from typing import Any

import pytest

from deploy.canary import METRICS, outcome
from tests.deploy.material import Material, as_list, variables

ALERTS = [{"Fn::ImportValue": {"Fn::Sub": "${Prefix}-${Environment}-service-Alerts"}}]


def alarms(material: Material) -> dict[str, Any]:
    return material.resources("canary", "AWS::CloudWatch::Alarm")


def test_the_canary_says_what_its_alarms_read(material: Material) -> None:
    """The filter picks a number out of the line that the canary prints, under the name that both alarms watch."""
    samples = [{"metric": name, "values": [count]} for name, count in zip(METRICS, (2, 1), strict=True)]
    findings = [{"metric": "lost_writes", "evidence": ["create-order 7"]}]
    line = json.loads(json.dumps(outcome({"samples": samples, "findings": findings})))
    (kept,) = material.resources("canary", "AWS::Logs::MetricFilter").values()
    (made,) = kept["MetricTransformations"]
    name = made["MetricValue"].removeprefix("$.")
    assert kept["FilterPattern"] == f"{{ $.{name} = * }}"
    assert line[name] == 3
    assert {(each["Namespace"]["Ref"], each["MetricName"]) for each in alarms(material).values()} == {
        (made["MetricNamespace"]["Ref"], made["MetricName"])
    }


def test_a_ledger_that_was_not_reconciled_is_no_number(material: Material) -> None:
    """Where the load test left one of its figures out, or no verdict at all, the line says why and counts nothing."""
    half = {"samples": [{"metric": METRICS[0], "values": [0]}], "findings": [], "summary": "INCONCLUSIVE: interrupted"}
    assert outcome(half) == {"undecided": "INCONCLUSIVE: interrupted"}
    assert "undecided" in outcome({})


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [{"metric": "requests", "values": [0]}],
        [{"metric": "requests", "values": [150]}, {"metric": "server_error_rate", "values": [1.0]}],
    ],
)
def test_a_ledger_of_no_answers_proves_nothing(seen: list[dict[str, Any]]) -> None:
    """Nothing lost where nothing was sent, or where the service failed each request, is no number."""
    kept = [{"metric": name, "values": [0]} for name in METRICS]
    assert set(outcome({"samples": [*kept, *seen], "findings": []})) == {"undecided"}
    sound = [{"metric": "requests", "values": [150]}, {"metric": "server_error_rate", "values": [0.0]}]
    assert outcome({"samples": [*kept, *sound], "findings": []})["broken"] == 0


def test_the_canarys_alarm_is_the_policys(material: Material) -> None:
    """It fires above what the rules on lost and invented data allow, each of which gates the load test."""
    rules = tomllib.loads(material.texts["reglab/report/policy.toml"])["rule"]
    allowed = {metric: rule["equals"] for rule in rules for metric in rule.get("metrics", []) if metric in METRICS}
    lost = alarms(material)["LostWrites"]
    assert (lost["ComparisonOperator"], lost["Statistic"]) == ("GreaterThanThreshold", "Maximum")
    assert allowed == dict.fromkeys(METRICS, lost["Threshold"])
    assert lost["EvaluationPeriods"] == lost["DatapointsToAlarm"] == 1


def test_a_silent_canary_is_an_alarm(material: Material) -> None:
    """No reconciled ledger in three periods of the schedule calls somebody: nothing was proven."""
    silent = alarms(material)["Silent"]
    (rule,) = material.resources("canary", "AWS::Events::Rule").values()
    assert (silent["Statistic"], silent["TreatMissingData"]) == ("SampleCount", "breaching")
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    assert silent["EvaluationPeriods"] == silent["DatapointsToAlarm"] == 3


def test_the_canary_calls_whom_the_service_calls(material: Material) -> None:
    """Both alarms send to the service's topic, when they fire and when it is over."""
    assert len(alarms(material)) == 2
    for name, alarm in alarms(material).items():
        assert alarm["ActionsEnabled"] is True, name
        assert alarm["AlarmActions"] == alarm["OKActions"] == ALERTS, name


def test_the_canary_never_loads_production(material: Material) -> None:
    """The stack can be made for staging alone, and the task asks its target for staging's proof."""
    assert material.template("canary")["Parameters"]["Environment"]["AllowedValues"] == ["staging"]
    command = material.containers("canary")["canary"]["Command"]
    assert command[:4] == ["python", "-m", "deploy.canary", "--target"]
    assert "--environment" not in command


def test_the_canary_is_locked_down(material: Material) -> None:
    """Its own user, a read-only file system, no capability, no secret in plain, no right for its code, two secrets."""
    container = material.containers("canary")["canary"]
    assert f"USER {container['User']}" in material.texts["deploy/image/Dockerfile.load"]
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert variables(container) == {}
    roles = material.resources("canary", "AWS::IAM::Role")
    assert not roles["TaskRole"].get("Policies")
    statements = [
        each for policy in roles["ExecutionRole"]["Policies"] for each in policy["PolicyDocument"]["Statement"]
    ]
    (secrets,) = [each["Resource"] for each in statements if "secretsmanager" in str(each["Action"])]
    assert [*as_list(secrets)] == list(variables(container, "Secrets").values())


def test_nothing_calls_the_canary(material: Material) -> None:
    """Its group lets nothing in, and out by HTTPS alone."""
    (group,) = material.resources("canary", "AWS::EC2::SecurityGroup").values()
    assert not group.get("SecurityGroupIngress")
    assert [(each["FromPort"], each["ToPort"]) for each in group["SecurityGroupEgress"]] == [(443, 443)]
