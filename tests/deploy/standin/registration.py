"""Teaches moto's CloudFormation the types that it lacks, and repairs what it answers wrongly (seen in moto 5.2.5)."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudformation import models as cloudformation
from moto.cloudformation import parsing
from moto.ec2.models import elastic_network_interfaces as interfaces
from moto.ecs import models as ecs
from moto.elbv2 import models as elbv2
from moto.moto_api import state_manager
from moto.rds import models as rds

from tests.deploy.standin import resources


def register() -> None:
    """Put our types in place of moto's; once a process, again without effect."""
    ours = [
        each
        for each in vars(resources).values()
        if isinstance(each, type) and issubclass(each, resources.Made) and each is not resources.Made
    ]
    known = parsing.get_model_list.__wrapped__ if hasattr(parsing.get_model_list, "__wrapped__") else None
    if known is None:
        return
    # Ours come last: of two models of one type, moto takes the later.
    parsing.get_model_list = lambda: [model for model in known() if model is not resources.Made] + ours
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    # A reference gives the name; moto gives the object, and RDS then fails on it.
    rds.DBParameterGroup.physical_resource_id = property(lambda self: self.name)
    rds.DBSubnetGroup.physical_resource_id = property(lambda self: getattr(self, "subnet_name", None) or self.name)
    # Left out where the network answers names as the template's does, "true" being another truth than True.
    interfaces.NetworkInterface.private_dns_name = ""
    _share_exports_of_change_sets()
    _find_tasks_by_family()
    _follow_references()
    keep_tasks_still()
    _answer(elbv2.FakeTargetGroup, "TargetGroupFullName", lambda self: self.arn.rpartition(":")[2])
    _answer(elbv2.FakeLoadBalancer, "LoadBalancerFullName", lambda self: self.arn.rpartition(":loadbalancer/")[2])


def keep_tasks_still() -> None:
    """Let a task's state move when a test moves it, and not with each look at it; a reset of moto forgets it."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})


def dropped(resource_types: Iterable[str]) -> list[str]:
    """Return those of `resource_types` that a deployment on moto would silently leave out."""
    return sorted(set(resource_types) - set(parsing.get_model_map()))


def _answer(model: type, attribute: str, value: Callable[[Any], str]) -> None:
    before = getattr(model, "get_cfn_attribute", None)

    def get(self: Any, name: str) -> Any:
        if name == attribute:
            return value(self)
        assert before, f"moto's {model.__name__} has no attribute {name}"
        return before(self, name)

    vars_of: Any = model
    vars_of.get_cfn_attribute = get
    vars_of.has_cfn_attr = classmethod(lambda _cls, _attr: True)


def _share_exports_of_change_sets() -> None:
    """Let a stack that a change set makes import and export: moto does so for create_stack alone."""
    execute = cloudformation.CloudFormationBackend.execute_change_set

    def execute_with_exports(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        for stack in self.stacks.values():
            stack.cross_stack_resources = self.exports
            stack.resource_map.cross_stack_resources = self.exports
        execute(self, change_set_name, stack_name)
        stack = self.stacks[self.change_sets[change_set_name].stack_id]
        stack.template_dict = self.change_sets[change_set_name].template_dict
        stack.output_map = stack._create_output_map()
        self.exports.update((export.name, export) for export in stack.exports)

    cloudformation.CloudFormationBackend.execute_change_set = execute_with_exports


def _find_tasks_by_family() -> None:
    """Find the tasks of a family also where their task definition is no longer registered, as ECS does."""
    find = ecs.EC2ContainerServiceBackend.list_tasks

    def find_by_family(  # noqa: PLR0917
        self: Any,
        cluster: str | None = None,
        instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service: str | None = None,
        status: str | None = None,
    ) -> list[Any]:
        found = find(self, cluster, instance, None, started_by, service, status)
        return [task for task in found if family is None or f"/{family}:" in task.task_definition_arn]

    ecs.EC2ContainerServiceBackend.list_tasks = find_by_family


def _follow_references() -> None:
    """Update what refers to a task definition that is replaced: moto leaves the service with the former one."""
    difference = parsing.ResourceMap.build_resource_diff

    def with_referrers(self: Any, other: dict[str, Any], parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        actions: dict[str, Any] = difference(self, other, parameters)
        replaced = [
            {"Ref": name}
            for name in actions["Modify"]
            if other["Resources"][name]["Type"] == resources.TaskDefinition.TYPE
        ]
        for name, resource in other["Resources"].items():
            refers = any(value in replaced for value in resource.get("Properties", {}).values())
            if refers and name not in (*actions["Modify"], *actions["Add"]):
                actions["Modify"].append(name)
        return actions

    parsing.ResourceMap.build_resource_diff = with_referrers
