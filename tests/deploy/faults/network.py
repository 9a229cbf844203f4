"""Faults of the network, and of the load balancer in front of it."""

from tests.deploy.faults.fault import NETWORK, SERVICE, edit

FAULTS = (
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
)
