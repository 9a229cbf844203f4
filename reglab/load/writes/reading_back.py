"""The run's rows as the service shows them afterwards: by the project's own way, or one by one."""

from collections.abc import Sequence

from reglab.errors import LoadTestError
from reglab.load.operations import Kind, Load, Question, Seen, View
from reglab.load.pool import Id
from reglab.load.target.http_client import Api
from reglab.load.writes.write_ledger import Write


def read_back(load: Load, writes: Sequence[Write], *, api: Api, run: str, database_url: str | None) -> list[View]:
    """Return the run's rows in every view. Raises LoadTestError where the service or the database gives no answer."""
    question = Question(api=api, run=run, ids=created_ids(load, writes))
    try:
        views = list(load.views(question)) if load.views is not None else [one_by_one(load, question)]
        if database_url and load.database_view is not None:
            views.append(load.database_view(database_url, run))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise LoadTestError(
            f"the run's rows cannot be read back: {type(error).__name__}: {error} (the service's answers are not what "
            "the load module expects)"
        ) from error
    if not views:
        raise LoadTestError("the load module's views() gave no view: there is nothing to reconcile with")
    return views


def created_ids(load: Load, writes: Sequence[Write]) -> dict[str, list[Id]]:
    """Return the ids of the rows that the ledger knows, by kind."""
    ids: dict[str, dict[Id, None]] = {kind.name: {} for kind in load.kinds}
    for write in writes:
        first = write.effects[0]
        if first.change == "create" and write.row:
            ids.setdefault(first.kind, {})[write.row] = None
    return {kind: list(known) for kind, known in ids.items()}


def one_by_one(load: Load, question: Question) -> View:
    """Read every row that the ledger knows by its own path. What the ledger does not know stays unseen."""
    rows = [
        seen
        for kind in load.kinds
        for row in question.ids.get(kind.name, ())
        if (seen := _seen(question, kind, row)) is not None
    ]
    return View(name="detail", rows=tuple(rows))


def _seen(question: Question, kind: Kind, row: Id) -> Seen | None:
    path = kind.path_of(row, run=question.run)
    reply = question.api.get(path)
    if reply.status in (404, 410):
        return None
    if reply.status != 200 or not isinstance(reply.json, dict):
        raise LoadTestError(f"GET {path} answered {reply.status} during the reconciliation")
    fields = {name: reply.json[name] for name in kind.fields if name in reply.json}
    return Seen(kind=kind.name, id=row, fields=fields)
