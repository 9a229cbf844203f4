"""The write-set: what a scenario may write, held against what it attempted and what really changed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reglab.config.suite import Scenario
from reglab.counters.digests import COLUMNS_CHANGED, ROWS_CHANGED
from reglab.counters.rows import ROWS_WRITTEN
from reglab.project.requests.binding import filled_body
from reglab.report.records import Evidence, Measurement

_ASSIGNED: Final = re.compile(r'(?:^|, )"([^"]+)" = ')
VERBS: Final = ("insert", "update", "delete")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One difference between the write-set and what happened: `rows` of `table` by `verb`, too many or too few.

    `columns` are those that an update changed, joined by commas; `is_idle` where it only wrote what they had.
    """

    metric: str
    table: str
    verb: str
    rows: int
    evidence: tuple[Evidence, ...]
    columns: str = ""
    is_idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one execution did to the rows: attempted and effective by table and verb, changed columns by table."""

    attempted: Mapping[Key, Measurement]
    effective: Mapping[Key, Measurement]
    columns: Mapping[str, tuple[str, ...]]

    def attempts(self, key: Key) -> int:
        """Return how many rows were written, counting those that ended as they were."""
        return max(int(self.attempted[key].value) if key in self.attempted else 0, self.effects(key))

    def effects(self, key: Key) -> int:
        """Return how many rows differ afterwards."""
        return int(self.effective[key].value) if key in self.effective else 0

    def fulfilled(self, key: Key) -> int:
        """Return how many promised rows are there. An update of a row that was just inserted shows as the insert."""
        table, verb = key
        if verb != "update":
            return self.effects(key)
        hidden = max(0, self.attempts(key) - self.effects(key))
        return self.effects(key) + min(hidden, self.effects((table, "insert")))

    def evidence(self, key: Key) -> tuple[Evidence, ...]:
        """Return who wrote: the statement or trigger behind the effect, then those behind the attempts."""
        found = [one for count in (self.effective.get(key), self.attempted.get(key)) if count for one in count.evidence]
        return tuple({(one.text, one.source): one for one in found}.values())


def written(counts: Iterable[Measurement]) -> Written:
    """Sort the counters' attempted writes and the digest's effective ones by table and verb."""
    counts = list(counts)
    columns = (count.part.partition(": ") for count in counts if count.metric is COLUMNS_CHANGED)
    return Written(
        attempted={_key(count.part): count for count in counts if count.metric is ROWS_WRITTEN and count.value},
        effective={_key(count.part): count for count in counts if count.metric is ROWS_CHANGED and count.value},
        columns={table: tuple(names.split(", ")) for table, _, names in columns},
    )


def breaches(scenario: Scenario, done: Written, *, values: Mapping[str, Any]) -> tuple[Breach, ...]:
    """Return what the write-set does not allow, then what it promises and did not happen; lost rows first."""
    allowed = _allowed(scenario, values)
    found = [
        *_outside(allowed, done),
        *_outside_columns(scenario, done),
        *_missing(allowed, done),
    ]
    return tuple(sorted(found, key=lambda breach: (_severity(breach), breach.table)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """How many rows a write-set promises at least, and allows at most."""

    least: int = 0
    most: int = 0

    @classmethod
    def of(cls, count: int | str, values: Mapping[str, Any]) -> "_Bounds":
        least, _, most = str(filled_body(count, values)).partition("..")
        return cls(least=int(least), most=int(most or least))


def _allowed(scenario: Scenario, values: Mapping[str, Any]) -> dict[Key, _Bounds]:
    return {
        (table, verb): _Bounds.of(getattr(writes, verb), values)
        for table, writes in scenario.writes.items()
        for verb in VERBS
    }


def _outside(allowed: Mapping[Key, _Bounds], done: Written) -> Iterable[Breach]:
    for key in sorted({*done.attempted, *done.effective}):
        attempts, effects, limit = done.attempts(key), done.effects(key), allowed.get(key, _Bounds()).most
        if attempts <= limit:
            continue
        table, verb = key
        text = f"{table} {verb} {_rows(attempts)}, the write-set allows {limit}"
        text += "" if effects else f" ({_why(attempts, effects, promised=attempts + 1)})"
        columns = done.columns.get(table, ()) if verb == "update" else ()
        text += f"; columns {', '.join(columns)}" if columns else ""
        yield Breach(
            metric="writes_outside_contract",
            table=table,
            verb=verb,
            rows=attempts - limit,
            evidence=_told(text, key, done=done),
            columns=", ".join(sorted({*columns, *columns_set(done.evidence(key), table)} if verb == "update" else ())),
        )


def _outside_columns(scenario: Scenario, done: Written) -> Iterable[Breach]:
    """Hold the columns that statements set, and those that differ afterwards, against the declared ones."""
    for table, writes in sorted(scenario.writes.items()):
        key = (table, "update")
        if writes.columns is None or not writes.update:
            continue
        changed, set_to = set(done.columns.get(table, ())), columns_set(done.evidence(key), table)
        if strange := sorted((changed | set_to) - set(writes.columns)):
            is_idle = not changed - set(writes.columns)
            how = "written with the value that they had" if is_idle else "changed"
            text = f"{table} update: {', '.join(strange)} {how}, the write-set allows {', '.join(writes.columns)}"
            yield Breach(
                metric="writes_outside_contract",
                table=table,
                verb=f"update columns {', '.join(strange)}",
                rows=done.attempts(key),
                evidence=_told(text, key, done=done),
                columns=", ".join(strange),
                is_idle=is_idle,
            )


def columns_set(evidence: Iterable[Evidence], table: str) -> set[str]:
    """Return the columns that UPDATE statements on a table set, as far as their text shows."""
    found: set[str] = set()
    for one in evidence:
        _, opened, rest = one.text.partition(f'UPDATE "{table}" SET ')  # noqa: S608  # looked for, not sent
        if opened:
            found.update(_ASSIGNED.findall(_outermost(rest.partition(" WHERE ")[0])))
    return found


def _outermost(clause: str) -> str:
    """Drop what stands in parentheses: a subquery compares, and does not assign."""
    depth, kept = 0, []
    for character in clause:
        depth += (character == "(") - (character == ")")
        if not depth:
            kept.append(character)
    return "".join(kept)


def _missing(allowed: Mapping[Key, _Bounds], done: Written) -> Iterable[Breach]:
    for key in sorted(allowed):
        count, effects = allowed[key].least, done.fulfilled(key)
        if effects < count:
            text = f"{key[0]} {key[1]}: the write-set promises {_rows(count)}, {effects} changed"
            text += f" ({_why(done.attempts(key), effects, promised=count)})"
            yield Breach(
                metric="writes_missing",
                table=key[0],
                verb=key[1],
                rows=count - effects,
                evidence=_told(text, key, done=done),
            )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _why(attempts: int, effects: int, *, promised: int) -> str:
    if not attempts:
        return "nothing was written"
    if not effects:
        return "written, and no row that was there differs: a no-op write, one of a new row, or one that was undone"
    if attempts >= promised:
        return f'the others were written without effect, or one row twice: then the promise is "{effects}..{attempts}"'
    return "the others were written without effect"


def _told(text: str, key: Key, *, done: Written) -> tuple[Evidence, ...]:
    """Put the sentence first, at the source line of the first writer that has one, then every writer."""
    writers = done.evidence(key)
    known = next((one for one in writers if one.source), None)
    head = Evidence(
        kind="write",
        text=text
        + next((f"; by {one.text.partition(' by ')[2]}" for one in writers if " by trigger " in one.text), ""),
        table=key[0],
        source=known.source if known else "",
        frames=known.frames if known else (),
    )
    return (head, *writers)


def _severity(breach: Breach) -> tuple[int, int]:
    """Lost rows first, then strange updates and inserts, then what is missing."""
    order = defaultdict(lambda: 3, {"delete": 0, "update": 1, "insert": 2})
    return (0 if breach.metric == "writes_outside_contract" else 1, order[breach.verb.partition(" ")[0]])


def _key(part: str) -> Key:
    table, _, verb = part.rpartition(" ")
    return table, verb
