"""Containers as locked down as on AWS, asked by their address."""

from urllib.parse import urlsplit

import pytest

from tests.deploy.images.containers import PODMAN, POOLER, SERVICE, answer, run
from tests.deploy.images.site import HOST, Site

pytestmark = pytest.mark.slow


def test_production_answers_its_probes_and_keeps_its_secrets(production: Site) -> None:
    """Probes by address are 200, all else by address is refused; image, log and process list show no password."""
    assert answer(f"{production.origin}/healthz/live") == answer(f"{production.origin}/healthz/ready") == 200
    assert answer(f"{production.origin}/api/orders/") == 400
    assert answer(f"{production.origin}/healthz/identity?nonce=0123456789abcdef", host=HOST) != 200
    password = str(urlsplit(production.database_url).password)
    assert password not in production.web.text() + production.pooler.text()
    assert password not in run("podman", "inspect", SERVICE, POOLER)
    assert password not in run("ps", "-eo", "args")


def test_the_containers_are_locked_down_for_real(production: Site) -> None:
    """Inside, the file system refuses a write, no capability is left, and the user is not root."""
    inside = (*PODMAN, "exec")
    for each in (production.web, production.pooler):
        shown = run(*inside, each.name, "sh", "-c", "id -u; grep CapEff /proc/self/status; touch /etc/x 2>&1 || true")
        user, capabilities, refusal = shown.splitlines()
        assert user in ("10001", "10002")
        assert int(capabilities.split()[1], 16) == 0
        assert "Read-only file system" in refusal
