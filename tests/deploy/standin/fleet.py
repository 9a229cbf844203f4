"""The parts of ECS and CloudFormation that moto leaves standing still, moved on by the release's own clock.

Updates of the stack take time here, and may end badly; migrations end; tasks of the service run what their deployment
says. All of it changes moto's own state, so that the release sees it through AWS's interface alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.cloudformation import models as cloudformation
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import EmptyResult
from moto.ecs.models import Task, ecs_backends

from deploy.clock import Clock
from tests.deploy.standin.clients import client

ACCOUNT, REGION = "123456789012", "eu-central-1"
UPDATE_SECONDS = 60


@dataclass(slots=True, kw_only=True)
class Fleet:
    """One environment's service on moto, and a clock whose every wait moves it on."""

    environment: str
    migration_exit_code: int | None = 0
    migration_seconds: float = 20
    # How each update of the stack ends, in order: "complete", "rolled back", "hangs". More updates complete.
    updates: list[str] = field(default_factory=list)
    rollout: str = "COMPLETED"
    seconds: float = 0
    # What happens at which second: the faults of a test, and the ends of updates.
    events: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, sleep=self.sleep)

    def at(self, seconds: float, event: Callable[[], None]) -> None:
        """Let `event` happen at that second of the release."""
        self.events.append((seconds, event))

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        due = [each for each in self.events if each[0] <= self.seconds]
        self.events = [each for each in self.events if each[0] > self.seconds]
        for _, event in due:
            event()
        self.settle()

    def settle(self) -> None:
        """Let migrations end, and the service's tasks run what its deployment says."""
        for task in self.tasks("migrate"):
            if self.seconds >= self.migration_seconds:
                task.last_status = task.desired_status = "STOPPED"
                task.containers[0].exitCode = self.migration_exit_code
        service = next(iter(ecs_backends[ACCOUNT][REGION].services.values()))
        for deployment in service.deployments:
            deployment["rolloutState"] = self.rollout
        tasks = self.tasks("web") or self.start_web(service)
        definition = client("ecs").describe_task_definition(taskDefinition=service.task_definition)
        for task in tasks:
            task.containers[0].image = definition["taskDefinition"]["containerDefinitions"][0]["image"]

    def start_web(self, service: Any) -> list[Task]:
        client("ecs").run_task(
            cluster=service.cluster_name,
            taskDefinition=service.task_definition,
            launchType="FARGATE",
            networkConfiguration=service.network_configuration,
        )
        return self.tasks("web")

    def tasks(self, kind: str) -> list[Task]:
        known = ecs_backends[ACCOUNT][REGION].tasks.get(f"orders-{self.environment}", {})
        return [task for task in known.values() if f"-{kind}:" in task.task_definition_arn]

    def fire(self, alarm: str = "slo-errors") -> None:
        """Let one alarm of the stack go off."""
        name = f"orders-{self.environment}-service-{alarm}"
        assert client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="planted")

    def take_over_updates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let updates of stacks take their time, and end as `updates` says."""
        update = cloudformation.CloudFormationBackend.update_stack
        fleet = self

        def slow_update(backend: Any, **arguments: Any) -> Any:
            stack = backend.get_stack(arguments["name"])
            former = dict(stack.parameters)
            update(backend, **arguments)
            stack.status = "UPDATE_IN_PROGRESS"
            ending = fleet.updates.pop(0) if fleet.updates else "complete"
            back = lambda: fleet.roll_back(stack, former, update, backend)  # noqa: E731
            if ending == "hangs":
                stack.undo = back
            else:
                end = back if ending == "rolled back" else lambda: setattr(stack, "status", "UPDATE_COMPLETE")
                fleet.at(fleet.seconds + UPDATE_SECONDS, end)
            return stack

        def cancel(response: CloudFormationResponse) -> EmptyResult:
            stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
            fleet.cancelled.append(stack.name)
            stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
            fleet.at(fleet.seconds + UPDATE_SECONDS, stack.undo)
            return EmptyResult()

        monkeypatch.setattr(cloudformation.CloudFormationBackend, "update_stack", slow_update)
        monkeypatch.setattr(CloudFormationResponse, "cancel_update_stack", cancel, raising=False)

    def roll_back(self, stack: Any, former: dict[str, str], update: Callable[..., Any], backend: Any) -> None:
        """End an update as ECS's circuit breaker makes CloudFormation end it."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in former.items()]
        stack.events.append(
            cloudformation.Event(
                stack_id=stack.stack_id,
                stack_name=stack.name,
                logical_resource_id="Service",
                physical_resource_id="service",
                resource_type="AWS::ECS::Service",
                resource_status="UPDATE_FAILED",
                resource_status_reason="ECS Deployment Circuit Breaker was triggered.",
                resource_properties=None,
            )
        )
        failed = stack.events[-1]
        update(backend, name=stack.name, role_arn=None, template=stack.template, parameters=given, tags=None)
        stack.events.remove(failed)
        stack.events.append(failed)
        stack.status = "UPDATE_ROLLBACK_COMPLETE"
