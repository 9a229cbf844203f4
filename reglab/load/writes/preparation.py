"""The rows of a run, made through the API before the load, each write in the ledger like any other."""

import json
import secrets
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from reglab.errors import LoadTestError
from reglab.load.generator.worker_data import Rows
from reglab.load.http_client import Api
from reglab.load.profiles import Profile
from reglab.load.scenarios import Request, request_of
from reglab.load.writes.write_ledger import Fate, WriteLedger, fate_of

ROWS_FILE = "rows.json"
LEDGER_FILE = "ledger-0-preparation.jsonl"
PREPARER = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What a run starts from: its id, and the ids of the rows that it may use."""

    run: str
    rows: dict[str, list[int]]


def new_run_id() -> str:
    """Return an id that marks everything that a run writes: letters and digits, so that any field takes it."""
    return f"load{secrets.token_hex(5)}"


def prepared_rows(folder: Path) -> Preparation | None:
    """Return what was prepared in this run's folder, or None."""
    try:
        return Preparation(**json.loads((folder / ROWS_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def rows_of(preparation: Preparation, *, worker: str) -> Rows:
    """Return the rows for one sender to work on."""
    ids = preparation.rows
    return Rows(
        run=preparation.run,
        worker=worker,
        customers=list(ids["customers"]),
        orders=list(ids["orders"]),
        hot_orders=list(ids["hot_orders"]),
    )


def prepare_rows(profile: Profile, *, api: Api, run: str, folder: Path) -> Preparation:
    """Create the profile's customers and orders, and keep which. Raises LoadTestError where the service refuses."""
    rows = Rows(run=run, worker=PREPARER)
    random = Random(profile.seed)  # noqa: S311  # reproducible is the point
    with closing(WriteLedger.create(folder / LEDGER_FILE)) as ledger:

        def make(scenario: str) -> int:
            return send_intended(request_of(scenario, rows, random), api=api, ledger=ledger)

        rows.customers = [make("create-customer") for _ in range(profile.data.customers)]
        orders = [make("create-order") for _ in range(profile.data.orders + profile.data.hot_orders)]
    # Lines are added to hot orders alone, and a hot order is neither cancelled nor archived.
    hot = orders[: profile.data.hot_orders]
    ids = {"customers": rows.customers, "orders": orders[len(hot) :], "hot_orders": hot}
    preparation = Preparation(run=run, rows=ids)
    (folder / ROWS_FILE).write_text(json.dumps(asdict(preparation)), encoding="utf-8")
    return preparation


def send_intended(request: Request, *, api: Api, ledger: WriteLedger) -> int:
    """Send one write through the ledger and return the id of its row. Raises LoadTestError where it is not done."""
    intent = request.intent
    assert intent is not None  # noqa: S101  # the caller sends writes alone
    number = ledger.intend(intent)
    try:
        reply = api.request(request.method, request.path, intent.values if request.body else None)
    except LoadTestError:
        ledger.settle(number, fate=Fate.UNKNOWN, status=0)
        raise
    made = reply.json["id"] if reply.status == 201 else 0
    ledger.settle(number, fate=fate_of(reply.status), status=reply.status, row=made or intent.row)
    if not 200 <= reply.status < 300:
        raise LoadTestError(f"{request.method} {request.path} answered {reply.status}: {reply.json}")
    return int(made or intent.row)
