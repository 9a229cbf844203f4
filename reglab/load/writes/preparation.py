"""The rows of a run, made through the API before the load, each write in the ledger like any other."""

import json
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from reglab.config.profile import Profile
from reglab.errors import LoadTestError
from reglab.load.operations import Load, Preparer, Request
from reglab.load.pool import Id, Pool
from reglab.load.target.http_client import Api
from reglab.load.writes.request_checks import complaints_of
from reglab.load.writes.write_ledger import Fate, WriteLedger, fate_of

ROWS_FILE: Final = "rows.json"
LEDGER_FILE: Final = "ledger-0-preparation.jsonl"
PREPARER: Final = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What a run starts from: its id, and the ids of the rows that it may use."""

    run: str
    rows: dict[str, list[Id]]


def new_run_id() -> str:
    """Return an id that marks everything that a run writes: letters and digits, so that any field takes it."""
    return f"load{secrets.token_hex(5)}"


def prepared_rows(folder: Path) -> Preparation | None:
    """Return what was prepared in this run's folder, or None."""
    try:
        return Preparation(**json.loads((folder / ROWS_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def pool_of(preparation: Preparation, *, worker: str) -> Pool:
    """Return the rows for one sender to work on."""
    shared = {name: list(ids) for name, ids in preparation.rows.items()}
    return Pool(run=preparation.run, worker=worker, shared=shared)


def data_of(load: Load, profile: Profile) -> dict[str, int]:
    """Return the numbers that preparation goes by: the module's, changed by the profile's [data]."""
    return {**load.data, **profile.data}


def prepare_rows(load: Load, profile: Profile, *, api: Api, run: str, folder: Path) -> Preparation:
    """Make the rows that the project wants before a load, and keep which. Raises LoadTestError where it is refused."""
    pool = Pool(run=run, worker=PREPARER)
    with closing(WriteLedger.create(folder / LEDGER_FILE)) as ledger:
        if load.prepare is not None:
            load.prepare(
                Preparer(
                    make=lambda request: _made(request, api=api, ledger=ledger, load=load, run=run),
                    pool=pool,
                    draw=Random(profile.seed),  # noqa: S311  # reproducible is the point
                    data=data_of(load, profile),
                )
            )
    preparation = Preparation(run=run, rows=pool.shared)
    (folder / ROWS_FILE).write_text(json.dumps(asdict(preparation)), encoding="utf-8")
    return preparation


def _made(request: Request, *, api: Api, ledger: WriteLedger, load: Load, run: str) -> Id:
    """Make a row, and return its id. Raises LoadTestError where the answer does not tell it: the load is to use it."""
    row = send_intended(request, api=api, ledger=ledger, load=load, run=run)
    if not row:
        raise LoadTestError(
            f"{request.method} {request.path} was answered as done, without the `id` of the new row: what is to be "
            "read and changed under load is not known"
        )
    return row


def send_intended(request: Request, *, api: Api, ledger: WriteLedger, load: Load, run: str) -> Id:
    """Send one write through the ledger and return the id of its row.

    Every row that it names is read just before, and must carry the run's id. Raises LoadTestError where it is not done.
    """
    if not request.effects:
        raise LoadTestError(f"{request.method} {request.path} has no effects: only what the ledger holds is written")
    for wrong in complaints_of(load, request, run=run):
        raise LoadTestError(f"{wrong}; it was not sent")
    for kind, row in request.rows:
        reply = api.request("GET", load.kind(kind).path_of(row, run=run))
        if reply.status != 200 or not load.kind(kind).is_marked(reply.json, run=run):
            raise LoadTestError(f"{kind} {row} does not carry the run's id: {request.method} {request.path} not sent")
    number = ledger.intend(request)
    try:
        reply = api.request(request.method, request.path, request.body or None, content_type=request.content_type)
    except LoadTestError:
        ledger.settle(number, fate=Fate.UNKNOWN, status=0)
        raise
    row = made_row(request, reply.json) if 200 <= reply.status < 300 else 0
    ledger.settle(number, fate=fate_of(reply.status), status=reply.status, row=row)
    if not 200 <= reply.status < 300:
        raise LoadTestError(f"{request.method} {request.path} answered {reply.status}: {str(reply.json)[:300]}")
    return row


def made_row(request: Request, answer: Any) -> Id:
    """Return the row of a request's first effect: the answer's `id` where it is new; 0 where there is none."""
    first = request.effects[0]
    if first.change != "create":
        return first.row
    row = answer.get("id") if isinstance(answer, Mapping) else None
    return row if isinstance(row, int | str) and not isinstance(row, bool) else 0
