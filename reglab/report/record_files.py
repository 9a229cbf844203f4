"""Record files on disk: written line by line so that a crash keeps what was measured, refused where damaged."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError
from time_machine import escape_hatch

from reglab.errors import RegLabError, RunError
from reglab.report.records import (
    LINE,
    SCHEMA_VERSION,
    Completion,
    Content,
    Footer,
    Header,
    Measurement,
    Profile,
    Record,
    Remark,
    Series,
)
from reglab.termination import reason_of_end

_CHAIN_KEY: Final = ',"chain":"'
_CHAIN_SEED: Final = b"regression-lab record 1"


class RecordError(RegLabError):
    """A record that cannot be believed; the message names the file, the line and what to do."""

    def __init__(
        self, path: Path, problem: str, *, line: int | None = None, remedy: str = "run its stage again"
    ) -> None:
        self.path = str(path)
        self.line = line
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{self.place}: {problem}; {remedy}")

    @property
    def place(self) -> str:
        """The file, and the line where one is to blame."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


class RecordWriter:
    """Appends validated lines to one record file, each out of this process before the call returns."""

    def __init__(self, stream: IO[str], header: Header) -> None:
        self._stream = stream
        self._chain = _CHAIN_SEED
        self._lines = 0
        self.write(header)

    def write(self, line: Header | Content | Footer) -> None:
        """Append one line. Raises OSError where the disk is full: a stage that cannot record must not go on."""
        body = LINE.dump_json(line).decode()
        self._chain = _chained(self._chain, body)
        self._stream.write(f'{body[:-1]}{_CHAIN_KEY}{self._chain.hex()}"}}\n')
        self._stream.flush()
        self._lines += 1

    def close(self, completion: Completion, *, reason: str = "") -> None:
        """Write the footer. What comes after it, or a file without it, is refused by the reader."""
        footer = Footer(completion=completion, lines=self._lines, finished_at=now(), reason=reason)
        self.write(footer)
        os.fsync(self._stream.fileno())


@contextmanager
def recording(path: Path, header: Header) -> Iterator[RecordWriter]:
    """Write a record; its footer says whether the block completed, was interrupted or crashed.

    Raises RunError where there is one already: what was measured is never written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _fresh(path) as stream:
        writer = RecordWriter(stream, header)
        try:
            yield writer
        except KeyboardInterrupt:
            writer.close(Completion.INTERRUPTED, reason=reason_of_end())
            raise
        except OSError:
            # The disk may be what failed: a footer could not be written either, and its absence says enough.
            raise
        except Exception as error:
            writer.close(Completion.CRASHED, reason=f"{type(error).__name__}: {error}")
            raise
        writer.close(Completion.COMPLETE)


def _fresh(path: Path) -> IO[str]:
    try:
        return path.open("x", encoding="utf-8")
    except FileExistsError:
        raise RunError(
            f"{path}: this run has measured that already; leave --run out, or name a folder that is not there yet"
        ) from None


def read_record(path: Path) -> Record:
    """Read and validate one record file.

    Raises RecordError with `file:line` where a line is missing, malformed, of another schema, or not as written.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordError(path, "the record is missing") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RecordError(path, "the line is not text in UTF-8", line=line) from None
    except OSError as error:
        raise RecordError(path, f"the record cannot be read ({error.strerror})") from None
    return _assembled(path, list(_validated_lines(path, text)))


def now() -> str:
    """Return the present time in UTC, in ISO 8601, to the second, also while an audit has stopped the clocks."""
    clock = escape_hatch.datetime.datetime if escape_hatch.is_travelling() else datetime
    return str(clock.now(tz=UTC).isoformat(timespec="seconds"))


def _chained(previous: bytes, body: str) -> bytes:
    return hashlib.blake2b(previous + body.encode(), digest_size=8).digest()


def _validated_lines(path: Path, text: str) -> Iterator[Header | Content | Footer]:
    chain = _CHAIN_SEED
    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"), start=1):
        head, found, tail = line.rpartition(_CHAIN_KEY)
        body = head + "}"
        chain = _chained(chain, body)
        try:
            parsed = LINE.validate_json(body if found else line)
        except ValidationError as error:
            raise RecordError(path, _first_complaint(error), line=number) from None
        if not found or tail != f'{chain.hex()}"}}':
            raise RecordError(path, "the line is not as it was written (edited, moved or cut)", line=number)
        yield parsed


def _first_complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return "the line is cut or is no JSON"
    place = ".".join(str(part) for part in first["loc"]) or "line"
    if place.endswith("schema_version"):
        return f"the record has schema version {first['input']!r}; this judge reads version {SCHEMA_VERSION}"
    return f"{place}: {first['msg']}"


def _assembled(path: Path, lines: list[Header | Content | Footer]) -> Record:
    if not lines or not isinstance(lines[0], Header):
        raise RecordError(path, "a record starts with its header, and this file does not", line=1)
    footer = lines[-1]
    if not isinstance(footer, Footer):
        problem = "the record ends without its footer: its stage was killed, or is still running"
        raise RecordError(path, problem, line=len(lines))
    inner = lines[1:-1]
    for number, line in enumerate(inner, start=2):
        if isinstance(line, Header | Footer):
            raise RecordError(path, f"a second {line.type} inside one record", line=number)
    if footer.lines != len(lines) - 1:
        problem = f"the footer counts {footer.lines} lines before it, the file has {len(lines) - 1}"
        raise RecordError(path, problem, line=len(lines))
    return Record(
        path=str(path),
        header=lines[0],
        measurements=tuple(line for line in inner if isinstance(line, Measurement)),
        series=tuple(line for line in inner if isinstance(line, Series)),
        remarks=tuple(line for line in inner if isinstance(line, Remark)),
        footer=footer,
        profiles=tuple(line for line in inner if isinstance(line, Profile)),
    )
