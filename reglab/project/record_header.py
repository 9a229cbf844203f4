"""The header of the audit's record."""

from pathlib import Path
from typing import Final

from django.db import connection

from reglab.config.suite import SuiteFile
from reglab.report.environment import present_environment, revision
from reglab.report.record_files import now
from reglab.report.records import CHOSEN, LEFT_OUT, SHARD, Header, Instrument
from reglab.report.shards import Shard

ALL: Final = "*"


def header_of(
    file: SuiteFile, *, run: str, only: str = ALL, shard: Shard | None = None, instrument: Instrument = "work"
) -> Header:
    """Say what is measured, where and on which database; and which part of it, where `only` or `shard` chose one."""
    part = ({} if only == ALL else {CHOSEN: only}) | ({SHARD: str(shard)} if shard else {})
    if file.suite.without:
        part[LEFT_OUT] = " ".join(sorted(one.counter for one in file.suite.without))
    version = ".".join(str(part) for part in connection.get_database_version())
    return Header(
        instrument=instrument,
        run=run,
        subject=Path.cwd().name,
        revision=revision(Path.cwd()),
        environment=present_environment(database=f"{connection.vendor} {version}"),
        started_at=now(),
        context={"suite": file.path.name} | part,
    )
