"""Images built and containers run by buildah, podman and runc: without a daemon, as root, on the host's network."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.deploy.material import ROOT

CACHE = ROOT / "var" / "deploy"
BASE, POOLER_BASE = "docker.io/library/python:3.13-slim-trixie", "docker.io/library/debian:13-slim"
SERVICE, POOLER, LOAD = (f"localhost/regression-lab/{name}:test" for name in ("service", "pooler", "load"))
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PROGRAMS = ("buildah", "podman", "runc", "mmdebstrap")
READY_SECONDS_MAX = 120
PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
# What Fargate gives a task of ours: no capability, a read-only root; here, the machine's network besides.
LOCKED_DOWN = (
    *("--network", "host", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"),
    # Without CAP_SYS_RESOURCE the defaults, which are above this machine's own, cannot be set.
    *("--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1024:4096", "--pids-limit", "200"),
)


def missing_programs() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def run(*command: str, seconds: float = 600) -> str:
    """Run a command and return its output; fail with both of its outputs."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


@contextmanager
def alone() -> Iterator[None]:
    """Let one process of this machine build at a time: the next one finds what was built."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_base() -> None:
    """Make a stand-in for the official base images out of Debian's packages, where there is none."""
    if subprocess.run(["buildah", "inspect", BASE], capture_output=True, check=False).returncode == 0:
        return
    archive = CACHE / "base.tar"
    if not archive.exists():
        making = archive.with_suffix(".new.tar")
        run(
            *("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3,python3-venv,ca-certificates"),
            *("--dpkgopt=force-unsafe-io", '--customize-hook=ln -s python3 "$1/usr/bin/python"', "trixie", str(making)),
        )
        making.rename(archive)
    container = run("buildah", "from", "scratch").splitlines()[-1]
    run("buildah", "add", "--quiet", container, str(archive), "/")
    path = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    run("buildah", "config", "--env", path, "--env", "LANG=C.UTF-8", "--cmd", "python3", container)
    run("buildah", "commit", "--quiet", "--rm", container, BASE)
    run("buildah", "tag", BASE, POOLER_BASE)


def build(dockerfile: str, tag: str, *, revision: str = "unknown") -> None:
    """Build one image of the repository as it is."""
    # Packages may come through a proxy of this machine that signs with a certificate of its own.
    trust = ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"] if Path(CERTIFICATES).exists() else []
    own = f"{dockerfile}.dockerignore"
    # As docker chooses it: the Dockerfile's own, here with that of the service for the pooler.
    ignorefile = own if (ROOT / own).exists() else "deploy/image/Dockerfile.dockerignore"
    run(
        *("buildah", "bud", "--isolation", "chroot", "--pull=never", "--format", "docker", "--layers", *trust),
        *("--ignorefile", ignorefile, "--build-arg", f"REVISION={revision}"),
        *("--file", dockerfile, "--tag", tag, "."),
        seconds=1200,
    )


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A running container, and podman as its parent process."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, number: int, *, seconds: float) -> int:
        """Send a signal to the container's first process and return the exit code."""
        run(*PODMAN, "kill", "--signal", signal.Signals(number).name, self.name)
        return self.process.wait(seconds)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def container(
    image: str, *command: str, environment: dict[str, str], options: tuple[str, ...] = (), folder: Path
) -> Iterator[Container]:
    """Run an image locked down until the caller is done; its output goes into a file of `folder`."""
    name = f"reglab-{os.getpid()}-{time.monotonic_ns()}"
    # By name alone: what stands in a command line, every user of the machine can read.
    variables = [each for key in environment for each in ("--env", key)]
    log = folder / f"{name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*PODMAN, "run", "--rm", "--name", name, *LOCKED_DOWN, *options, *variables, image, *command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Container(name=name, process=process, log=log)
    finally:
        if process.poll() is None:
            subprocess.run(
                [*PODMAN, "rm", "--force", "--volumes", "--time", "5", name], capture_output=True, check=False
            )
            process.wait(60)


def answer(url: str, *, host: str = "", seconds: float = 5) -> int:
    """Return the status of a GET, 0 where there is no answer."""
    request = Request(url, headers={"Host": host} if host else {})  # noqa: S310
    try:
        with urlopen(request, timeout=seconds) as response:  # noqa: S310
            status: int = response.status
            return status
    except HTTPError as error:
        error.close()
        return error.code
    except (URLError, OSError):
        return 0


def wait_until_ready(url: str, of: Container) -> None:
    """Wait for a 200, and fail with the container's output where it ends or time is up."""
    end = time.monotonic() + READY_SECONDS_MAX
    while answer(url) != 200:
        assert of.process.poll() is None, of.text()
        assert time.monotonic() < end, of.text()
        time.sleep(0.2)
