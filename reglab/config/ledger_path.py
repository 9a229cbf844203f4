"""The folder of a suite's ledger."""

import os
from copy import copy
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from reglab.config.project import Project
from reglab.config.reader import parse_toml, read_text, validated
from reglab.config.suite import SuiteFile
from reglab.errors import AuditError

File = TypeVar("File", bound=BaseModel)


def ledger_path(file: SuiteFile, project: Project) -> Path:
    """Return the folder of a suite's ledger: the project's for the project's suite, else the suite's own."""
    if not file.suite.ledger and file.path.resolve() == project.suite_path.resolve():
        return project.ledger_path
    return file.ledger_path


def with_ledger(file: SuiteFile, project: Project) -> SuiteFile:
    """Return a suite that names the folder of its ledger itself, for whoever knows the suite alone."""
    ledger = os.path.relpath(ledger_path(file, project), file.path.parent)
    named = copy(file)
    named.suite = file.suite.model_copy(update={"ledger": ledger})
    return named


def read_beside_ledger(path: Path, schema: type[File]) -> File | None:
    """Read a file beside a ledger; None where there is none. Raises AuditError as `file:line: what is wrong`."""
    try:
        text = read_text(path, error=AuditError)
    except FileNotFoundError:
        return None
    return validated(parse_toml(text, path=path, error=AuditError), schema, text=text, path=path, error=AuditError)


def beside_ledger(ledger: Path, name: str) -> Path:
    """Return a file that belongs to a ledger: in its folder, or beside a ledger that is one file."""
    return (ledger.parent if ledger.suffix else ledger) / name
