"""Tests of deploy/: collected where its requirements are, as in `tox -e deploy`, and left to it elsewhere."""

import os
from importlib.util import find_spec

import pytest

MISSING = [name for name in ("boto3", "cfnlint", "moto") if find_spec(name) is None]

if MISSING:
    if os.environ.get("REQUIRE_DEPLOY"):
        raise pytest.UsageError(f"tests/deploy needs requirements/deploy.txt: {', '.join(MISSING)} is not installed.")
    collect_ignore_glob = ["*"]
else:
    # Only what runs on the stand-in: a test that forgot it must not find a real account.
    os.environ.update(
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_DEFAULT_REGION="eu-central-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_PAGER="",
        # Two thousand machine images that nothing here asks for, made anew for each account.
        MOTO_EC2_LOAD_DEFAULT_AMIS="false",
    )
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):
        os.environ.pop(name, None)


def pytest_report_header() -> str | None:
    """Say what is left to another environment."""
    return f"tests/deploy: left to `tox -e deploy` ({', '.join(MISSING)} not installed here)" if MISSING else None


@pytest.fixture(scope="session")
def material() -> object:
    """The files as they are."""
    from tests.deploy.material import Material

    return Material.read()
