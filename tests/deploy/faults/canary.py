"""Faults of the canary and of its alarms."""

from tests.deploy.faults.fault import CANARY, edit

FAULTS = (
    edit(
        "the canary's line is read under another name",
        CANARY,
        'FilterPattern: "{ $.broken = * }"',
        'FilterPattern: "{ $.lost = * }"',
        "test_the_canary_says_what_its_alarms_read",
    ),
    edit(
        "one lost write an hour is tolerated",
        CANARY,
        "Threshold: 0\n",
        "Threshold: 1\n",
        "test_the_canarys_alarm_is_the_policys",
    ),
    edit(
        "a canary that has died calls nobody",
        CANARY,
        "TreatMissingData: breaching",
        "TreatMissingData: notBreaching",
        "test_a_silent_canary_is_an_alarm",
    ),
    edit(
        "a lost write calls nobody",
        CANARY,
        '      AlarmActions: [{ "Fn::ImportValue": !Sub "${Prefix}-${Environment}-service-Alerts" }]\n',
        "      AlarmActions: []\n",
        "test_the_canary_calls_whom_the_service_calls",
    ),
    edit(
        "production is put under the canary's load",
        CANARY,
        "AllowedValues: [staging]",
        "AllowedValues: [staging, production]",
        "test_the_canary_never_loads_production",
    ),
    edit(
        "the canary may write CloudWatch's metrics",
        CANARY,
        "  ScheduleRole:\n",
        "      Policies: [{ PolicyName: figures, PolicyDocument: { Version: '2012-10-17', "
        "Statement: [{ Effect: Allow, Action: 'cloudwatch:PutMetricData', Resource: '*' }] } }]\n  ScheduleRole:\n",
        "test_the_canary_is_locked_down",
    ),
    edit(
        "the canary can be called",
        CANARY,
        "      SecurityGroupEgress:\n",
        "      SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 8000, ToPort: 8000, CidrIp: 0.0.0.0/0 }]\n"
        "      SecurityGroupEgress:\n",
        "test_nothing_calls_the_canary",
    ),
)
