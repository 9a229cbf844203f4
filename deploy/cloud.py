"""One environment on AWS: what a release reads of it, and the few things that it changes."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy.outcomes import CouldNotRun
from deploy.stack_state import Running, StackState

_OF_THE_ANSWER = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far the service has taken over its newest task definition."""

    state: str
    reason: str
    digests: frozenset[str]


class Cloud:
    """The stack of one environment, and the services of AWS behind it."""

    def __init__(self, *, environment: str, prefix: str = "orders", session: boto3.Session | None = None) -> None:
        session = session or boto3.Session()
        self.environment = environment
        self.stack_name = f"{prefix}-{environment}-service"
        self._formation = session.client("cloudformation")
        self._containers = session.client("ecs")
        self._registry = session.client("ecr")
        self._watch = session.client("cloudwatch")

    # --- reading -------------------------------------------------------------------------------------------------

    def stack(self) -> StackState:
        """Return the stack as it is."""
        try:
            described = self._formation.describe_stacks(StackName=self.stack_name)["Stacks"][0]
        except ClientError as error:
            raise CouldNotRun(
                f"There is no stack {self.stack_name} in this account and region ({_message(error)}). "
                "Deploy it first: docs/deploy.md, First deployment."
            ) from error
        return StackState.read(described)

    def failures(self) -> list[str]:
        """Return what CloudFormation says of the resources that failed in the last update, newest first."""
        reasons = []
        for event in self._formation.describe_stack_events(StackName=self.stack_name)["StackEvents"]:
            if event["ResourceStatus"].endswith("_FAILED"):
                reasons.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
            if event["ResourceStatus"] == "UPDATE_IN_PROGRESS" and event["LogicalResourceId"] == self.stack_name:
                break
        return reasons

    def holds(self, running: Running) -> bool:
        """Return whether the registry holds the image, by its digest."""
        repository = running.image.partition("/")[2].partition("@")[0]
        try:
            self._registry.describe_images(repositoryName=repository, imageIds=[{"imageDigest": running.digest}])
        except (
            self._registry.exceptions.ImageNotFoundException,
            self._registry.exceptions.RepositoryNotFoundException,
        ):
            return False
        return True

    def firing(self) -> list[str]:
        """Return the names of the stack's alarms that are in ALARM."""
        pages = self._watch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{self.stack_name}-")
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        return sorted(alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM")

    def rollout(self, stack: StackState) -> Rollout:
        """Return the state of the service's newest deployment, and the digests that its tasks run."""
        cluster = stack.outputs["Cluster"]
        service = self._service(stack)
        primary = next(each for each in service["deployments"] if each["status"] == "PRIMARY")
        tasks = self._containers.list_tasks(cluster=cluster, serviceName=service["serviceName"])["taskArns"]
        described = self._containers.describe_tasks(cluster=cluster, tasks=tasks)["tasks"] if tasks else []
        web = [each for task in described for each in task["containers"] if each["name"] == "web"]
        return Rollout(
            state=primary.get("rolloutState", "IN_PROGRESS"),
            reason=primary.get("rolloutStateReason", ""),
            digests=frozenset(each.get("imageDigest") or each.get("image", "").rpartition("@")[2] for each in web),
        )

    def migrations(self, stack: StackState, *, label: str) -> list[dict[str, Any]]:
        """Return the migration tasks that were started under `label` and are still known, running or stopped."""
        cluster = stack.outputs["Cluster"]
        family = f"{self.stack_name.removesuffix('-service')}-migrate"
        arns = []
        # A filter by startedBy must stand alone, and finds no stopped task.
        for status in ("RUNNING", "STOPPED"):
            arns += self._containers.list_tasks(cluster=cluster, family=family, desiredStatus=status)["taskArns"]
        described = self._containers.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [task for task in described if task.get("startedBy") == label]

    def task(self, stack: StackState, arn: str) -> dict[str, Any]:
        """Return one task as it is."""
        described = self._containers.describe_tasks(cluster=stack.outputs["Cluster"], tasks=[arn])["tasks"]
        if not described:
            raise CouldNotRun(f"ECS no longer knows the task {arn}. Start the release again.")
        found: dict[str, Any] = described[0]
        return found

    # --- changing ------------------------------------------------------------------------------------------------

    def start_migration(self, stack: StackState, wanted: Running, *, label: str) -> str:
        """Start the migrations of `wanted` as one task, and return its ARN."""
        definition = self._definition_with(stack.outputs["MigrationTask"], wanted)
        service = self._service(stack)
        registered = self._containers.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
        try:
            answer = self._containers.run_task(
                cluster=stack.outputs["Cluster"],
                taskDefinition=registered,
                launchType="FARGATE",
                networkConfiguration=service["networkConfiguration"],
                startedBy=label,
            )
        finally:
            # A task keeps the definition that it was started with; nothing of this release stays behind.
            self._containers.deregister_task_definition(taskDefinition=registered)
        if not answer["tasks"]:
            reasons = "; ".join(each.get("reason", "no reason given") for each in answer["failures"])
            raise CouldNotRun(f"ECS did not start the migration: {reasons}. Nothing was changed.")
        arn: str = answer["tasks"][0]["taskArn"]
        return arn

    def update(self, parameters: dict[str, str]) -> None:
        """Give the stack other parameters, and leave its template as it is."""
        self._formation.update_stack(
            StackName=self.stack_name,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

    def cancel(self) -> None:
        """Let CloudFormation undo the update that is under way."""
        self._formation.cancel_update_stack(StackName=self.stack_name)

    def _service(self, stack: StackState) -> dict[str, Any]:
        found = self._containers.describe_services(
            cluster=stack.outputs["Cluster"], services=[stack.outputs["Service"]]
        )["services"]
        if not found:
            raise CouldNotRun(f"ECS has no service {stack.outputs['Service']}. Look at the stack {self.stack_name}.")
        service: dict[str, Any] = found[0]
        return service

    def _definition_with(self, arn: str, wanted: Running) -> dict[str, Any]:
        answer = self._containers.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        definition = {key: value for key, value in answer.items() if key not in _OF_THE_ANSWER}
        for container in definition["containerDefinitions"]:
            container["image"] = wanted.image
            for variable in container["environment"]:
                if variable["name"] == "SERVICE_REVISION":
                    variable["value"] = wanted.revision
        return definition


def _message(error: ClientError) -> str:
    message: str = error.response["Error"].get("Message", str(error))
    return message.rstrip(".")
