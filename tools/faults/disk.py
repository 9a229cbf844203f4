"""A small file system that a round can fill: a tmpfs, which only root may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from tools.faults.service import Service, migrate, running_service

MEGABYTES = 400
BLOCK_BYTES = 1024 * 1024


def is_possible() -> bool:
    """Tell whether this machine lets us mount one, by trying it."""
    if os.geteuid() != 0:
        return False
    with suppress(OSError, subprocess.CalledProcessError), _small_disk():
        return True
    return False


@contextmanager
def service_on_a_small_disk() -> Iterator[tuple[Server, str, Service, Path]]:
    """Run a service on a PostgreSQL whose data have a small disk of their own: server, URL, service, the disk."""
    with ExitStack() as stack:
        place = stack.enter_context(_small_disk())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="faults-")))
        server = stack.enter_context(Server.kept(place / "postgres", settings=PRODUCTION_LIKE))
        url = server.ensure_database("orders")
        migrate(url)
        service = stack.enter_context(running_service(url, folder=folder))
        yield server, url, service, place


def fill(disk: Path) -> Path:
    """Take all that is free; return the file to remove."""
    path = disk / "ballast"
    with suppress(OSError), path.open("wb", buffering=0) as stream:
        while stream.write(bytes(BLOCK_BYTES)) == BLOCK_BYTES:
            pass
    return path


@contextmanager
def _small_disk() -> Iterator[Path]:
    with TemporaryDirectory(prefix="small-disk-") as name:
        disk = Path(name)
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0755", "tmpfs", name]
        subprocess.run(command, check=True, capture_output=True)
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", name], check=True, capture_output=True)
