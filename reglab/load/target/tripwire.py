"""Tripwire of a run: the first answer without proof cuts it, and nothing is sent by anyone afterwards."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "UNSAFE"


@dataclass(slots=True, kw_only=True)
class Tripwire:
    """A flag of this process and, through a file in the run's folder, of all that share it."""

    path: Path | None = None
    reason: str = ""

    @classmethod
    def of_run(cls, folder: Path) -> "Tripwire":
        """Return the tripwire of the run whose files are in `folder`."""
        return cls(path=folder / FILE)

    def is_cut(self) -> bool:
        """Whether somebody has seen an answer without proof. Asked before everything that is sent."""
        if self.reason:
            return True
        # Asked before each request: `Path.exists` takes twice as long.
        if self.path is None or not os.access(self.path, os.F_OK):
            return False
        self.reason = self.path.read_text(encoding="utf-8", errors="replace") or "an answer had no proof"
        return True

    def cut(self, reason: str) -> None:
        """Stop the run for good. The first reason stands."""
        if self.is_cut():
            return
        self.reason = reason
        if self.path is not None:
            try:
                self.path.write_text(reason, encoding="utf-8")
            except OSError:
                return  # this process has stopped all the same, and its report stops the others
