"""compose.yaml, started: PostgreSQL, PgBouncer, the migrations and the service on one machine."""

import json
import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from tests.deploy.images.containers import POOLER, READY_SECONDS_MAX, SERVICE, answer, build, run
from tests.deploy.images.machine import HOST, POSTGRES, Machine, machine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The stack of one machine, from the images as they are and a stand-in for PostgreSQL's own."""
    build("tests/deploy/standin/postgres/Dockerfile", POSTGRES)
    for image in (SERVICE, POOLER):
        run("podman", "tag", image, image.replace(":test", ":latest"))
    with machine(tmp_path_factory.mktemp("machine")) as started:
        yield started


def asked(running: Machine, path: str, *, token: str = "", body: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Ask as the proxy with TLS does that belongs in front."""
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Token {token}"
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{running.origin}{path}", data=data, headers=headers)  # noqa: S310
    with urlopen(request, timeout=30) as response:  # noqa: S310
        return response.status, response.read()


def wait_until_ready(running: Machine) -> None:
    end = time.monotonic() + READY_SECONDS_MAX
    while answer(f"{running.origin}/healthz/ready", host=HOST) != 200:
        assert time.monotonic() < end, running.logs("web") + running.logs("pooler")
        time.sleep(0.5)


def test_what_is_written_through_the_stack_outlives_its_database(running: Machine) -> None:
    """A customer made through service and pooler is read again after PostgreSQL was replaced: the volume keeps it."""
    web = running.container("web")
    token = running.podman("exec", web, "python", "-m", "django", "create_token", "clerk", "--role", "manager")
    token = token.split()[-1]
    status, text = asked(running, "/api/customers/", token=token, body={"name": "Ada", "email": "ada@example.com"})
    assert status == 201
    made = json.loads(text)["id"]
    running.podman("rm", "--force", "--time", "30", running.container("postgres"))
    running.compose("up", "--detach", "--no-build", "--no-deps", "postgres")
    running.wait_until_healthy("postgres")
    # As the file asks of docker, which starts the pooler anew with the database.
    running.podman("restart", "--time", "5", running.container("pooler"))
    wait_until_ready(running)
    status, text = asked(running, f"/api/customers/{made}/", token=token)
    assert (status, json.loads(text)["email"]) == (200, "ada@example.com")


def test_the_stack_is_as_locked_down_as_its_file_says(running: Machine) -> None:
    """Neither root nor a writable file system in what is ours, and one port, on the machine's own address."""
    for service, user in (("web", "10001"), ("pooler", "10002")):
        container = running.container(service)
        assert running.podman("exec", container, "id", "-u") == user
        state = json.loads(running.podman("inspect", container))[0]
        assert state["HostConfig"]["ReadonlyRootfs"]
        assert not state["EffectiveCaps"]
    published = running.podman("ps", "--filter", f"name={running.name}_", "--format", "{{.Ports}}").split()
    assert published == [f"{running.origin.removeprefix('http://')}->8000/tcp"]
