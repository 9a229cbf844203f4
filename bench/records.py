"""The header of the audit's record."""

from pathlib import Path
from typing import Literal

from django.db import connection

from bench.suite import SuiteFile
from reports.environment import present_environment, revision
from reports.record_files import now
from reports.records import Header


def header_of(file: SuiteFile, *, run: str, instrument: Literal["work", "race"] = "work") -> Header:
    """Say what is measured, where and on which database."""
    version = ".".join(str(part) for part in connection.get_database_version())
    return Header(
        instrument=instrument,
        run=run,
        subject=Path.cwd().name,
        revision=revision(Path.cwd()),
        environment=present_environment(database=f"{connection.vendor} {version}"),
        started_at=now(),
        context={"suite": file.path.name},
    )
