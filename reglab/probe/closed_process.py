"""The process in which the project runs under its closed settings."""

import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reglab.config.project import Project
from reglab.errors import AuditError
from reglab.project.settings import SETTINGS_VARIABLE
from reglab.termination import with_our_end

_SECRET: Final = re.compile(r"KEY|SECRET|PASSWORD|TOKEN|DSN|CREDENTIAL")
# More of them than a sentence holds.
_TOLD: Final = 2


class ClosedProcess:
    """The access audit under closed settings, running beside this process; its record lands in the run folder."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def finish(self) -> None:
        """Wait for the end. Raises AuditError with what it said last where it could not run."""
        if self._process.wait():
            last = _last_said(self._log.read_text(encoding="utf-8", errors="replace"))
            raise AuditError(f"the access audit under closed settings could not run: {last} (log: {self._log})")


def _last_said(text: str) -> str:
    """Return the last line, or the first one of the last exception: a database's goes on with details."""
    lines = text.strip().splitlines() or ["no message"]
    _, is_raised, raised = text.rpartition("Traceback (most recent call last):\n")
    return next((line for line in raised.splitlines() if is_raised and line[:1].strip()), lines[-1])


@contextmanager
def closed_process(project: Project, options: Namespace, folder: Path, *, measured: str) -> Iterator[ClosedProcess]:
    """Start the process for the revision `measured`; end it where the block ends early."""
    log = folder / "access.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "reglab", *_arguments(project, options, folder, measured)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=with_our_end(_environment(project)),
        )
    try:
        yield ClosedProcess(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def told(project: Project) -> str:
    """Name the closed settings for a reader: their module where there is one, and never what may hold a secret."""
    if isinstance(project.closed, str):
        return project.closed
    if SETTINGS_VARIABLE in project.closed:
        return f"{SETTINGS_VARIABLE}={project.closed[SETTINGS_VARIABLE]}"
    public = [name for name, value in project.closed.items() if not _SECRET.search(name) and "://" not in value]
    return ", ".join(f"{name}={project.closed[name]}" for name in public[:_TOLD])


def _arguments(project: Project, options: Namespace, folder: Path, measured: str) -> Iterator[str]:
    yield from ("probe", "access", "--is-closed", "--run", str(folder), "--only", options.only)
    yield from ("--database", options.database, "--measured", measured)
    if options.suite:
        yield from ("--suite", str(options.suite))
    if options.accept:
        yield from ("--accept", options.accept)
    if module := _module(project):
        yield from ("--settings", module)


def _module(project: Project) -> str:
    """Return the closed settings' module, if one is named: it goes before the one that the project's settings name."""
    return project.closed if isinstance(project.closed, str) else project.closed.get(SETTINGS_VARIABLE, "")


def _environment(project: Project) -> dict[str, str]:
    closed = project.closed if isinstance(project.closed, dict) else {}
    inherited = {name: value for name, value in os.environ.items() if name not in project.environment}
    # A settings module that was named for this process is the open one.
    if _module(project):
        inherited.pop(SETTINGS_VARIABLE, None)
    return {**inherited, **closed, "PYTHONUNBUFFERED": "1"}
