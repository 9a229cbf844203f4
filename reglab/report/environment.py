"""Environment of a record: the place where it was measured."""

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

from reglab.report.records import Environment

_PACKAGES: Final = ("django", "djangorestframework", "psycopg", "locust", "pytest-benchmark", "gunicorn")


def present_environment(*, database: str = "") -> Environment:
    """Describe this process's machine, interpreter and packages; `database` is the server's own version line."""
    return Environment(
        machine=_machine(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=platform.platform(),
        cpu_count=os.cpu_count() or 1,
        packages={name: version for name in _PACKAGES if (version := _installed(name))},
        database=database,
    )


def revision(folder: Path) -> str:
    """Return the commit that `folder` is at, "+changes" behind it where the tree is dirty, "unknown" outside git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return "unknown"
    return f"{commit}+changes" if _git(folder, "status", "--porcelain") else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _machine() -> str:
    """Name the machine without telling its name: equal on the same one, different on another."""
    try:
        identity = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        identity = ""
    seed = f"{identity}|{platform.node()}|{platform.machine()}|{_processor()}"
    return hashlib.blake2b(seed.encode(), digest_size=6).hexdigest()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
