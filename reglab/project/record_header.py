"""The header of the audit's record."""

from pathlib import Path
from typing import Final

from django.db import connection

from reglab.config.suite import SuiteFile
from reglab.report.environment import present_environment, revision
from reglab.report.record_files import now
from reglab.report.records import CHOSEN, Header, Instrument

ALL: Final = "*"


def header_of(file: SuiteFile, *, run: str, only: str = ALL, instrument: Instrument = "work") -> Header:
    """Say what is measured, where and on which database; and which part of it, where `only` chose one."""
    version = ".".join(str(part) for part in connection.get_database_version())
    return Header(
        instrument=instrument,
        run=run,
        subject=Path.cwd().name,
        revision=revision(Path.cwd()),
        environment=present_environment(database=f"{connection.vendor} {version}"),
        started_at=now(),
        context={"suite": file.path.name} | ({} if only == ALL else {CHOSEN: only}),
    )
