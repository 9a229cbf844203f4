"""Faults of the roles and their rights."""

from tests.deploy.faults.fault import REGISTRY, SERVICE, edit

FAULTS = (
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
)
