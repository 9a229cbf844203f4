"""Record files on disk: written line by line so that a crash keeps what was measured, refused where damaged."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from reports.records import LINE, Completion, Footer, Header, Measurement, Record, Remark, Series

_CHAIN_KEY: Final = ',"chain":"'
_CHAIN_SEED: Final = b"regression-lab record 1"


class RecordError(Exception):
    """A record that cannot be believed; the message names the file, the line and what to do."""


class RecordWriter:
    """Appends validated lines to one record file, each out of this process before the call returns."""

    def __init__(self, stream: IO[str], header: Header) -> None:
        self._stream = stream
        self._chain = _CHAIN_SEED
        self._lines = 0
        self.write(header)

    def write(self, line: Header | Measurement | Series | Remark | Footer) -> None:
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
    """Write a record; its footer says whether the block completed, was interrupted or crashed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as stream:
        writer = RecordWriter(stream, header)
        try:
            yield writer
        except KeyboardInterrupt:
            writer.close(Completion.INTERRUPTED, reason="interrupted from the keyboard")
            raise
        except OSError:
            # The disk may be what failed: a footer could not be written either, and its absence says enough.
            raise
        except Exception as error:
            writer.close(Completion.CRASHED, reason=f"{type(error).__name__}: {error}")
            raise
        writer.close(Completion.COMPLETE)


def read_record(path: Path) -> Record:
    """Read and validate one record file.

    Raises RecordError with `file:line` where a line is missing, malformed, of another schema, or not as written.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordError(f"{path}: the record is missing; run its stage again") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read ({error}); run its stage again") from None
    return _assembled(path, list(_validated_lines(path, text)))


def now() -> str:
    """Return the present time in UTC, in ISO 8601, to the second."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def _chained(previous: bytes, body: str) -> bytes:
    return hashlib.blake2b(previous + body.encode(), digest_size=8).digest()


def _validated_lines(path: Path, text: str) -> Iterator[Header | Measurement | Series | Remark | Footer]:
    chain = _CHAIN_SEED
    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"), start=1):
        head, found, tail = line.rpartition(_CHAIN_KEY)
        body = head + "}"
        chain = _chained(chain, body)
        try:
            parsed = LINE.validate_json(body if found else line)
        except ValidationError as error:
            raise RecordError(f"{path}:{number}: {_first_complaint(error)}; run its stage again") from None
        if not found or tail != f'{chain.hex()}"}}':
            raise RecordError(
                f"{path}:{number}: the line is not as it was written (edited, moved or cut); run its stage again"
            )
        yield parsed


def _first_complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "line"
    return f"{place}: {first['msg']}"


def _assembled(path: Path, lines: list[Header | Measurement | Series | Remark | Footer]) -> Record:
    if not lines or not isinstance(lines[0], Header):
        raise RecordError(f"{path}:1: a record starts with its header; run its stage again")
    footer = lines[-1]
    if not isinstance(footer, Footer):
        raise RecordError(
            f"{path}:{len(lines)}: the record ends without its footer: its stage was killed or is still running"
        )
    inner = lines[1:-1]
    for number, line in enumerate(inner, start=2):
        if isinstance(line, Header | Footer):
            raise RecordError(f"{path}:{number}: a second {line.type} inside one record; run its stage again")
    if footer.lines != len(lines) - 1:
        raise RecordError(f"{path}:{len(lines)}: the footer counts {footer.lines} lines, the file has {len(lines) - 1}")
    return Record(
        path=str(path),
        header=lines[0],
        measurements=tuple(line for line in inner if isinstance(line, Measurement)),
        series=tuple(line for line in inner if isinstance(line, Series)),
        remarks=tuple(line for line in inner if isinstance(line, Remark)),
        footer=footer,
    )
