"""Faults of the alarms."""

from deploy.units import in_seconds
from tests.deploy.faults.fault import SERVICE, Fault, edit

FAULTS = (
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
)
