"""Resource types that moto's CloudFormation drops without a word, or makes of half their properties.

Each is made through moto's own interface of the service, so that it exists there as if a person had made it.
"""

import json
from typing import Any, ClassVar, Self

from moto.core.common_models import CloudFormationModel

from tests.deploy.standin.clients import client

Properties = dict[str, Any]


class Made(CloudFormationModel):  # type: ignore[misc]
    """One resource that was made through its service's interface."""

    TYPE: ClassVar[str] = ""

    def __init__(self, physical_id: str, **attributes: Any) -> None:
        self.physical_resource_id = physical_id
        self.attributes = attributes

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.TYPE

    @staticmethod
    def cloudformation_name_type() -> str | None:
        return None

    @classmethod
    def has_cfn_attr(cls, _attr: str) -> bool:
        return True

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        return self.attributes[attribute_name.replace(".", "_")]

    @classmethod
    def create_from_cloudformation_json(cls, name: str, json: Properties, _account: str, region: str, **_: Any) -> Self:
        return cls.make(name, plain(json.get("Properties", {})), region)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: Properties,
        account_id: str,  # noqa: ARG003
        region_name: str,
    ) -> Self:
        return cls.update(original_resource, new_resource_name, plain(cloudformation_json["Properties"]), region_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name: str, json: Properties, account: str, region: str) -> None:
        pass

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        raise NotImplementedError

    @classmethod
    def update(cls, _before: Self, name: str, properties: Properties, region: str) -> Self:
        """Make it again: right where making is an upsert, or where a new one replaces the former."""
        return cls.make(name, properties, region)


def plain(value: Any) -> Any:
    """Return `value` with the texts "true" and "false" as truths, others as their ids, AWS::NoValue left out."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in value if each is not None]
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    return getattr(value, "physical_resource_id", value)


def camel(value: Any) -> Any:
    """Return `value` with keys as the interface of ECS spells them: AwsvpcConfiguration becomes awsvpcConfiguration."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(each) for key, each in value.items()}
    if isinstance(value, list):
        return [camel(each) for each in value]
    return value


class Alarm(Made):
    """Dropped by moto: the type that everything here is about."""

    TYPE = "AWS::CloudWatch::Alarm"

    @classmethod
    def make(cls, name: str, properties: Properties, region: str) -> Self:
        properties = {"AlarmName": name, **properties, "Threshold": float(properties["Threshold"])}
        client("cloudwatch", region).put_metric_alarm(**properties)
        return cls(properties["AlarmName"])


class Secret(Made):
    """Dropped by moto."""

    TYPE = "AWS::SecretsManager::Secret"

    @classmethod
    def make(cls, name: str, properties: Properties, region: str) -> Self:
        secrets = client("secretsmanager", region)
        wanted = properties["GenerateSecretString"]
        text = secrets.get_random_password(
            PasswordLength=int(wanted["PasswordLength"]), ExcludePunctuation=wanted["ExcludePunctuation"]
        )["RandomPassword"]
        if "GenerateStringKey" in wanted:
            text = json.dumps({**json.loads(wanted["SecretStringTemplate"]), wanted["GenerateStringKey"]: text})
        return cls(secrets.create_secret(Name=properties.get("Name", name), SecretString=text)["ARN"])


class ScalableTarget(Made):
    """Dropped by moto."""

    TYPE = "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        numbers = {key: int(properties[key]) for key in ("MinCapacity", "MaxCapacity")}
        client("application-autoscaling", region).register_scalable_target(**{**properties, **numbers})
        return cls("|".join(properties[key] for key in ("ResourceId", "ScalableDimension", "ServiceNamespace")))


class ScalingPolicy(Made):
    """Dropped by moto."""

    TYPE = "AWS::ApplicationAutoScaling::ScalingPolicy"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        resource, dimension, namespace = properties.pop("ScalingTargetId").split("|")
        made = client("application-autoscaling", region).put_scaling_policy(
            ResourceId=resource, ScalableDimension=dimension, ServiceNamespace=namespace, **properties
        )
        return cls(made["PolicyARN"])


class Subscription(Made):
    """Dropped by moto."""

    TYPE = "AWS::SNS::Subscription"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        return cls(client("sns", region).subscribe(**properties, ReturnSubscriptionArn=True)["SubscriptionArn"])


class MetricFilter(Made):
    """Dropped by moto."""

    TYPE = "AWS::Logs::MetricFilter"

    @classmethod
    def make(cls, name: str, properties: Properties, region: str) -> Self:
        transformations = [camel(each) for each in properties["MetricTransformations"]]
        client("logs", region).put_metric_filter(
            filterName=name,
            logGroupName=properties["LogGroupName"],
            filterPattern=properties["FilterPattern"],
            metricTransformations=transformations,
        )
        return cls(name)


class OidcProvider(Made):
    """Dropped by moto."""

    TYPE = "AWS::IAM::OIDCProvider"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        made = client("iam", region).create_open_id_connect_provider(
            Url=properties["Url"], ClientIDList=properties["ClientIdList"], ThumbprintList=["0" * 40]
        )
        return cls(made["OpenIDConnectProviderArn"])


class TaskDefinition(Made):
    """Moto's own keeps properties as CloudFormation spells them, which the interface of ECS then does not answer."""

    TYPE = "AWS::ECS::TaskDefinition"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        wanted = camel(properties)
        for container in wanted["containerDefinitions"]:
            for variable in container["environment"]:
                variable["value"] = str(variable["value"])
        made = client("ecs", region).register_task_definition(**wanted)
        return cls(made["taskDefinition"]["taskDefinitionArn"])


class Service(Made):
    """Moto's own drops the network, the launch type and the load balancers."""

    TYPE = "AWS::ECS::Service"

    @classmethod
    def make(cls, _name: str, properties: Properties, region: str) -> Self:
        wanted = {"DesiredCount": 1, **properties}
        wanted["HealthCheckGracePeriodSeconds"] = int(wanted["HealthCheckGracePeriodSeconds"])
        made = client("ecs", region).create_service(**camel(wanted))["service"]
        return cls(made["serviceArn"], Name=made["serviceName"], ServiceArn=made["serviceArn"])

    @classmethod
    def update(cls, before: Self, _name: str, properties: Properties, region: str) -> Self:
        client("ecs", region).update_service(
            cluster=properties["Cluster"],
            service=properties["ServiceName"],
            taskDefinition=properties["TaskDefinition"],
        )
        return before


class Instance(Made):
    """Moto's own reads the security groups under another name."""

    TYPE = "AWS::RDS::DBInstance"

    @classmethod
    def make(cls, name: str, properties: Properties, region: str) -> Self:
        wanted = {"DBInstanceIdentifier": name.lower()[:60], **properties}
        wanted["VpcSecurityGroupIds"] = wanted.pop("VPCSecurityGroups")
        wanted["EnableCloudwatchLogsExports"] = wanted.pop("EnableCloudwatchLogsExports", [])
        for key in ("AllocatedStorage", "MaxAllocatedStorage", "BackupRetentionPeriod"):
            wanted[key] = int(wanted[key])
        made = client("rds", region).create_db_instance(**wanted)["DBInstance"]
        return cls(made["DBInstanceIdentifier"], Endpoint_Address=made["Endpoint"]["Address"])
