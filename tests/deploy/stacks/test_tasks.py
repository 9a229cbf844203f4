"""The containers, and how the service runs and replaces them."""

import re

from tests.deploy.material import Material, as_list, variables


def test_images_come_by_their_digest(material: Material) -> None:
    """The stack accepts no image by a tag, which may be another one tomorrow."""
    for name in ("Image", "PoolerImage"):
        pattern = material.template("service")["Parameters"][name]["AllowedPattern"]
        assert not re.fullmatch(pattern, "registry/orders/service:latest"), name
        assert re.fullmatch(pattern, f"registry/orders/service@sha256:{'0' * 64}"), name


def test_containers_are_locked_down(material: Material) -> None:
    """Each runs as its own user, on a read-only file system, without any capability."""
    for name, container in material.containers().items():
        assert container["User"] in ("10001:10001", "10002:10002"), name
        assert container["ReadonlyRootFilesystem"] is True, name
        assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}, name


def test_secrets_are_never_in_the_plain_environment(material: Material) -> None:
    """Key, password and user come from Secrets Manager in every container, and no value looks like one."""
    secret = re.compile(r"KEY|PASSWORD|TOKEN|SECRET|PGUSER")
    for name, container in material.containers().items():
        plain = variables(container)
        assert not [each for each in plain if secret.search(each)], name
        assert not [each for each in plain.values() if re.search(r"//[^/]*:[^/]*@", str(each))], name
        assert {"PGUSER", "PGPASSWORD"} <= variables(container, "Secrets").keys(), name


def test_the_service_goes_through_the_pooler(material: Material) -> None:
    """The web container's database is the pooler's port beside it, with no cursor kept across transactions."""
    plain = variables(material.containers()["web"])
    (port,) = re.findall(r"EXPOSE (\d+)", material.texts["deploy/image/Dockerfile.pooler"])
    assert plain["DATABASE_URL"].startswith(f"postgresql://127.0.0.1:{port}/")
    assert plain["DISABLE_SERVER_SIDE_CURSORS"] == "1"
    assert material.pgbouncer()["pool_mode"] == "transaction"


def test_a_migration_goes_to_the_database_itself(material: Material) -> None:
    """A migration may take long, waits only briefly for locks, and checks the database's certificate."""
    container = material.containers()["migrate"]
    plain = variables(container)
    template, values = plain["DATABASE_URL"]["Fn::Sub"]
    assert container["Command"][-2:] == ["migrate", "--no-input"]
    assert values == {"Host": {"Fn::ImportValue": {"Fn::Sub": "${Prefix}-${Environment}-data-DatabaseHost"}}}
    # Not in the URL: the service's own limits would come after, and count.
    assert (plain["STATEMENT_TIMEOUT_MS"], plain["LOCK_TIMEOUT_MS"], "options=" in template) == ("0", "5000", False)
    assert "sslmode=verify-full" in template


def test_the_load_balancer_knows_the_right_container(material: Material) -> None:
    """The service's load balancer is given a container that exists, and a port that it opens."""
    (service,) = material.resources("service", "AWS::ECS::Service").values()
    (entry,) = service["LoadBalancers"]
    container = material.containers().get(entry["ContainerName"], {"PortMappings": []})
    assert entry["ContainerPort"] in [each["ContainerPort"] for each in container["PortMappings"]]


def test_a_health_check_ends_before_the_next_begins(material: Material) -> None:
    """Each check's time-out is below its interval, and the balancer asks the path that looks at the database."""
    (target,) = material.resources("service", "AWS::ElasticLoadBalancingV2::TargetGroup").values()
    assert target["HealthCheckTimeoutSeconds"] < target["HealthCheckIntervalSeconds"]
    assert (target["HealthCheckPath"], target["Matcher"]) == ("/healthz/ready", {"HttpCode": "200"})
    for name, container in material.containers().items():
        if check := container.get("HealthCheck"):
            assert check["Timeout"] < check["Interval"], name


def test_a_task_is_replaced_for_being_dead_not_for_a_dead_database(material: Material) -> None:
    """The web container's own check asks for liveness: a database that is away must not restart every task."""
    assert "/healthz/live" in material.containers()["web"]["HealthCheck"]["Command"][-1]


def test_a_bad_deployment_is_taken_back(material: Material) -> None:
    """Tasks that do not start, and alarms that fire, both take a deployment back; the alarms are the stack's own."""
    (service,) = material.resources("service", "AWS::ECS::Service").values()
    deployment = service["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert (deployment["Alarms"]["Enable"], deployment["Alarms"]["Rollback"]) == (True, True)
    # By reference: a name alone would let the service be made before its alarms are there.
    references = [each.get("Ref") for each in deployment["Alarms"]["AlarmNames"]]
    assert references == ["SloErrors", "SloLatency"]
    assert set(references) <= set(material.resources("service", "AWS::CloudWatch::Alarm"))


def test_a_deployment_never_has_fewer_tasks_than_before(material: Material) -> None:
    """All tasks stay until as many new ones are healthy."""
    (service,) = material.resources("service", "AWS::ECS::Service").values()
    assert service["DeploymentConfiguration"]["MinimumHealthyPercent"] == 100
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"


def test_the_number_of_tasks_belongs_to_the_scaling(material: Material) -> None:
    """At least two tasks, more by CPU; the service names no number, so that a release does not set it back."""
    (service,) = material.resources("service", "AWS::ECS::Service").values()
    (target,) = material.resources("service", "AWS::ApplicationAutoScaling::ScalableTarget").values()
    assert "DesiredCount" not in service
    assert (target["MinCapacity"], target["MaxCapacity"]) == ({"Ref": "TasksMin"}, {"Ref": "TasksMax"})
    parameters = material.template("service")["Parameters"]
    assert (
        2 <= parameters["TasksMin"]["MinValue"] <= parameters["TasksMin"]["Default"] < parameters["TasksMax"]["Default"]
    )
    (policy,) = material.resources("service", "AWS::ApplicationAutoScaling::ScalingPolicy").values()
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] <= 70


def test_the_pooler_outlives_the_service(material: Material) -> None:
    """The web container waits for the pooler, so that it is stopped first; and the pooler is given more time."""
    web, pooler = material.containers()["web"], material.containers()["pooler"]
    assert as_list(web["DependsOn"]) == [{"ContainerName": "pooler", "Condition": "HEALTHY"}]
    assert pooler["StopTimeout"] > web["StopTimeout"]


def test_the_pooler_has_the_one_folder_that_it_writes_to(material: Material) -> None:
    """The folder of its configuration is a volume of the task, and one of the image, whose owner it takes over."""
    (mount,) = material.containers()["pooler"]["MountPoints"]
    assert mount["ReadOnly"] is False
    assert f"VOLUME {mount['ContainerPath']}" in material.texts["deploy/image/Dockerfile.pooler"]
    assert {"Name": mount["SourceVolume"]} in material.resources("service")["Task"]["Volumes"]
