"""Terms in which a project declares its load: operations, their effects, kinds of rows, and how rows are read back."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from reglab.load.pool import Id, Pool

if TYPE_CHECKING:
    from reglab.load.target.http_client import Api

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change that a request makes to one object: it comes to be, its fields are set, or it ceases to be.

    Effects on one object may follow each other in any number and order. `key` names the object among all of the run
    and holds the run's id; `row` is its id, 0 where the service has yet to choose it; one of the two is enough.
    `fields` are the values afterwards. `keep` names the worker's own list that takes the object once it is written.
    """

    kind: str
    change: Literal["create", "change", "delete"]
    key: str = ""
    row: Id = 0
    fields: Mapping[str, Plain] = field(default_factory=dict)
    keep: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, ready to be sent, with a body of JSON or of a form.

    `rests_on` are the rows, as kind and id, that it names beside those of its effects: all are read in the same
    breath, and the request is only sent where each carries the run's id. The first effect's row is the answer's `id`.
    """

    method: str
    path: str
    json: Any = None
    form: Mapping[str, str] | None = None
    effects: tuple[Effect, ...] = ()
    rests_on: tuple[tuple[str, Id], ...] = ()

    @property
    def body(self) -> bytes:
        """The body's bytes; none where there is no body."""
        if self.form is not None:
            return urlencode(self.form).encode()
        return b"" if self.json is None else json.dumps(self.json).encode()

    @property
    def content_type(self) -> str:
        """The body's type."""
        return "application/json" if self.form is None else "application/x-www-form-urlencoded"

    @property
    def rows(self) -> tuple[tuple[str, Id], ...]:
        """The rows that are there already and that this request names."""
        own = tuple((effect.kind, effect.row) for effect in self.effects if effect.row)
        return tuple(dict.fromkeys((*own, *self.rests_on)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of request in a mix. `request` returns None where it has no row to work on; then `otherwise` is sent.

    `reads` says of a POST that it writes nothing, as a query of GraphQL.
    """

    endpoint: str
    request: Callable[[Pool, Random], Request | None]
    writes: bool = False
    reads: bool = False
    otherwise: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of row that a run writes.

    `path` reads a row by GET and removes it by DELETE, with `{id}` for its id and, where the service takes a
    condition, `{run}` for the run's. `marker` is the field of the answer that holds the run's id, or a function of
    the answer and the run's id. `fields` are what effects may set. A row that goes with another is not removed itself.
    """

    name: str
    path: str
    marker: str | Callable[[Any, str], bool]
    fields: tuple[str, ...] = ()
    is_removed: bool = True

    def path_of(self, row: Id, *, run: str) -> str:
        """Return the path of one row."""
        return self.path.format(id=row, run=run)

    def is_marked(self, answer: Any, *, run: str) -> bool:
        """Tell whether a row's own content says that this run has made it."""
        try:
            return self.marker(answer, run) if callable(self.marker) else run in str(answer[self.marker])
        except (KeyError, TypeError, IndexError, AttributeError):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One row as it was found. `key` is the one under which the run made it, where the row shows it."""

    kind: str
    id: Id
    key: str = ""
    fields: Mapping[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All rows of a run as one way to look at them shows them.

    A view that is not `is_whole` is only compared with the first one, in what it shows and does not leave out:
    `leaves_out` tells that of a row of the first.
    """

    name: str
    rows: tuple[Seen, ...]
    is_whole: bool = True
    leaves_out: Callable[[Seen], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The question that a project answers with views: the run, a proven way to ask, and the ids that the ledger has."""

    api: "Api"
    run: str
    ids: Mapping[str, Sequence[Id]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """Makes rows before a load. `make` sends a request through the write ledger and returns the new row's id."""

    make: Callable[[Request], Id]
    pool: Pool
    draw: Random
    data: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Everything that a project declares about its load, as the name LOAD of its module.

    `kinds` stand in the order in which rows are removed. `data` are the numbers that a profile's [data] may set, and
    their defaults; `prepare` makes rows of them and puts their ids into the pool's shared lists. `views` and
    `database_view` read the run's rows back; without `views` each row is read by its kind's path. `contradictions`
    says what cannot be among the rows of one view. `environment` is for a service that is started here (`{revision}`
    is filled in), `seed` fills its throw-away database, `profiler` switches django-silk on in it.
    """

    kinds: tuple[Kind, ...] = ()
    operations: Mapping[str, Operation]
    data: Mapping[str, int] = field(default_factory=dict)
    prepare: Callable[[Preparer], None] | None = None
    views: Callable[[Question], Sequence[View]] | None = None
    database_view: Callable[[str, str], View] | None = None
    contradictions: Callable[[View], Iterable[str]] | None = None
    ready_path: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    seed: Callable[["Api"], None] | None = None
    profiler: Mapping[str, str] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """Return the kind of that name."""
        return next(kind for kind in self.kinds if kind.name == name)

    @property
    def writes(self) -> frozenset[str]:
        """The names of the operations that write."""
        return frozenset(name for name, operation in self.operations.items() if operation.writes)

    def request(self, name: str, pool: Pool, draw: Random) -> Request:
        """Build the next request of an operation, or of the one that makes the rows which it lacks."""
        operation = self.operations[name]
        request = operation.request(pool, draw)
        return request if request is not None else self.request(operation.otherwise, pool, draw)
