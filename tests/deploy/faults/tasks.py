"""Faults of the tasks, and of the service that runs and replaces them."""

from tests.deploy.faults.fault import SERVICE, edit

FAULTS = (
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
        '{ Name: STATEMENT_TIMEOUT_MS, Value: "0" }',
        '{ Name: STATEMENT_TIMEOUT_MS, Value: "12000" }',
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
)
