"""Raw records of planted regressions, kept: without the places of the machine that they were measured on."""

import gzip
import io
import re
from pathlib import Path
from typing import Final

from reglab.report.record_files import RecordWriter
from reglab.report.records import LINE, Header
from tools.planted.copies import PROJECT

_RUN: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")


def keep_records(folder: Path, target: Path) -> None:
    """Keep each record of a run below `folder` in `target`, compressed; the same record is the same file."""
    # Of runs alone: a copy of the project holds other lines of JSON, too.
    for path in sorted(path for path in folder.rglob("*.jsonl") if _RUN.fullmatch(path.parent.name)):
        target.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        for place in (folder, PROJECT):
            text = text.replace(f"{place}/", "")
        (target / f"{path.name}.gz").write_bytes(gzip.compress(_written_anew(text).encode(), mtime=0))


def _written_anew(text: str) -> str:
    """Chain the lines anew: each holds a digest of those before it."""
    header, *lines = (LINE.validate_json(_without_chain(line)) for line in text.splitlines())
    if not isinstance(header, Header):
        raise TypeError(f"a record begins with its header, not with a {type(header).__name__}")
    stream = io.StringIO()
    writer = RecordWriter(stream, header)
    for line in lines:
        writer.write(line)
    return stream.getvalue()


def _without_chain(line: str) -> str:
    return line.rpartition(',"chain":"')[0] + "}"
