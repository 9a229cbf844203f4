"""The stack of one machine: the same limits and locks as on AWS."""

from typing import Any

import pytest
import yaml

from tests.deploy.material import Material, variables


def services(material: Material) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(material.texts["deploy/image/compose.yaml"])["services"]
    return found


@pytest.mark.parametrize("name", ["web", "migrate", "pooler"])
def test_the_machines_containers_are_locked_down(material: Material, name: str) -> None:
    """On one machine, too, each is its own user on a read-only file system, without capabilities."""
    service = services(material)[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] in ("10001:10001", "10002:10002")


def test_the_machine_publishes_nothing_to_the_network(material: Material) -> None:
    """The one published port is the service's, on the machine's own address."""
    published = [port for service in services(material).values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:${PORT:-8000}:8000"]


def test_the_machines_service_is_set_up_as_on_aws(material: Material) -> None:
    """It has the variables of the task on AWS, save for those that AWS alone needs."""
    container = material.containers()["web"]
    on_aws = variables(container).keys() | variables(container, "Secrets").keys()
    assert services(material)["web"]["environment"].keys() == on_aws - {"SERVICE_REVISION", "LOADTEST_KEY"}


def test_the_machines_database_gives_up_like_rds(material: Material) -> None:
    """Its time limits are those of the parameter group."""
    command = " ".join(services(material)["postgres"]["command"])
    (group,) = material.resources("data", "AWS::RDS::DBParameterGroup").values()
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert f"{name}={int(group['Parameters'][name]) // 1000}s" in command


def test_the_machines_pool_fits_its_database(material: Material) -> None:
    """The pool, a migration and three operators stay below 80 % of the connections."""
    command = " ".join(services(material)["postgres"]["command"])
    pool = int(services(material)["pooler"]["environment"]["POOL_SIZE"])
    assert pool + 1 + 3 <= 0.8 * int(command.partition("max_connections=")[2].split()[0])
