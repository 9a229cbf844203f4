"""All stacks on the stand-in, deployed by AWS's own command line, and read back through AWS's interface."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from deploy.alarms import make_alarms
from deploy.policy import read_objectives
from tests.deploy.material import ROOT, STACKS, Material, as_list
from tests.deploy.standin.account import HOST_NAME, account, create, deploy, image, parameters
from tests.deploy.standin.registration import dropped, register

PARAMETERS = {
    "registry": {"GitHubRepository": "shop/orders"},
    "canary": {
        "Image": image("e"),
        "HostName": HOST_NAME,
        "TokenSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-staging/load-token-abcdef",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What was deployed: each stack's name, parameters, and the command line's exit code and output."""

    names: dict[str, str]
    values: dict[str, dict[str, str]]
    outputs: dict[str, tuple[int, str]]

    def ids(self, stack: str) -> dict[str, str]:
        """Return the physical ids of a stack's resources, by logical name."""
        pages = (
            boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.names[stack])
        )
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def again(self, stack: str, **others: str) -> str:
        """Deploy a stack once more, and return what the command line says."""
        done = deploy(self.names[stack], ROOT / f"deploy/stack/{stack}.yaml", **{**self.values[stack], **others})
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """Staging, as docs/deploy.md says, and production through the interface."""
    with pytest.MonkeyPatch.context() as monkeypatch, account(monkeypatch):
        names = {stack: "orders-registry" if stack == "registry" else f"orders-staging-{stack}" for stack in STACKS}
        values: dict[str, dict[str, str]] = {}
        outputs = {}
        for stack in STACKS:
            values[stack] = {
                **PARAMETERS.get(stack, {"Environment": "staging"}),
                **(parameters("staging") if stack == "service" else {}),
            }
            done = deploy(names[stack], ROOT / f"deploy/stack/{stack}.yaml", **values[stack])
            outputs[stack] = (done.returncode, done.stdout + done.stderr)
        for stack in ("network", "data"):
            create(f"orders-production-{stack}", stack, Environment="production")
        create("orders-production-service", "service", **parameters("production"))
        yield Deployed(names=names, values=values, outputs=outputs)


def test_no_resource_type_would_be_dropped(material: Material) -> None:
    """The stand-in knows every type of every template: moto leaves unknown ones out without a word."""
    register()
    types = [each["Type"] for stack in STACKS for each in material.template(stack)["Resources"].values()]
    assert dropped(types) == []
    assert dropped([*types, "AWS::Planted::Type"]) == ["AWS::Planted::Type"]


def test_templates_fit_into_the_command_line(material: Material) -> None:
    """A template that is sent with the command has 51,200 bytes at most."""
    sizes = {name: len(text.encode()) for name, text in material.texts.items() if "/stack/" in name}
    assert max(sizes.values()) <= 51_200


def test_all_stacks_are_deployed_by_the_command_line(deployed: Deployed) -> None:
    """Each command succeeds, and each resource of its template is there under an id."""
    assert {stack: code for stack, (code, _) in deployed.outputs.items()} == dict.fromkeys(STACKS, 0), deployed.outputs
    for stack in STACKS:
        template = Material.read().template(stack)["Resources"]
        assert set(deployed.ids(stack)) == set(template), stack


def test_a_second_deployment_changes_nothing(deployed: Deployed) -> None:
    """The same command again finds nothing to do, for the stack that changes most."""
    before = deployed.ids("service")
    assert "No updates are to be performed" in deployed.again("service")
    assert deployed.ids("service") == before


def test_another_image_reaches_the_service(deployed: Deployed) -> None:
    """A deployment of another digest registers it, and the service takes it over."""
    assert "Successfully created/updated stack" in deployed.again("service", Image=image("c"))
    service = the_service("staging")
    definition = boto3.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
    assert definition["taskDefinition"]["containerDefinitions"][0]["image"] == image("c")


def test_the_alarms_are_there_and_can_fire(deployed: Deployed) -> None:
    """Every alarm that the policy makes is one of CloudWatch's, with its limit and its action."""
    client = boto3.client("cloudwatch")
    found = {
        each["AlarmName"]: each
        for each in client.describe_alarms(AlarmNamePrefix="orders-staging-service-")["MetricAlarms"]
    }
    for alarm in make_alarms(read_objectives()).values():
        properties = alarm["Properties"]
        name = properties["AlarmName"]["Fn::Sub"].replace("${AWS::StackName}", "orders-staging-service")
        threshold = properties["Threshold"]
        assert found[name]["Threshold"] == (2 if isinstance(threshold, dict) else threshold), name
        assert found[name]["AlarmActions"] == found[name]["OKActions"] == [deployed.ids("service")["Alerts"]]
    assert len(found) == 6
    client.set_alarm_state(AlarmName="orders-staging-service-slo-errors", StateValue="ALARM", StateReason="planted")
    firing = client.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert [each["AlarmName"] for each in firing] == ["orders-staging-service-slo-errors"]


def test_the_alarm_on_connections_knows_the_limit(deployed: Deployed) -> None:
    """Its expression holds the number that the data stack gives the database."""
    (alarm,) = boto3.client("cloudwatch").describe_alarms(
        AlarmNames=["orders-staging-service-slo-database-connections"]
    )["MetricAlarms"]
    assert [each["Expression"] for each in alarm["Metrics"] if "Expression" in each] == ["100*used/120"]


def test_the_dashboard_is_json_once_its_values_are_in(deployed: Deployed) -> None:
    """CloudWatch is given a body that it can read, with the names of this environment's resources."""
    body = boto3.client("cloudwatch").get_dashboard(DashboardName="orders-staging-service")["DashboardBody"]
    widgets: list[Any] = json.loads(body)["widgets"]
    assert len(widgets) == 6
    assert "${" not in body


def test_the_database_is_out_of_reach(deployed: Deployed) -> None:
    """No address on the internet; its group takes the tasks' group alone; production is protected."""
    client = boto3.client("rds")
    found = client.describe_db_instances()["DBInstances"]
    groups = {"staging": deployed.ids("network")["TaskGroup"]}
    for instance in found:
        assert (instance["PubliclyAccessible"], instance["StorageEncrypted"]) == (False, True)
    assert sorted((each["MultiAZ"], each["DeletionProtection"], each["BackupRetentionPeriod"]) for each in found) == [
        (False, False, 1),
        (True, True, 14),
    ]
    database = deployed.ids("network")["DatabaseGroup"]
    (group,) = boto3.client("ec2").describe_security_groups(GroupIds=[database])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert [each["GroupId"] for each in rule["UserIdGroupPairs"]] == [groups["staging"]]
    assert not rule["IpRanges"]


def test_the_services_tasks_hold_no_secret(deployed: Deployed) -> None:
    """In both environments the registered tasks name their secrets by ARN; the load test's key is staging's alone."""
    for environment, count in (("staging", 4), ("production", 3)):
        service = the_service(environment)
        definition = boto3.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
        web = definition["taskDefinition"]["containerDefinitions"][0]
        assert all(each["valueFrom"].startswith("arn:aws:secretsmanager:") for each in web["secrets"])
        assert len(web["secrets"]) == count
        assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"


def test_the_execution_role_reads_exactly_its_secrets(deployed: Deployed) -> None:
    """Its policy names two secrets by ARN, three on staging, without a star."""
    client = boto3.client("iam")
    role = deployed.ids("service")["ExecutionRole"]
    (name,) = client.list_role_policies(RoleName=role)["PolicyNames"]
    document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    # Of a role that CloudFormation made, moto answers the document as Python writes it, and not as JSON.
    parsed = document if isinstance(document, dict) else ast.literal_eval(document)
    statements = as_list(parsed["Statement"])
    (secrets,) = [each for each in statements if each["Action"] == "secretsmanager:GetSecretValue"]
    assert len(secrets["Resource"]) == 3
    assert all(":secret:orders-staging/" in each and "*" not in each for each in secrets["Resource"])
    assert client.list_role_policies(RoleName=deployed.ids("service")["TaskRole"])["PolicyNames"] == []


def test_the_service_scales_between_its_bounds(deployed: Deployed) -> None:
    """The scaling's target is this service, from two to eight tasks."""
    targets = boto3.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    found = {each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"]) for each in targets}
    assert found["service/orders-staging/orders-staging-web"] == (2, 8)


def test_the_canary_is_scheduled_and_its_line_becomes_an_alarm(deployed: Deployed) -> None:
    """The rule starts the registered task, its log's line is a metric, and the alarms on it call the same people."""
    (rule,) = boto3.client("events").list_rules(NamePrefix="orders-staging-canary")["Rules"]
    (target,) = boto3.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    definition = boto3.client("ecs").describe_task_definition(
        taskDefinition=target["EcsParameters"]["TaskDefinitionArn"]
    )
    assert definition["taskDefinition"]["family"] == "orders-staging-canary"
    (kept,) = boto3.client("logs").describe_metric_filters(logGroupName="/ecs/orders-staging-canary")["metricFilters"]
    (made,) = kept["metricTransformations"]
    alarms = boto3.client("cloudwatch").describe_alarms(AlarmNamePrefix="orders-staging-canary-")["MetricAlarms"]
    assert {(each["Namespace"], each["MetricName"]) for each in alarms} == {
        (made["metricNamespace"], made["metricName"])
    }
    assert [each["AlarmActions"] for each in alarms] == [[deployed.ids("service")["Alerts"]]] * 2


def the_service(environment: str) -> dict[str, Any]:
    (found,) = boto3.client("ecs").describe_services(
        cluster=f"orders-{environment}", services=[f"orders-{environment}-web"]
    )["services"]
    service: dict[str, Any] = found
    return service
