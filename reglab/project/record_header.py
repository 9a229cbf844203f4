"""The header of the audit's record."""

from pathlib import Path
from typing import Final

from django.db import connection

from reglab.config.suite import SuiteFile
from reglab.console import Console
from reglab.report.environment import present_environment, revision, revision_refusal
from reglab.report.parts.shards import Shard
from reglab.report.record_files import now
from reglab.report.records import CHOSEN, LEFT_OUT, OTHER_SIZES, SHARD, Header, Instrument, Remark, RemarkKind

ALL: Final = "*"


def revision_notes(console: Console) -> list[Remark]:
    """Print why git does not say which revision this is, and return it for the record; the audit goes on without."""
    refusal = revision_refusal(Path.cwd())
    if not refusal:
        return []
    console.warn(f"note: {refusal}")
    return [Remark(kind=RemarkKind.NOTE, text=refusal)]


def header_of(
    file: SuiteFile,
    *,
    run: str,
    only: str = ALL,
    shard: Shard | None = None,
    instrument: Instrument = "work",
    measured: str = "",
) -> Header:
    """Say what is measured, where and on which database; and which part of it, where `only` or `shard` chose one.

    `measured` is the revision, where it was looked up before: what a command accepts changes the checkout.
    """
    part = ({} if only == ALL else {CHOSEN: only}) | ({SHARD: str(shard)} if shard else {})
    if file.suite.without:
        part[LEFT_OUT] = " ".join(sorted(one.counter for one in file.suite.without))
    if file.other_sizes:
        part[OTHER_SIZES] = " ".join(sorted(file.other_sizes))
    version = ".".join(str(part) for part in connection.get_database_version())
    return Header(
        instrument=instrument,
        run=run,
        subject=Path.cwd().name,
        revision=measured or revision(Path.cwd()),
        environment=present_environment(database=f"{connection.vendor} {version}"),
        started_at=now(),
        context={"suite": file.path.name} | part,
    )
