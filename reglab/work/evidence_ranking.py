"""Evidence in the order of blame: what is new or more than accepted comes first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reglab.report.records import NO_LONGER_SENT, ONE_BY_ONE, WITH_OUTER_ROWS, Evidence

KEPT: Final = 12
HINTS: Final = 3
# So many times the growth of all functions together.
_STEEP: Final = 2
# Between what was written and the statement that did it.
_BY: Final = " by "
# Between a statement and what was done for it.
PLANNED: Final = " — "
_COUNTS: Final = re.compile(r"SELECT COUNT\(", re.IGNORECASE)
_WRITING: Final = ("INSERT ", "UPDATE ", "DELETE ")
# What a repeated statement does, and what does the same for all of them; it begins so.
_READ: Final = ("asked for", f"select_related or prefetch_related{WITH_OUTER_ROWS}")
_MENDED_BY: Final = (
    (re.compile(r"SELECT (?:COUNT|SUM|AVG|MIN|MAX|COALESCE)\(", re.IGNORECASE), "counted", "annotate the outer rows"),
    (re.compile(r'SELECT (?:\?|1) AS "?a"?\b', re.IGNORECASE), "looked for", "annotate the outer rows, with Exists"),
    (re.compile("INSERT ", re.IGNORECASE), "inserted", "bulk_create"),
    (re.compile("UPDATE ", re.IGNORECASE), "updated", "bulk_update, or one update of all"),
    (re.compile("DELETE ", re.IGNORECASE), "deleted", "one delete of all"),
)

_ROW_LOCK: Final = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)
_FROM: Final = re.compile(r'\bFROM "?(\w+)"?')

Statements = Mapping[str, int]


def statement_counts(evidence: Sequence[Evidence]) -> dict[str, int]:
    """Return how often each statement ran."""
    found: dict[str, int] = {}
    for one in evidence:
        if one.kind == "statement":
            found[one.text] = found.get(one.text, 0) + one.count
    return found


def by_surplus(evidence: Sequence[Evidence], accepted: Statements, *, sent: Statements) -> tuple[Evidence, ...]:
    """Put statements that run more often than accepted first, then the others, then those that no longer run.

    `sent` are all that ran, with their counts: the evidence of a table's rows or of INSERTs is some of them.
    """
    tables = _surplus_by_table(evidence, accepted)

    def surplus(one: Evidence) -> int:
        return one.count - accepted.get(one.text, 0)

    # A statement in other words stands in the place of an accepted one: of two that are new, that which makes more of
    # its table is the one that came.
    ordered = sorted(evidence, key=lambda one: (-surplus(one), -tables.get(one.table, 0)))
    gone = tuple(_gone(sent, accepted))
    new = [one for one in ordered if surplus(one) > 0]
    # Where nothing came, what went is what has changed.
    first = () if new else gone
    return (*_locks_gone(ordered, accepted, sent), *first, *ordered[:KEPT], *(gone if new else ()))


def _surplus_by_table(evidence: Sequence[Evidence], accepted: Statements) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in evidence:
        found[one.table] = found.get(one.table, 0) + one.count
    for text, count in accepted.items():
        table = _FROM.search(text)
        if table and table[1] in found:
            found[table[1]] -= count
    return found


def by_new_writers(evidence: Sequence[Evidence], accepted: Statements) -> tuple[Evidence, ...]:
    """Put writers first whose statement was not accepted, and name the line of the first of them.

    The first piece of evidence is the sentence about all of them; it has the line of the first writer.
    """
    if not accepted or not evidence:
        return tuple(evidence)
    head, *writers = evidence
    new = [one for one in writers if one.source and _BY in one.text and one.text.partition(_BY)[2] not in accepted]
    if new:
        head = replace(head, source=new[0].source, frames=new[0].frames)
    return (head, *new, *(one for one in writers if one not in new))


def by_new_plans(evidence: Sequence[Evidence], accepted: Statements) -> tuple[Evidence, ...]:
    """Put plans first whose statement was not accepted: of several, that one has changed, be it the smallest."""
    return tuple(sorted(evidence, key=lambda one: one.text.partition(PLANNED)[0] in accepted))


def by_growth(smaller: Sequence[Evidence], larger: Sequence[Evidence], *, accepted: Statements) -> tuple[Evidence, ...]:
    """Put the statements that ran more often at the larger size first, with a hint at what would end it.

    Of these come first what is more than `accepted` at that size, then what grows most, then what has a line.
    """
    before = statement_counts(smaller)

    def order(one: Evidence) -> tuple[bool, int, bool]:
        return one.count <= accepted.get(one.text, 0), before.get(one.text, 0) - one.count, not one.source

    grown = sorted(larger, key=order)
    blamed = [one for one in grown if one.count > before.get(one.text, 0)]
    constant = [one for one in larger if one.count == before.get(one.text) and not _COUNTS.match(one.text)]
    return (*blamed[:KEPT], *(_mending_hint(one, constant) for one in blamed[:HINTS]))


def by_steepness(smaller: Sequence[Evidence], larger: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Put functions first that run far more often at the larger size than all together do: a loop within a loop."""
    before = {one.source: one.count for one in smaller}
    both = [one for one in larger if one.source in before]
    usual = sum(one.count for one in both) / (sum(before[one.source] for one in both) or 1)
    steep = [one for one in both if one.count > _STEEP * usual * before[one.source] and one.count > _STEEP * KEPT]
    steep.sort(key=lambda one: -one.count / before[one.source])
    return (*steep, *(one for one in larger if one not in steep))


def _locks_gone(ordered: Sequence[Evidence], accepted: Statements, sent: Statements) -> Iterator[Evidence]:
    """Name each statement that was accepted with a row lock and is sent without one: no improvement, but a race."""
    # The same rows may be locked by a statement in other words.
    others = (_FROM.search(text) for text in sent if text not in accepted and _ROW_LOCK.search(text))
    locked = {found[1] for found in others if found}
    for text in accepted:
        table = _FROM.search(text)
        if _ROW_LOCK.search(text) and text not in sent and not (table and table[1] in locked):
            reader = next(
                (one for one in ordered if table and one.table == table[1] and one.text not in accepted), None
            )
            yield Evidence(
                kind="hint",
                text=f"the row lock has vanished: accepted was {text}",
                source=reader.source if reader else "",
                frames=reader.frames if reader else (),
                table=table[1] if table else "",
            )


def _gone(sent: Statements, accepted: Statements) -> Iterator[Evidence]:
    for text, count in accepted.items():
        if sent.get(text, 0) < count:
            table = _FROM.search(text)
            yield Evidence(
                kind="hint",
                text=f"{NO_LONGER_SENT}{text}",
                count=count - sent.get(text, 0),
                table=table[1] if table else "",
            )


def _mending_hint(repeated: Evidence, constant: Sequence[Evidence]) -> Evidence:
    """Name the line to mend, and how: for rows that are read, the line that reads the outer rows by one statement.

    It is the statement that shares most of its callers with the repeated one, the first of them where several do; where
    none shares any, the repeated one's own line. Of one that a library sends after the view has returned, the last
    frame is the line that built the outer rows.
    """
    callers = set(repeated.frames)
    outer = max(constant, key=lambda one: len(callers & {one.source, *one.frames}), default=None)
    done, how = next((told for pattern, *told in _MENDED_BY if pattern.match(repeated.text)), _READ)
    if outer is not None and (not callers & {outer.source, *outer.frames} or repeated.text.startswith(_WRITING)):
        outer = None
    place = outer.source if outer else (repeated.source or next(iter(repeated.frames[-1:]), ""))
    table = f" of {repeated.table}" if repeated.table else ""
    return Evidence(
        kind="hint",
        text=f"the rows{table} are {done} {ONE_BY_ONE}{how}",
        source=place,
        frames=outer.frames if outer else (),
        table=repeated.table,
    )
