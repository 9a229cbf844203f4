"""Merging of runs: the shards that several machines measured become one run, as if one machine had measured it all."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from reglab.errors import RunError
from reglab.report.parts.shards import Shard
from reglab.report.record_files import RecordWriter, read_record
from reglab.report.records import LINE, SHARD, Completion, Content, Header, Record
from reglab.report.runs import LEDGER_PATCH, ledger_patch

_WORST_FIRST: Final = (Completion.CRASHED, Completion.INTERRUPTED, Completion.COMPLETE)


def merge(folders: Sequence[Path], into: Path) -> tuple[str, ...]:
    """Merge the records of shards into the folder `into`; return the names of the files that were written.

    Every shard has to be there, once, of one suite, one revision and one environment. Raises RunError for the rest, and
    RecordError for a record that cannot be believed.
    """
    if any(into.glob("*.jsonl")):
        raise RunError(f"{into}: holds records already; name a new folder with --run")
    names = sorted({path.name for folder in folders for path in folder.glob("*.jsonl")})
    if not names:
        raise RunError(f"{', '.join(map(str, folders))}: there is no record (*.jsonl) to merge")
    merged = {name: _checked([read_record(folder / name) for folder in folders]) for name in names}
    into.mkdir(parents=True, exist_ok=True)
    for name, records in merged.items():
        _write(records, into / name, run=into.name)
    if patches := _patches(folders):
        (into / LEDGER_PATCH).write_text("".join(patches), encoding="utf-8")
    return tuple(names)


def _patches(folders: Iterable[Path]) -> list[str]:
    """Return the changes of the ledger, a file each; that a scenario is gone, every shard says."""
    patches = (change for folder in folders for change in re.split(r"(?m)^(?=--- )", ledger_patch(folder)))
    return list(dict.fromkeys(change for change in patches if change))


def _checked(records: list[Record]) -> list[Record]:
    """Return the records in the order of their shards. Raises RunError where they are no whole."""
    first = records[0]
    for record in records:
        _hold_alike(first, record)
    shards = {_shard_of(record): record for record in records}
    count = _shard_of(first).count
    missing = [number for number in range(1, count + 1) if Shard(number=number, count=count) not in shards]
    if missing or len(shards) < len(records):
        there = ", ".join(str(_shard_of(record)) for record in records)
        raise RunError(
            f"{Path(first.path).name}: shards {there} are no whole; expected 1/{count} to {count}/{count}, each once"
        )
    return sorted(records, key=lambda record: _shard_of(record).number)


def _hold_alike(first: Record, record: Record) -> None:
    for what, of_first, found in (
        ("the instrument", first.header.instrument, record.header.instrument),
        ("the revision", first.header.revision, record.header.revision),
        ("the Python", first.header.environment.python, record.header.environment.python),
        ("the database", first.header.environment.database, record.header.environment.database),
        ("the packages", first.header.environment.packages, record.header.environment.packages),
        ("the number of shards", _shard_of(first).count, _shard_of(record).count),
        ("the rest of what was asked for", _rest(first.header), _rest(record.header)),
    ):
        if of_first != found:
            raise RunError(
                f"{record.path}: the shards are not of one run: {what} is {_told(found)}, and {_told(of_first)} in "
                f"{first.path}"
            )


def _shard_of(record: Record) -> Shard:
    try:
        return Shard.parsed(record.header.context.get(SHARD, ""))
    except ValueError:
        raise RunError(f"{record.path}: is no shard; `reglab audit --shard 1/2` measures one") from None


def _rest(header: Header) -> dict[str, str]:
    return {key: value for key, value in header.context.items() if key != SHARD}


def _told(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else "another"


def _write(records: Sequence[Record], path: Path, *, run: str) -> None:
    header = replace(records[0].header, run=run, context=_rest(records[0].header))
    with path.open("x", encoding="utf-8") as stream:
        writer = RecordWriter(stream, header)
        for line in _lines(records):
            writer.write(line)
        worst = min((record.footer for record in records), key=lambda footer: _WORST_FIRST.index(footer.completion))
        writer.close(worst.completion, reason=worst.reason)


def _lines(records: Iterable[Record]) -> Iterable[Content]:
    """Yield the lines of all shards; what each says of the whole suite, only once."""
    earlier: set[bytes] = set()
    for record in records:
        lines: tuple[Content, ...] = (*record.measurements, *record.series, *record.profiles, *record.remarks)
        texts = [LINE.dump_json(line) for line in lines]
        # What one shard says twice stays there twice, for the judge to see.
        yield from (line for line, text in zip(lines, texts, strict=True) if text not in earlier)
        earlier.update(texts)
