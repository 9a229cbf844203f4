"""Starts processes of the base's code on databases of the audit."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import reglab
from reglab.errors import AuditError
from reglab.migrations_audit.base_worker import COOKIES, DATABASES
from reglab.termination import with_our_end

_PARTS: Final = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseProcess:
    """The base's exported folder, and the harness of this process beside it."""

    folder: Path
    harness: Path
    _cookies: list[str] = field(default_factory=list)

    def log_in(self, cookies: list[str]) -> None:
        """Carry these cookies, "name=value", with every request from now on."""
        self._cookies[:] = cookies

    def run(self, task: str, databases: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Do a task of `base_worker` on these databases. Raises AuditError with the last line where it fails."""
        self.harness.mkdir(exist_ok=True)
        link = self.harness / "reglab"
        if not link.exists():
            link.symlink_to(Path(reglab.__file__).parent, target_is_directory=True)
        parts = {alias: {key: settings[key] for key in _PARTS} for alias, settings in databases.items()}
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.harness),
            DATABASES: json.dumps(parts),
            COOKIES: json.dumps(self._cookies),
        }
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reglab.migrations_audit.base_worker", task],
            cwd=self.folder,
            env=with_our_end(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise AuditError(f"the base's code could not {task} the database: {lines[-1]}")
        found: list[str] = json.loads(done.stdout.strip().splitlines()[-1])
        return found
