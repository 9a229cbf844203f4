"""The pipeline's order, permissions and pins."""

import re
from typing import Any

from tests.deploy.material import Material


def jobs(material: Material) -> dict[str, Any]:
    found: dict[str, Any] = material.workflow()["jobs"]
    return found


def runs(job: dict[str, Any]) -> str:
    return "\n".join(str(each.get("run", "")) for each in job.get("steps", []))


def test_nothing_is_built_before_ci_passes(material: Material) -> None:
    """Lint and tests come first: CI is called, the image needs it, staging the image, production both."""
    found = jobs(material)
    assert found["check"]["uses"] == "./.github/workflows/ci.yml"
    needs = {name: job.get("needs") for name, job in found.items()}
    assert needs == {
        "check": None,
        "image": "check",
        "staging": "image",
        "production": ["image", "staging"],
        "rollback": None,
    }


def test_ci_builds_and_runs_the_images(material: Material) -> None:
    """What is deployed was built, run locked down and put under load before: CI runs the whole of `tox -e deploy`."""
    (job,) = [job for job in material.workflow("ci")["jobs"].values() if "run -e deploy" in runs(job)]
    assert runs(job).rstrip().endswith("run -e deploy")
    assert "if" not in job


def test_ci_and_its_call_do_not_cancel_each_other(material: Material) -> None:
    """The group of CI names the calling workflow, and a push to main starts CI by the call alone."""
    ci = material.workflow("ci")
    assert "${{ github.workflow }}" in ci["concurrency"]["group"]
    triggers: Any = {str(key): value for key, value in ci.items()}["True"]  # YAML reads the key `on` as a truth
    assert set(triggers) == {"pull_request", "workflow_call"}


def test_every_job_acts_as_its_own_environment(material: Material) -> None:
    """GitHub's environments give the roles: registry, staging, production with its reviewers."""
    found = {name: job.get("environment") for name, job in jobs(material).items()}
    names = {name: each["name"] if isinstance(each, dict) else each for name, each in found.items()}
    assert names == {
        "check": None,
        "image": "registry",
        "staging": "staging",
        "production": "production",
        "rollback": "${{ inputs.environment }}",
    }


def test_staging_and_production_run_the_same_image(material: Material) -> None:
    """The image is built by one job; the others take its output, by digest."""
    found = jobs(material)
    assert [name for name in found if "docker build" in runs(found[name])] == ["image"]
    for name in ("staging", "production"):
        (step,) = [each for each in found[name]["steps"] if "-m deploy release" in str(each.get("run"))]
        assert step["env"]["IMAGE"] == "${{ needs.image.outputs.image }}"
    assert "@$digest" in runs(found["image"])


def test_production_verifies_the_attestation_before_it_releases(material: Material) -> None:
    """Image, repository, workflow and commit are verified, in a step before the release."""
    lines = runs(jobs(material)["production"])
    verify, release = lines.index("gh attestation verify"), lines.index("-m deploy release")
    assert verify < release
    for part in ('"oci://$IMAGE"', '--repo "$GITHUB_REPOSITORY"', '--source-digest "$GITHUB_SHA"', "--signer-workflow"):
        assert part in lines[verify:release]


def test_the_load_test_judges_staging(material: Material) -> None:
    """After the release on staging comes the project's own load test and its verdict; what refuses it goes back."""
    lines = runs(jobs(material)["staging"])
    release, load = lines.index("-m deploy release staging"), lines.index("--target")
    assert release < load < lines.index("judge") < lines.index("-m deploy rollback staging")


def test_the_loads_report_is_kept_whatever_the_verdict(material: Material) -> None:
    """The records of the load test are uploaded also where it failed, and their absence is an error."""
    (step,) = [each for each in jobs(material)["staging"]["steps"] if "upload-artifact" in each.get("uses", "")]
    assert step["if"].startswith("always()")
    assert step["with"]["if-no-files-found"] == "error"


def test_one_deployment_of_an_environment_at_a_time(material: Material) -> None:
    """Jobs of one environment wait for each other, and none is cut off."""
    groups = {name: job.get("concurrency") for name, job in jobs(material).items() if job.get("concurrency")}
    assert groups == {
        name: {"group": f"deploy-{environment}", "cancel-in-progress": False}
        for name, environment in (
            ("staging", "staging"),
            ("production", "production"),
            ("rollback", "${{ inputs.environment }}"),
        )
    }


def test_a_rollback_waits_for_no_build(material: Material) -> None:
    """By hand, the rollback starts at once, and nothing else does."""
    found = jobs(material)
    assert "needs" not in found["rollback"]
    assert found["rollback"]["if"].startswith("inputs.action == 'rollback'")
    assert found["check"]["if"] == "inputs.action != 'rollback'"


def test_permissions_are_the_least(material: Material) -> None:
    """The workflow has none; each job has what it needs, and only the one that builds may attest."""
    assert material.workflow()["permissions"] == {}
    found = {name: job["permissions"] for name, job in jobs(material).items()}
    read = {"contents": "read"}
    assert found == {
        "check": read,
        "image": {**read, "id-token": "write", "attestations": "write"},
        "staging": {**read, "id-token": "write"},
        "production": {**read, "id-token": "write", "attestations": "read"},
        "rollback": {**read, "id-token": "write"},
    }


def test_actions_are_pinned_by_commit(material: Material) -> None:
    """Every action is named by a commit, with its release as a comment for people and dependabot."""
    for name in ("ci", "deploy"):
        for line in material.texts[f".github/workflows/{name}.yml"].splitlines():
            if "uses:" in line and "./" not in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_no_key_of_aws_is_kept_at_github(material: Material) -> None:
    """Each job that talks to AWS takes a role by OpenID Connect; no secret is a key of AWS."""
    text = material.texts[".github/workflows/deploy.yml"]
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"LOADTEST_TOKEN"}
    for name, job in jobs(material).items():
        if "aws " in runs(job) or "-m deploy" in runs(job):
            uses = [each["uses"].partition("@")[0] for each in job["steps"] if "uses" in each]
            assert "aws-actions/configure-aws-credentials" in uses, name
