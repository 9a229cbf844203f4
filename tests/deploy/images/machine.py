"""The stack of one machine, started from its compose file by podman-compose."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.images.containers import READY_SECONDS_MAX, free_port
from tests.deploy.material import ROOT

FILE = ROOT / "deploy/image/compose.yaml"
POSTGRES = "localhost/regression-lab/postgres:test"
HOST = "orders.example.com"
# What podman is told where no systemd runs, and where nobody may raise the limits of a process.
_PODMAN = """
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A project of podman-compose: its name, the variables of its commands, and where the service answers."""

    name: str
    environment: dict[str, str]
    origin: str

    def compose(self, *words: str) -> str:
        """Run one command of podman-compose, and fail with what it printed."""
        command = [str(Path(sys.executable).with_name("podman-compose")), "-p", self.name, "-f", str(FILE)]
        return self._done([*command, *words])

    def podman(self, *words: str) -> str:
        return self._done(["podman", *words])

    def start(self) -> None:
        """Start the services one after the other, each when what it depends on is as the file asks.

        podman before 4.6 has no word for that; docker and later ones wait by themselves.
        """
        services: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
        needed = {name: service.get("depends_on", {}) for name, service in services.items()}
        asked = {name: each["condition"] for after in needed.values() for name, each in after.items()}
        for name in TopologicalSorter({name: list(after) for name, after in needed.items()}).static_order():
            if asked.get(name) == "service_completed_successfully":
                self.compose("up", "--no-build", "--no-deps", name)
                state = self.podman("inspect", "--format", "{{.State.ExitCode}}", self.container(name))
                assert state == "0", self.logs(name)
            else:
                self.compose("up", "--detach", "--no-build", "--no-deps", name)
                self.wait_until_healthy(name)

    def container(self, service: str) -> str:
        return f"{self.name}_{service}_1"

    def wait_until_healthy(self, service: str) -> None:
        """Run the service's own health check until it holds, and fail with the log when time is up."""
        command = ["podman", "healthcheck", "run", self.container(service)]
        end = time.monotonic() + READY_SECONDS_MAX
        while subprocess.run(command, env=self.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < end, self.logs(service)
            time.sleep(0.5)

    def logs(self, service: str) -> str:
        command = ["podman", "logs", self.container(service)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def _done(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout.strip()


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Run the stack of one machine until the caller is done; leave neither container nor volume nor network."""
    configuration = folder / "containers.conf"
    configuration.write_text(_PODMAN, encoding="utf-8")
    port = free_port()
    environment = {
        **os.environ,
        "CONTAINERS_CONF": str(configuration),
        "SECRET_KEY": "only-for-this-test-" * 4,
        "PGPASSWORD": 'with a "quotation" mark',
        "HOST_NAME": HOST,
        "POSTGRES_IMAGE": POSTGRES,
        "PORT": str(port),
    }
    running = Machine(name=f"reglab{os.getpid()}", environment=environment, origin=f"http://127.0.0.1:{port}")
    try:
        running.start()
        yield running
    finally:
        for service in yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]:
            command = ["podman", "rm", "--force", "--volumes", "--time", "5", running.container(service)]
            subprocess.run(command, env=environment, capture_output=True, check=False)
        running.compose("down", "--volumes")
