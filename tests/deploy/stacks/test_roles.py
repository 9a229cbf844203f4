"""Rights of each role."""

from typing import Any

import pytest

from tests.deploy.material import STACKS, Material, as_list

ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
ENVIRONMENTS = {"PushRole": "registry", "StagingRole": "staging", "ProductionRole": "production"}


def statements(role: dict[str, Any]) -> list[Any]:
    return [each for policy in role.get("Policies", []) for each in as_list(policy["PolicyDocument"]["Statement"])]


def test_the_code_may_do_nothing_on_aws(material: Material) -> None:
    """The role that the service itself runs with has no policy."""
    role = material.resources("service", ROLE)["TaskRole"]
    assert not role.get("Policies")
    assert not role.get("ManagedPolicyArns")


def test_a_task_is_started_with_two_secrets_and_its_log(material: Material) -> None:
    """The execution role reads two secrets, on staging the load test's key with them, and nothing else."""
    role = material.resources("service", ROLE)["ExecutionRole"]
    assert not role.get("ManagedPolicyArns")
    by_action = {action: each["Resource"] for each in statements(role) for action in as_list(each["Action"])}
    secrets = by_action["secretsmanager:GetSecretValue"]
    always = [each["Fn::ImportValue"]["Fn::Sub"].rpartition("-")[2] for each in secrets if "Fn::If" not in each]
    on_staging = [each["Fn::If"] for each in secrets if "Fn::If" in each]
    assert always == ["DatabaseSecret", "AppSecret"]
    assert [(name, other) for name, _, other in on_staging] == [("IsStaging", {"Ref": "AWS::NoValue"})]
    assert by_action["logs:PutLogEvents"] == {"Fn::GetAtt": ["Logs", "Arn"]}
    assert set(by_action) == {
        "secretsmanager:GetSecretValue",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetAuthorizationToken",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


def test_each_role_of_the_pipeline_is_bound_to_one_environment(material: Material) -> None:
    """A token of GitHub gets a role only with this audience, this repository and this environment, all spelled out."""
    for name, environment in ENVIRONMENTS.items():
        (statement,) = material.resources("registry", ROLE)[name]["AssumeRolePolicyDocument"]["Statement"]
        issuer = "token.actions.githubusercontent.com"
        assert statement["Condition"] == {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": {"Fn::Sub": f"repo:${{GitHubRepository}}:environment:{environment}"},
            }
        }, name


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_release_reaches_its_own_environment_alone(material: Material, environment: str) -> None:
    """Whatever a release changes is named after its environment; only what has no narrower resource is open."""
    policy = material.resources("registry", POLICY)[f"{environment.title()}Release"]
    other = {"staging": "production", "production": "staging"}[environment]
    assert other not in str(policy)
    open_actions = set()
    for statement in policy["PolicyDocument"]["Statement"]:
        for resource in as_list(statement["Resource"]):
            if resource == "*":
                open_actions |= set(as_list(statement["Action"]))
            else:
                assert environment in str(resource) or resource == {"Fn::GetAtt": ["ServiceRepository", "Arn"]}
    assert open_actions <= {
        "ecr:GetAuthorizationToken",
        "ecs:DeregisterTaskDefinition",
        "ecs:DescribeTaskDefinition",
        "ecs:ListTasks",
        "ecs:RegisterTaskDefinition",
    }


def test_no_policy_allows_whole_services(material: Material) -> None:
    """No action ends in a star, save for the account's own hold on the alerts' key."""
    found = []
    for stack in STACKS:
        for name, role in {**material.resources(stack, ROLE), **material.resources(stack, POLICY)}.items():
            if name == "TaskRole":  # has a test of its own
                continue
            documents = [*statements(role), *role.get("PolicyDocument", {}).get("Statement", [])]
            found += [(name, action) for each in documents for action in as_list(each["Action"]) if "*" in action]
    assert found == []
