"""The database and the secrets."""

from typing import Any

from tests.deploy.material import Material

IN_PRODUCTION = "IsProduction"


def database(material: Material) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = material.resources("data", "AWS::RDS::DBInstance").values()
    return found


def test_the_database_has_no_public_address(material: Material) -> None:
    """RDS gives it no address on the internet, and it stands in the private subnets."""
    assert database(material)["PubliclyAccessible"] is False
    subnets = material.resources("data", "AWS::RDS::DBSubnetGroup")["DatabaseSubnets"]["SubnetIds"]
    names = [each["Fn::ImportValue"]["Fn::Sub"].rpartition("-")[2] for each in subnets]
    assert names == ["PrivateA", "PrivateB"]


def test_the_database_is_encrypted(material: Material) -> None:
    """On disk by RDS, on the wire by its parameter group."""
    (parameters,) = material.resources("data", "AWS::RDS::DBParameterGroup").values()
    assert database(material)["StorageEncrypted"] is True
    assert parameters["Parameters"]["rds.force_ssl"] == "1"


def test_production_survives_the_loss_of_a_zone(material: Material) -> None:
    """Production's database has a standby in another zone."""
    assert database(material)["MultiAZ"] == {"Fn::If": [IN_PRODUCTION, True, False]}


def test_production_can_be_restored_to_any_second_of_two_weeks(material: Material) -> None:
    """Production keeps 14 days of backups, and staging some."""
    name, production_days, staging_days = database(material)["BackupRetentionPeriod"]["Fn::If"]
    assert (name, production_days >= 14, staging_days >= 1) == (IN_PRODUCTION, True, True)


def test_production_cannot_be_deleted_by_mistake(material: Material) -> None:
    """Database and load balancer are protected in production; where the stack goes, a snapshot stays."""
    assert database(material)["DeletionProtection"] == {"Fn::If": [IN_PRODUCTION, True, False]}
    resource = material.template("data")["Resources"]["Database"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    (balancer,) = material.resources("service", "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    attributes = {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}
    assert attributes["deletion_protection.enabled"] == {"Fn::If": [IN_PRODUCTION, "true", "false"]}


def test_production_holds_no_key_of_the_load_test(material: Material) -> None:
    """The key by which a service lets itself be put under load exists on staging alone."""
    assert material.template("data")["Resources"]["LoadTestSecret"].get("Condition") == "IsStaging"
    for secret in material.containers()["web"]["Secrets"]:
        if "LOADTEST_KEY" in str(secret):
            assert secret["Fn::If"][0] == "IsStaging"
            assert secret["Fn::If"][2] == {"Ref": "AWS::NoValue"}


def test_the_pools_fit_into_the_database(material: Material) -> None:
    """With twice the tasks during a deployment, all pools, a migration and three operators stay below the alarm."""
    tasks_max = material.default("service", "TasksMax")
    deployment = material.resources("service", "AWS::ECS::Service")["Service"]["DeploymentConfiguration"]
    factor = deployment["MaximumPercent"] / 100
    migration, operators = 1, 3
    # At the defaults: 2 × 8 × 5 + 1 + 3 = 84 ≤ 0.8 × 120 = 96.
    wanted = factor * tasks_max * material.default("service", "PoolSize") + migration + operators
    assert wanted <= 0.8 * material.default("data", "ConnectionsMax")
