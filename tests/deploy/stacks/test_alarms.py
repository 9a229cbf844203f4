"""Alarms of day one, and the policy that they are made of."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy import alarms
from deploy.errors import DeployError
from deploy.policy import LAYERS, Objective, read_objectives
from deploy.template import render
from tests.deploy.material import Material

ALARM = "AWS::CloudWatch::Alarm"
EXAMPLES = {
    name: Objective(name=name, metrics=(), unit=unit, at_most=at_most, reason="because")
    for name, unit, at_most in (
        ("slo-errors", "fraction", 0.02),
        ("slo-failures", "fraction", 0.01),
        ("slo-latency", "ms", 750),
        ("slo-database", "%", 70),
        ("slo-readiness", "probes", 0),
    )
}


def test_the_template_holds_what_the_policy_makes(material: Material, tmp_path: Path) -> None:
    """Making the part anew of the policy changes nothing: neither was edited without the other."""
    (tmp_path / "policy.toml").write_text(material.texts["reglab/report/policy.toml"], encoding="utf-8")
    text = material.texts["deploy/stack/service.yaml"]
    assert render(text, layers=[tmp_path / "policy.toml", LAYERS[1]]) == text


def test_limits_are_converted_to_cloudwatchs_units(material: Material) -> None:
    """A fraction becomes percent, milliseconds become seconds: 0.02 → 2 %, 750 ms → 0.75 s."""
    made = alarms.make_alarms(EXAMPLES)
    thresholds = {name: each["Properties"]["Threshold"] for name, each in made.items()}
    assert thresholds == {
        "SloErrors": 2,
        "SloLatency": 0.75,
        "SloDatabaseCpu": 70,
        "SloDatabaseConnections": 70,
        "SloReadiness": 0,
        "SloTasks": {"Ref": "TasksMin"},
    }


def test_every_alarm_calls_somebody(material: Material) -> None:
    """Each alarm has its actions on and sends to the topic, when it fires and when it is over."""
    for name, alarm in alarms.make_alarms(EXAMPLES).items():
        properties = alarm["Properties"]
        assert properties["ActionsEnabled"] is True, name
        assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "Alerts"}], name


def test_alarms_can_reach_the_topic(material: Material) -> None:
    """CloudWatch may use the topic's key; with the key that AWS keeps for SNS, every alarm would be lost in silence."""
    (topic,) = material.resources("service", "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["AlertsKey", "Arn"]}
    statements = material.resources("service", "AWS::KMS::Key")["AlertsKey"]["KeyPolicy"]["Statement"]
    allowed = [each["Action"] for each in statements if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    assert allowed == [["kms:Decrypt", "kms:GenerateDataKey*"]]
    (mail,) = material.resources("service", "AWS::SNS::Subscription").values()
    assert (mail["TopicArn"], mail["Protocol"]) == ({"Ref": "Alerts"}, "email")


def test_a_new_objective_without_an_alarm_is_refused(material: Material) -> None:
    """An objective that no alarm is made of needs one, or a reason to have none."""
    objective = Objective(name="slo-queue", metrics=(), unit="messages", at_most=5, reason="because")
    with pytest.raises(DeployError, match="no alarm is made of slo-queue"):
        alarms.make_alarms({**EXAMPLES, "slo-queue": objective})


def test_an_objective_in_another_unit_is_refused(material: Material) -> None:
    """Nothing is guessed of a unit that nobody has said how to convert."""
    minutes = Objective(name="slo-latency", metrics=(), unit="minutes", at_most=1, reason="because")
    with pytest.raises(DeployError, match="minutes"):
        alarms.make_alarms({**EXAMPLES, "slo-latency": minutes})


def test_silence_is_an_alarm_where_only_an_outage_is_silent(material: Material) -> None:
    """No metrics of the database or of running tasks mean that they are gone; no requests mean that nobody asked."""
    found = {name: each["Properties"]["TreatMissingData"] for name, each in alarms.make_alarms(EXAMPLES).items()}
    assert [name for name, treatment in found.items() if treatment == "breaching"] == [
        "SloDatabaseCpu",
        "SloDatabaseConnections",
        "SloTasks",
    ]


def test_the_dashboard_shows_every_alarm_with_its_line(material: Material) -> None:
    """One graph an alarm, titled like it, with the threshold drawn."""
    dashboard = material.resources("service", "AWS::CloudWatch::Dashboard")["Dashboard"]
    text, values = dashboard["DashboardBody"]["Fn::Sub"]
    for name in values:
        text = text.replace(f"${{{name}}}", "1")
    widgets: list[dict[str, Any]] = json.loads(text)["widgets"]
    shown = {
        each["properties"]["title"]: each["properties"]["annotations"]["horizontal"][0]["value"] for each in widgets
    }
    found = material.resources("service", ALARM)
    assert set(shown) == {each["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-") for each in found.values()}
    assert all(isinstance(value, int | float) for value in shown.values())


def test_the_seeds_five_alerts_are_there(material: Material) -> None:
    """5xx above 1 %, p95 above 500 ms, database CPU and connections above 80 %, and the health of tasks."""
    objectives = read_objectives()
    assert objectives["slo-errors"].at_most == 0.01
    assert objectives["slo-latency"].at_most == 500
    assert objectives["slo-database"].at_most == 80
    assert set(material.resources("service", ALARM)) == set(alarms.make_alarms(EXAMPLES))
