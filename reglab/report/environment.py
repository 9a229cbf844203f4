"""Environment of a record: the place where it was measured."""

import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Final

from reglab.errors import GitError
from reglab.git.command import Git
from reglab.report.records import Environment

UNKNOWN: Final = "unknown"

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
    """Return the commit that `folder` is at, "+changes" behind it where the tree is dirty, UNKNOWN without git."""
    git = Git(folder=folder)
    try:
        commit = git.text("rev-parse", "HEAD")
        return f"{commit}+changes" if git.ask("status", "--porcelain") else commit
    except GitError:
        return UNKNOWN


def revision_refusal(folder: Path) -> str:
    """Return git's sentence where it does not say which commit `folder` is at, or an empty text."""
    git = Git(folder=folder)
    try:
        git.text("rev-parse", "HEAD")
        git.ask("status", "--porcelain")
    except GitError as error:
        return f"the revision is unknown: {error}"
    return ""


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
