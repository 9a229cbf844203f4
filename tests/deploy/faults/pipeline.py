"""Faults of the pipeline."""

from tests.deploy.faults.fault import CI, WORKFLOW, edit

FAULTS = (
    edit(
        "images go out that nothing has run",
        CI,
        "run -e deploy\n",
        "run -e deploy-quick\n",
        "test_ci_builds_and_runs_the_images",
    ),
    edit(
        "production does not wait for staging",
        WORKFLOW,
        "needs: [image, staging]",
        "needs: [image]",
        "test_nothing_is_built_before_ci_passes",
    ),
    edit(
        "production without its reviewers",
        WORKFLOW,
        "    environment:\n      name: production\n",
        "    environment:\n      name: staging\n",
        "test_every_job_acts_as_its_own_environment",
    ),
    edit(
        "production takes the image of a tag",
        WORKFLOW,
        "          IMAGE: ${{ needs.image.outputs.image }}\n        run: python -m deploy release production",
        "          IMAGE: ${{ vars.IMAGE }}\n        run: python -m deploy release production",
        "test_staging_and_production_run_the_same_image",
    ),
    edit(
        "an attestation of any commit",
        WORKFLOW,
        ' --source-digest "$GITHUB_SHA"',
        "",
        "test_production_verifies_the_attestation_before_it_releases",
    ),
    edit(
        "a deployment is cut off by the next",
        WORKFLOW,
        "      group: deploy-production\n      cancel-in-progress: false",
        "      group: deploy-production\n      cancel-in-progress: true",
        "test_one_deployment_of_an_environment_at_a_time",
    ),
    edit(
        "an action by its tag",
        WORKFLOW,
        "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
        "actions/checkout@v5",
        "test_actions_are_pinned_by_commit",
    ),
    edit(
        "every job may write the repository",
        WORKFLOW,
        "permissions: {}",
        "permissions: write-all",
        "test_permissions_are_the_least",
    ),
)
