"""Faults as somebody would make them, each with the one test that has to catch it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.units import in_seconds
from tests.deploy.material import LIMITS, Material

NETWORK, DATA, SERVICE, REGISTRY = (f"deploy/stack/{name}.yaml" for name in ("network", "data", "service", "registry"))
DOCKERFILE, PGBOUNCER = "deploy/image/Dockerfile", "deploy/image/pgbouncer.ini"
WORKFLOW = ".github/workflows/deploy.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One text in place of another in one file, or one name in place of another in the maker of the alarms."""

    name: str
    caught_by: str
    file: str = ""
    before: str = ""
    after: str = ""
    patch: tuple[str, Callable[..., Any]] | None = field(default=None)

    def planted(self, material: Material, monkeypatch: pytest.MonkeyPatch | None) -> Material:
        """Return the material with the fault in it."""
        if self.patch is None:
            return material.edited(self.file, self.before, self.after)
        from deploy.template import render

        assert monkeypatch
        monkeypatch.setattr(*self.patch)
        # Its author runs `python -m deploy alarms`, so that the template agrees with the fault.
        texts = {**material.texts, SERVICE: render(material.texts[SERVICE])}
        return Material(texts=texts)


def edit(name: str, file: str, before: str, after: str, caught_by: str) -> Fault:
    return Fault(name=name, file=file, before=before, after=after, caught_by=caught_by)


FAULTS = (
    # --- network ---
    edit(
        "the database takes connections from anywhere",
        NETWORK,
        "ToPort: 5432, SourceSecurityGroupId: !Ref TaskGroup,",
        "ToPort: 5432, CidrIp: 0.0.0.0/0,",
        "test_the_database_takes_connections_from_tasks_alone",
    ),
    edit(
        "tasks take requests past the load balancer",
        NETWORK,
        "ToPort: 8000, SourceSecurityGroupId: !Ref BalancerGroup,",
        "ToPort: 8000, CidrIp: 0.0.0.0/0,",
        "test_tasks_take_requests_from_the_load_balancer_alone",
    ),
    edit(
        "SSH is open",
        NETWORK,
        "- { IpProtocol: tcp, FromPort: 80, ToPort: 80,",
        "- { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }\n"
        "        - { IpProtocol: tcp, FromPort: 80, ToPort: 80,",
        "test_only_the_load_balancer_is_open_to_the_internet",
    ),
    edit(
        "private subnets share the public way out",
        NETWORK,
        "SubnetId: !Ref PrivateB, RouteTableId: !Ref PrivateRoutes",
        "SubnetId: !Ref PrivateB, RouteTableId: !Ref PublicRoutes",
        "test_private_subnets_have_no_way_out",
    ),
    edit(
        "both private subnets are in one zone",
        NETWORK,
        "CidrBlock: 10.20.11.0/24, AvailabilityZone: !Select [1,",
        "CidrBlock: 10.20.11.0/24, AvailabilityZone: !Select [0,",
        "test_each_kind_of_subnet_is_in_two_zones",
    ),
    edit(
        "there is no endpoint for secrets",
        NETWORK,
        "${AWS::Region}.secretsmanager",
        "${AWS::Region}.ssm",
        "test_a_task_reaches_what_it_needs_without_the_internet",
    ),
    edit(
        "HTTP is served",
        SERVICE,
        'DefaultActions: [{ Type: redirect, RedirectConfig: { Protocol: HTTPS, Port: "443", StatusCode: HTTP_301 } }]',
        "DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]",
        "test_clients_speak_tls_1_2_or_later",
    ),
    # --- data ---
    edit(
        "the database has a public address",
        DATA,
        "PubliclyAccessible: false",
        "PubliclyAccessible: true",
        "test_the_database_has_no_public_address",
    ),
    edit(
        "the disk is not encrypted",
        DATA,
        "StorageEncrypted: true",
        "StorageEncrypted: false",
        "test_the_database_is_encrypted",
    ),
    edit(
        "the wire may be plain",
        DATA,
        'rds.force_ssl: "1"',
        'rds.force_ssl: "0"',
        "test_the_database_is_encrypted",
    ),
    edit(
        "production has one zone",
        DATA,
        "MultiAZ: !If [IsProduction, true, false]",
        "MultiAZ: false",
        "test_production_survives_the_loss_of_a_zone",
    ),
    edit(
        "production keeps one day of backups",
        DATA,
        "!If [IsProduction, 14, 1]",
        "!If [IsProduction, 1, 14]",
        "test_production_can_be_restored_to_any_second_of_two_weeks",
    ),
    edit(
        "production can be deleted",
        DATA,
        "DeletionProtection: !If [IsProduction, true, false]",
        "DeletionProtection: !If [IsProduction, false, true]",
        "test_production_cannot_be_deleted_by_mistake",
    ),
    edit(
        "production may be put under load",
        SERVICE,
        "- !If [IsStaging, { Name: LOADTEST_KEY,",
        "- !If [IsProduction, { Name: LOADTEST_KEY,",
        "test_production_holds_no_key_of_the_load_test",
    ),
    edit(
        "pools beyond the database",
        SERVICE,
        "TasksMax: { Type: Number, Default: 8 }",
        "TasksMax: { Type: Number, Default: 40 }",
        "test_the_pools_fit_into_the_database",
    ),
    # --- roles ---
    edit(
        "the code may do everything with S3",
        SERVICE,
        "  # --- tasks ----",
        "      Policies: [{ PolicyName: files, PolicyDocument: { Version: '2012-10-17', "
        "Statement: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } }]\n  # --- tasks ----",
        "test_the_code_may_do_nothing_on_aws",
    ),
    edit(
        "a task can read any secret",
        SERVICE,
        '                  - { "Fn::ImportValue": !Sub "${Prefix}-${Environment}-data-AppSecret" }\n',
        '                  - { "Fn::ImportValue": !Sub "${Prefix}-${Environment}-data-AppSecret" }\n'
        '                  - !Sub "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*"\n',
        "test_a_task_is_started_with_two_secrets_and_its_log",
    ),
    edit(
        "any branch gets the production role",
        REGISTRY,
        'sub": !Sub "repo:${GitHubRepository}:environment:production"',
        'sub": !Sub "repo:${GitHubRepository}:*"',
        "test_each_role_of_the_pipeline_is_bound_to_one_environment",
    ),
    edit(
        "a release on staging can update production's stack",
        REGISTRY,
        "stack/${Prefix}-staging-service/*",
        "stack/${Prefix}-production-service/*",
        "test_a_release_reaches_its_own_environment_alone",
    ),
    edit(
        "the pipeline may do everything with images",
        REGISTRY,
        "                  - ecr:PutImage\n",
        "                  - ecr:*\n",
        "test_no_policy_allows_whole_services",
    ),
    # --- tasks ---
    edit(
        "images by tag",
        SERVICE,
        'AllowedPattern: ".+@sha256:[0-9a-f]{64}", ConstraintDescription: the service',
        'AllowedPattern: ".+", ConstraintDescription: the service',
        "test_images_come_by_their_digest",
    ),
    edit(
        "a writable file system",
        SERVICE,
        "ReadonlyRootFilesystem: true",
        "ReadonlyRootFilesystem: false",
        "test_containers_are_locked_down",
    ),
    edit(
        "a secret in the plain environment",
        SERVICE,
        '            - { Name: CONN_MAX_AGE, Value: "60" }\n',
        '            - { Name: CONN_MAX_AGE, Value: "60" }\n'
        '            - { Name: MAIL_TOKEN, Value: "0123456789abcdef" }\n',
        "test_secrets_are_never_in_the_plain_environment",
    ),
    edit(
        "the service goes past the pooler",
        SERVICE,
        "postgresql://127.0.0.1:6432/orders",
        "postgresql://127.0.0.1:5432/orders",
        "test_the_service_goes_through_the_pooler",
    ),
    edit(
        "server-side cursors through a transaction pool",
        SERVICE,
        '{ Name: DISABLE_SERVER_SIDE_CURSORS, Value: "1" }',
        '{ Name: DISABLE_SERVER_SIDE_CURSORS, Value: "0" }',
        "test_the_service_goes_through_the_pooler",
    ),
    edit(
        "migrations are cut off like requests",
        SERVICE,
        "statement_timeout%3D0",
        "statement_timeout%3D12000",
        "test_a_migration_goes_to_the_database_itself",
    ),
    edit(
        "the load balancer's container has another name",
        SERVICE,
        "LoadBalancers: [{ ContainerName: web,",
        "LoadBalancers: [{ ContainerName: app,",
        "test_the_load_balancer_knows_the_right_container",
    ),
    edit(
        "health checks overlap",
        SERVICE,
        "            Interval: 10\n            Timeout: 5\n",
        "            Interval: 10\n            Timeout: 10\n",
        "test_a_health_check_ends_before_the_next_begins",
    ),
    edit(
        "a dead database restarts every task",
        SERVICE,
        "http://127.0.0.1:8000/healthz/live",
        "http://127.0.0.1:8000/healthz/ready",
        "test_a_task_is_replaced_for_being_dead_not_for_a_dead_database",
    ),
    edit(
        "a deployment that does not start stays",
        SERVICE,
        "DeploymentCircuitBreaker: { Enable: true, Rollback: true }",
        "DeploymentCircuitBreaker: { Enable: true, Rollback: false }",
        "test_a_bad_deployment_is_taken_back",
    ),
    edit(
        "the service may be made before its alarms",
        SERVICE,
        "AlarmNames: [!Ref SloErrors, !Ref SloLatency]",
        'AlarmNames: [!Sub "${AWS::StackName}-slo-errors", !Sub "${AWS::StackName}-slo-latency"]',
        "test_a_bad_deployment_is_taken_back",
    ),
    edit(
        "half of the tasks during a deployment",
        SERVICE,
        "MinimumHealthyPercent: 100",
        "MinimumHealthyPercent: 50",
        "test_a_deployment_never_has_fewer_tasks_than_before",
    ),
    edit(
        "each release sets the number of tasks back",
        SERVICE,
        "      LaunchType: FARGATE\n",
        "      LaunchType: FARGATE\n      DesiredCount: 2\n",
        "test_the_number_of_tasks_belongs_to_the_scaling",
    ),
    edit(
        "the pooler is stopped first",
        SERVICE,
        "          StopTimeout: 90\n",
        "          StopTimeout: 20\n",
        "test_the_pooler_outlives_the_service",
    ),
    edit(
        "the pooler's volume is elsewhere",
        SERVICE,
        "ContainerPath: /run/pgbouncer,",
        "ContainerPath: /etc/pgbouncer,",
        "test_the_pooler_has_the_one_folder_that_it_writes_to",
    ),
    edit(
        "a type that CloudFormation does not know",
        SERVICE,
        "PropagateTags: SERVICE",
        "PropagateTags: SERVICES",
        "test_templates_pass_cfn_lint",
    ),
    # --- time limits ---
    edit(
        "the server closes before the load balancer does",
        LIMITS,
        "KEEP_ALIVE_S = 75",
        "KEEP_ALIVE_S = 5",
        "test_a_connection_that_the_balancer_keeps_is_kept_by_the_server",
    ),
    edit(
        "statements may run for longer than the service expects",
        DATA,
        'statement_timeout: "10000"',
        'statement_timeout: "16000"',
        "test_the_database_gives_up_when_the_service_expects_it",
    ),
    edit(
        "the pooler gives up before the database does",
        PGBOUNCER,
        "query_timeout = 15",
        "query_timeout = 8",
        "test_waiting_for_a_statement_is_bounded_from_the_inside_out",
    ),
    edit(
        "a dead database holds clients up",
        PGBOUNCER,
        "server_login_retry = 1",
        "server_login_retry = 15",
        "test_the_pooler_gives_up_a_dead_database_before_its_clients_give_up_waiting",
    ),
    edit(
        "containers are killed while they drain",
        SERVICE,
        "          StopTimeout: 60\n",
        "          StopTimeout: 20\n",
        "test_stopping_waits_for_the_requests_under_way",
    ),
    # --- alarms ---
    edit(
        "the policy changed, the alarm did not",
        "reglab/report/policy.toml",
        'metrics = ["latency_ms_p95"]\ntest = "budget"\nat_most = 500',
        'metrics = ["latency_ms_p95"]\ntest = "budget"\nat_most = 400',
        "test_the_template_holds_what_the_policy_makes",
    ),
    Fault(
        name="the latency's alarm is in milliseconds",
        patch=("deploy.alarms.in_seconds", lambda objective: 1000 * in_seconds(objective)),
        caught_by="test_limits_are_converted_to_cloudwatchs_units",
    ),
    Fault(
        name="an alarm without an action",
        patch=(
            "deploy.alarms._alarm",
            lambda _objective, name, **properties: {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmName": {"Fn::Sub": "${AWS::StackName}-" + name},
                    "ComparisonOperator": "GreaterThanThreshold",
                    "EvaluationPeriods": 5,
                    "TreatMissingData": "notBreaching",
                    "ActionsEnabled": True,
                    "AlarmActions": [],
                    "OKActions": [],
                    **properties,
                },
            },
        ),
        caught_by="test_every_alarm_calls_somebody",
    ),
    edit(
        "alarms into the void",
        SERVICE,
        "KmsMasterKeyId: !GetAtt AlertsKey.Arn",
        "KmsMasterKeyId: alias/aws/sns",
        "test_alarms_can_reach_the_topic",
    ),
    # --- image ---
    edit(
        "packages without hashes",
        DOCKERFILE,
        " --require-hashes",
        "",
        "test_packages_are_installed_by_their_hashes",
    ),
    edit(
        "the image is root",
        DOCKERFILE,
        "EXPOSE 8000",
        "USER 0:0\nEXPOSE 8000",
        "test_the_image_is_its_own_user",
    ),
    edit(
        "a shell keeps the signal",
        DOCKERFILE,
        'CMD ["gunicorn", "--config", "python:service.server.config",',
        'CMD gunicorn "--config", "python:service.server.config",',
        "test_the_server_gets_the_signal",
    ),
    edit(
        "a secret as a build argument",
        DOCKERFILE,
        "ARG REVISION=unknown",
        "ARG REVISION=unknown\nARG SECRET_KEY",
        "test_no_secret_is_in_the_image",
    ),
    # --- pipeline ---
    edit(
        "production does not wait for staging",
        WORKFLOW,
        "needs: [image, staging]",
        "needs: [image]",
        "test_nothing_is_built_before_ci_passes",
    ),
    edit(
        "production without its reviewers",
        WORKFLOW,
        "    environment:\n      name: production\n",
        "    environment:\n      name: staging\n",
        "test_every_job_acts_as_its_own_environment",
    ),
    edit(
        "production takes the image of a tag",
        WORKFLOW,
        "          IMAGE: ${{ needs.image.outputs.image }}\n        run: python -m deploy release production",
        "          IMAGE: ${{ vars.IMAGE }}\n        run: python -m deploy release production",
        "test_staging_and_production_run_the_same_image",
    ),
    edit(
        "an attestation of any commit",
        WORKFLOW,
        ' --source-digest "$GITHUB_SHA"',
        "",
        "test_production_verifies_the_attestation_before_it_releases",
    ),
    edit(
        "a deployment is cut off by the next",
        WORKFLOW,
        "      group: deploy-production\n      cancel-in-progress: false",
        "      group: deploy-production\n      cancel-in-progress: true",
        "test_one_deployment_of_an_environment_at_a_time",
    ),
    edit(
        "an action by its tag",
        WORKFLOW,
        "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
        "actions/checkout@v5",
        "test_actions_are_pinned_by_commit",
    ),
    edit(
        "every job may write the repository",
        WORKFLOW,
        "permissions: {}",
        "permissions: write-all",
        "test_permissions_are_the_least",
    ),
)
