"""Connections that the network allows."""

from tests.deploy.material import Material

GROUP = "AWS::EC2::SecurityGroup"
ANYWHERE = ("0.0.0.0/0", "::/0")


def test_the_database_takes_connections_from_tasks_alone(material: Material) -> None:
    """The database's group has one rule: PostgreSQL's port, from the tasks' group."""
    (rule,) = material.resources("network", GROUP)["DatabaseGroup"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"]) == (5432, 5432)
    assert rule.get("SourceSecurityGroupId") == {"Ref": "TaskGroup"}


def test_tasks_take_requests_from_the_load_balancer_alone(material: Material) -> None:
    """The tasks' group has one rule: the service's port, from the load balancer's group."""
    (rule,) = material.resources("network", GROUP)["TaskGroup"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"]) == (8000, 8000)
    assert rule.get("SourceSecurityGroupId") == {"Ref": "BalancerGroup"}


def test_only_the_load_balancer_is_open_to_the_internet(material: Material) -> None:
    """No other group lets any address in, and the load balancer's only on 443 and 80."""
    open_ports = {
        (name, rule["FromPort"])
        for name, group in material.resources("network", GROUP).items()
        if name not in ("DatabaseGroup", "TaskGroup")  # these have tests of their own
        for rule in group["SecurityGroupIngress"]
        if rule.get("CidrIp") in ANYWHERE or rule.get("CidrIpv6") in ANYWHERE
    }
    assert open_ports == {("BalancerGroup", 443), ("BalancerGroup", 80)}


def test_private_subnets_have_no_way_out(material: Material) -> None:
    """No route leaves the route table of a private subnet."""
    resources = material.resources("network")
    associations = material.resources("network", "AWS::EC2::SubnetRouteTableAssociation").values()
    tables = {each["SubnetId"]["Ref"]: each["RouteTableId"]["Ref"] for each in associations}
    private = {name for name in resources if name in ("PrivateA", "PrivateB")}
    with_routes = {each["RouteTableId"]["Ref"] for each in material.resources("network", "AWS::EC2::Route").values()}
    assert len(private) == 2
    assert not {tables[name] for name in private} & with_routes


def test_each_kind_of_subnet_is_in_two_zones(material: Material) -> None:
    """The loss of a zone leaves a public and a private subnet."""
    zones: dict[str, set[str]] = {}
    for name, subnet in material.resources("network", "AWS::EC2::Subnet").items():
        zones.setdefault(name[:-1], set()).add(str(subnet["AvailabilityZone"]))
    assert {kind: len(found) for kind, found in zones.items()} == {"Public": 2, "Private": 2}


def test_a_task_reaches_what_it_needs_without_the_internet(material: Material) -> None:
    """There is an endpoint for the image, its layers, the secrets and the log."""
    endpoints = material.resources("network", "AWS::EC2::VPCEndpoint").values()
    services = {each["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.") for each in endpoints}
    assert services == {"ecr.api", "ecr.dkr", "s3", "secretsmanager", "logs"}


def test_clients_speak_tls_1_2_or_later(material: Material) -> None:
    """HTTPS is served under a policy of today, and HTTP does nothing but send there."""
    listeners = {
        each["Port"]: each for each in material.resources("service", "AWS::ElasticLoadBalancingV2::Listener").values()
    }
    assert listeners[443]["Protocol"] == "HTTPS"
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    (action,) = listeners[80]["DefaultActions"]
    assert (action["Type"], action.get("RedirectConfig", {}).get("Protocol")) == ("redirect", "HTTPS")
    assert set(listeners) == {80, 443}
