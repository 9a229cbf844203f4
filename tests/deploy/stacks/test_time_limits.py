"""Time limits, each below the next: whoever waits gives up after whom it waits for."""

from service.environment import DEFAULT_LIMITS_MS
from service.server import config
from tests.deploy.material import Material, variables


def idle_seconds(material: Material) -> int:
    (balancer,) = material.resources("service", "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    attributes = {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}
    return int(attributes["idle_timeout.timeout_seconds"])


def parameters(material: Material) -> dict[str, str]:
    (found,) = material.resources("data", "AWS::RDS::DBParameterGroup").values()
    values: dict[str, str] = found["Parameters"]
    return values


def test_a_connection_that_the_balancer_keeps_is_kept_by_the_server(material: Material) -> None:
    """The server keeps an idle connection for longer than the load balancer, or requests meet a closing one: 502."""
    assert idle_seconds(material) < material.server()["KEEP_ALIVE_S"]


def test_waiting_for_a_statement_is_bounded_from_the_inside_out(material: Material) -> None:
    """Connecting < waiting for the pool < a lock < a statement < the pooler's limit < the worker's < the balancer's."""
    pooler = material.pgbouncer()
    connect_s = float(variables(material.containers()["web"])["DATABASE_CONNECT_TIMEOUT_S"])
    limits_s = [
        connect_s,
        float(pooler["query_wait_timeout"]),
        float(parameters(material)["lock_timeout"]) / 1000,
        float(parameters(material)["statement_timeout"]) / 1000,
        float(pooler["query_timeout"]),
        material.server()["REQUEST_S"],
        float(material.server()["SILENT_WORKER_S"]),
        float(idle_seconds(material)),
    ]
    assert limits_s == sorted(set(limits_s))


def test_the_pooler_gives_up_a_dead_database_before_its_clients_give_up_waiting(material: Material) -> None:
    """A connection to the database is given up, and tried again, within the time that a client waits for the pool."""
    pooler = material.pgbouncer()
    assert float(pooler["server_connect_timeout"]) < float(pooler["query_wait_timeout"])
    assert float(pooler["server_login_retry"]) < float(pooler["query_wait_timeout"])


def test_the_database_gives_up_when_the_service_expects_it(material: Material) -> None:
    """Through a pool the service cannot set its limits: the parameter group holds the same ones."""
    found = {name: int(parameters(material)[name]) for name in DEFAULT_LIMITS_MS}
    assert found == DEFAULT_LIMITS_MS


def test_the_server_uses_its_limits(material: Material) -> None:
    """The one configuration of the server takes its time limits from the file that is looked at here."""
    limits = Material.read().server()
    assert config.keepalive == limits["KEEP_ALIVE_S"]
    assert (config.timeout, config.graceful_timeout) == (limits["SILENT_WORKER_S"], limits["STOP_S"])


def test_stopping_waits_for_the_requests_under_way(material: Material) -> None:
    """The longest request ends while its target drains, and in the server's grace, which ends before the container."""
    (target,) = material.resources("service", "AWS::ElasticLoadBalancingV2::TargetGroup").values()
    attributes = {each["Key"]: each["Value"] for each in target["TargetGroupAttributes"]}
    drain_s = float(attributes["deregistration_delay.timeout_seconds"])
    request_s, grace_s = material.server()["REQUEST_S"], material.server()["STOP_S"]
    web_s = float(material.containers()["web"]["StopTimeout"])
    assert request_s < drain_s
    assert request_s < grace_s < web_s
    assert max(each.get("StopTimeout", 30) for each in material.containers().values()) <= 120
