"""End state of a pair of requests; two are equal whichever numbers new rows were given."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reglab.project.requests.json_content import json_content
from reglab.project.requests.test_client import Answer
from reglab.race.database_snapshot import Changes
from reglab.race.table_catalog import Row, Table

_ROUNDS: Final = 3
# A page has another one each time that it is made, also where the request alone is answered with no page.
_TOKEN: Final = re.compile(
    r"""((?:["']csrfmiddlewaretoken["'][^>]{0,80}?\bvalue|["']csrf-?token["'][^>]{0,80}?\bcontent|\bnonce)=["'])[^"']+"""
)
_UNSTABLE: Final = "(differs by itself)"
Key = tuple[str, str]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstable:
    """What differs between two executions of one request alone: columns by table, and places in an answer by scenario.

    A database's own clock and random values do; nothing is said about them.
    """

    columns: frozenset[tuple[str, str]] = frozenset()
    places: frozenset[tuple[str, Path]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer: its status, and its content as a JSON value, or as text where it is none."""

    scenario: str
    status: int
    content: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The rows that differ afterwards, and both answers. New keys are replaced by what is known of their rows.

    A row is ("-" as it was | "+" as it is, table, "column=value", …), its key first.
    """

    rows: tuple[tuple[str, ...], ...]
    answers: tuple[str, ...]
    said: tuple[Said, ...] = field(compare=False)


def said_by(scenario: str, answers: Sequence[Answer]) -> Said:
    """Return what the last of a scenario's requests was answered with."""
    answer = answers[-1]
    try:
        content = json_content(answer.body)
    except ValueError:
        content = _TOKEN.sub(r"\1(a token)", answer.body.decode(errors="replace"))
    return Said(scenario=scenario, status=answer.status, content=content)


def outcome_of(
    changes: Changes, said: tuple[Said, ...], *, unstable: Unstable, exempt: frozenset[str] = frozenset()
) -> Outcome:
    """Bring rows and answers into a form to compare. `exempt` are fields of answers that are left out."""
    names = _names_of_new_keys(changes, said, unstable)
    rows: list[tuple[str, ...]] = []
    for change in changes:
        for sign, some in (("-", change.gone), ("+", change.come)):
            rows += [(sign, change.table.name, *_spelled(change.table, row, names, unstable)) for row in some]
    spoken = {text: name for (_, text), name in names.items()}
    answers = tuple(
        f"{each.status} "
        + json.dumps(
            _masked(each.content, names=spoken, scenario=each.scenario, unstable=unstable, exempt=exempt, path=()),
            sort_keys=True,
        )
        for each in said
    )
    return Outcome(rows=tuple(sorted(rows)), answers=answers, said=said)


def unstable_of(first: Changes, again: Changes, *, said: tuple[Said, Said]) -> Unstable:
    """Compare two executions of one request alone."""
    columns = {
        (one.table.name, column)
        for one, other in zip(first, again, strict=False)
        for row, same in zip(sorted(one.come), sorted(other.come), strict=False)
        for column, value, second in zip(one.table.columns, row, same, strict=True)
        if value != second
    }
    places = {(said[0].scenario, path) for path in _differences(said[0].content, said[1].content, ())}
    return Unstable(columns=frozenset(columns), places=frozenset(places))


def together(some: Sequence[Unstable]) -> Unstable:
    """Return all that is unstable in any of `some`."""
    return Unstable(
        columns=frozenset().union(*(each.columns for each in some)),
        places=frozenset().union(*(each.places for each in some)),
    )


def _names_of_new_keys(changes: Changes, said: tuple[Said, ...], unstable: Unstable) -> dict[Key, str]:
    """Name each new key by its row's content, by the rows that it hangs together with, and by who answers with it.

    Colour refinement (Weisfeiler and Leman, 1968): rows that differ in nothing that can be followed get one name.
    """
    rows = {key: (change.table, row) for change in changes for key, row in _new_rows(change.table, change)}
    mentions: Counter[tuple[str, str]] = Counter()
    for number, each in enumerate(said):
        for path, value in _leaves(each.content, ()):
            mentions[value, f"{number} {'.'.join(path)}"] += 1
    names = {
        key: _digest(table.name, sorted(where for value, where in mentions if value == key[1]))
        for key, (table, _) in rows.items()
    }
    for _ in range(_ROUNDS):
        pointed: dict[Key, list[str]] = {key: [] for key in rows}
        for key, (table, row) in rows.items():
            for column, to in table.references.items():
                target = (to, row[table.columns.index(column)])
                if target in pointed:
                    pointed[target].append(f"{table.name}.{column} {names[key]}")
        names = {
            key: _digest(*_shown(table, row, names, unstable), names[key], sorted(pointed[key]))
            for key, (table, row) in rows.items()
        }
    return names


def _new_rows(table: Table, change: Any) -> Iterator[tuple[Key, Row]]:
    if len(table.keys) != 1 or not table.made_keys:
        return
    place = table.columns.index(table.keys[0])
    known = {row[place] for row in change.gone}
    for row in change.come:
        if row[place] not in known:
            yield (table.sql, row[place]), row


def _spelled(table: Table, row: Row, names: Mapping[Key, str], unstable: Unstable) -> list[str]:
    cells = zip(table.columns, _shown(table, row, names, unstable), strict=True)
    return [f"{column}={value}" for column, value in sorted(cells, key=lambda cell: cell[0] not in table.keys)]


def _shown(table: Table, row: Row, names: Mapping[Key, str], unstable: Unstable) -> Iterator[str]:
    for column, value in zip(table.columns, row, strict=True):
        owner = table.sql if column in table.keys else table.references.get(column, "")
        if (table.name, column) in unstable.columns:
            yield _UNSTABLE
        else:
            yield names.get((owner, value), value)


def _masked(
    value: Any, *, names: Mapping[str, str], scenario: str, unstable: Unstable, exempt: frozenset[str], path: Path
) -> Any:
    if (scenario, path) in unstable.places:
        return _UNSTABLE

    def inner(one: Any, step: str) -> Any:
        return _masked(
            one, names=names, scenario=scenario, unstable=unstable, exempt=exempt, path=(*path, step) if step else path
        )

    if isinstance(value, dict):
        return {key: inner(one, key) for key, one in value.items() if key not in exempt}
    if isinstance(value, list):
        return [inner(one, "") for one in value]
    return value if isinstance(value, bool) else names.get(str(value), value)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, (*path, key))
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, path)
    elif not isinstance(value, bool):
        yield path, str(value)


def _differences(one: Any, other: Any, path: Path) -> Iterator[Path]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for first, second in zip(one, other, strict=True):
            yield from _differences(first, second, path)
    elif one != other:
        yield path


def _digest(*parts: object) -> str:
    return "new " + hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()
