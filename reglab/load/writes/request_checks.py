"""Checks of single requests: a request goes to the rows that it declares, on the target, or it is not sent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from reglab.load.operations import Kind, Load, Request
from reglab.load.target.proof import READS

# From the root, without a host in front, in what a request line may hold.
_PATH: Final = re.compile(r"/(?!/)[!-~]*")
# What a path holds in the place of an id: words there are actions on all rows.
_ID: Final = re.compile(r"\d+|[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def complaints_of(load: Load, request: Request, *, run: str, reads: bool = False) -> Iterator[str]:
    """Give what is wrong with a request of the run. `reads` says that its operation only reads, whatever its method."""
    if not isinstance(request.path, str) or not _PATH.fullmatch(request.path):
        yield f"the path {request.path!r} does not begin with one /, or holds what must be written as %XX"
        return
    if request.method not in READS and not request.effects and not reads:
        yield (
            f"{request.method} {request.path} has no effects, and a row that it made would be nobody's: declare them, "
            "or reads=True where it writes nothing"
        )
    yield from _complaints_of_rows(load, request, run=run)


def _complaints_of_rows(load: Load, request: Request, *, run: str) -> Iterator[str]:
    named = set(_values(request))
    for effect in request.effects:
        if effect.change != "create" and effect.row and str(effect.row) not in named:
            yield (
                f"{request.method} {request.path} is to {effect.change} {effect.kind} {effect.row}, and names that row "
                "neither in its path nor in its query or body"
            )
    if request.method in READS:
        return
    for kind in load.kinds:
        found = _id_in_path(kind, request.path, run=run)
        if found and (kind.name, found) not in {(name, str(row)) for name, row in request.rows}:
            yield (
                f"{request.method} {request.path} goes to {kind.name} {found}, which is in none of its effects and in "
                "rests_on neither: it may be anybody's"
            )


def _id_in_path(kind: Kind, path: str, *, run: str) -> str:
    """Return the id of the row of this kind that a path leads to or through, or an empty text."""
    try:
        before, _, after = kind.path_of("\0", run=run).partition("\0")
    except (LookupError, ValueError):
        return ""
    rest = re.escape(after.partition("?")[0])
    found = re.match(rf"{re.escape(before)}([^/?]+){rest}", path.partition("?")[0])
    row = unquote(found[1]) if found else ""
    return row if _ID.fullmatch(row) else ""


def _values(request: Request) -> Iterator[str]:
    """Give every value that a request holds: the parts of its path, its query's values and its body's."""
    path, _, query = request.path.partition("?")
    yield from (unquote(part) for part in path.split("/"))
    yield from (value for _, value in parse_qsl(query))
    yield from (request.form or {}).values()
    yield from _leaves(request.json)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield str(value)
