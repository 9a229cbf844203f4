"""The Dockerfiles, read; tests/deploy/images builds and runs them."""

from datetime import UTC, datetime

import pytest
from cryptography import x509

from tests.deploy.material import ROOT, Material

SERVICE, POOLER = "deploy/image/Dockerfile", "deploy/image/Dockerfile.pooler"


def last_stage(dockerfile: str) -> str:
    return dockerfile[dockerfile.rindex("\nFROM ") :]


def test_packages_are_installed_by_their_hashes(material: Material) -> None:
    """Whatever pip installs is named with its hash, and is a wheel: nothing is compiled."""
    installs = [
        line for line in material.texts[SERVICE].splitlines() if "pip install" in line or "/pip --python" in line
    ]
    assert installs
    assert all("--require-hashes" in line and "--only-binary :all:" in line for line in installs)


def test_the_image_has_no_installer(material: Material) -> None:
    """The last stage installs nothing, and copies an environment that was made without pip."""
    assert not [word for word in ("pip", "apt-get", "gcc") if f" {word} " in last_stage(material.texts[SERVICE])]
    assert "python -m venv --without-pip /app/venv" in material.texts[SERVICE]


@pytest.mark.parametrize(("file", "user"), [(SERVICE, "10001:10001"), (POOLER, "10002:10002")])
def test_the_image_is_its_own_user(material: Material, file: str, user: str) -> None:
    """The last USER is a number above all of Debian's own, so that ECS can check it without the image."""
    users = [line.split()[1] for line in material.texts[file].splitlines() if line.startswith("USER ")]
    assert users[-1] == user


def test_the_server_gets_the_signal(material: Material) -> None:
    """The commands are lists: with a shell in between, the shell would get the signal to stop, and keep it."""
    for file in (SERVICE, POOLER):
        (command,) = [line for line in material.texts[file].splitlines() if line.startswith("CMD ")]
        assert command.startswith('CMD ["'), file
    assert "STOPSIGNAL SIGTERM" in material.texts[SERVICE]
    assert "STOPSIGNAL SIGINT" in material.texts[POOLER]


def test_the_image_starts_the_one_configuration_of_the_server(material: Material) -> None:
    """Load tests and container start the service by one file."""
    assert '"--config", "python:service.server.config"' in material.texts[SERVICE]


def test_no_secret_is_in_the_image(material: Material) -> None:
    """No build argument and no variable is a secret, and the build sees nothing but what it copies."""
    for file in (SERVICE, POOLER):
        declared = [line for line in material.texts[file].splitlines() if line.startswith(("ARG ", "ENV "))]
        assert not [line for line in declared if any(word in line for word in ("KEY", "PASSWORD", "TOKEN"))], file
    assert material.texts["deploy/image/Dockerfile.dockerignore"].splitlines()[1] == "*"


def test_the_stacks_user_is_the_images(material: Material) -> None:
    """The task runs the container as the user that the image was made for."""
    assert f"USER {material.containers()['web']['User']}" in material.texts[SERVICE]
    assert f"USER {material.containers()['pooler']['User']}" in material.texts[POOLER]


def test_the_certificates_of_rds_are_roots_that_last(material: Material) -> None:
    """Each certificate that the database is checked by is its own issuer, Amazon's, and lasts beyond 2050."""
    found = x509.load_pem_x509_certificates((ROOT / "deploy/image/rds-ca.pem").read_bytes())
    assert len(found) > 20
    for each in found:
        assert each.subject == each.issuer
        assert "Amazon RDS" in each.subject.rfc4514_string()
        assert each.not_valid_after_utc > datetime(2050, 1, 1, tzinfo=UTC)
