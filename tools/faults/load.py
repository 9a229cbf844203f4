"""Writers that note each write with what was answered, and the comparison with what is stored afterwards.

An acknowledged write must be there, exactly once and whole. One that was not acknowledged (no answer, or 503) may be
there or not, whole or not at all: its connection may have been lost after the database had committed.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tools.faults.client import Client, Unanswered

PAUSE_AFTER_FAILURE_S = 0.05
LINES = 2
ASKED_TIMES_MAX = 10


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What the writers know: orders by their marker, cancelled ones, and how often each status was answered."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    cancelled: set[int] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: str, *, comes_back: bool = True) -> None:
        """Count an answer; `comes_back` is whether a 503 said when."""
        with self.lock:
            self.statuses[status] += 1
            self.without_retry_after += not comes_back

    @property
    def acknowledged_writes(self) -> int:
        """Orders made and orders cancelled, as the service said."""
        return len(self.acknowledged) + len(self.cancelled)


class Writer(threading.Thread):
    """One client that makes orders, cancels some, and reads lists, until it is stopped."""

    def __init__(self, port: int, *, name: str, customer: int, ledger: Ledger, stop: threading.Event) -> None:
        super().__init__(name=name)
        self._client = Client(port)
        self._customer = customer
        self._ledger = ledger
        self._stop_event = stop
        self._random = random.Random(name)  # noqa: S311  # a mixture of requests, no secret

    def run(self) -> None:
        """Send one request after another."""
        number = 0
        while not self._stop_event.is_set():
            number += 1
            marker = f"{self.name}-{number}"
            order = self._create(marker)
            if order is not None and self._random.random() < 0.3:
                if self._send("POST", f"/api/orders/{order}/cancel/") == 200:
                    self._ledger.cancelled.add(order)
            elif self._random.random() < 0.2:
                self._send("GET", "/api/orders/?page_size=5")

    def _create(self, marker: str) -> int | None:
        lines = [{"sku": f"{marker}-{line}", "quantity": 2, "unit_price_cents": 50} for line in range(LINES)]
        self._ledger.sent.add(marker)
        body = {"customer": self._customer, "status": "paid", "items": lines}
        if self._send("POST", "/api/orders/", body) != 201:
            return None
        self._ledger.acknowledged[marker] = self._last_id
        return self._last_id

    _last_id = 0

    def _send(self, method: str, path: str, body: object = None) -> int | None:
        try:
            answer = self._client.send(method, path, body)
        except Unanswered:
            self._ledger.note("no answer")
            time.sleep(PAUSE_AFTER_FAILURE_S)
            return None
        self._ledger.note(str(answer.status), comes_back=answer.status != 503 or "Retry-After" in answer.headers)
        if answer.status == 503:
            time.sleep(PAUSE_AFTER_FAILURE_S)
        if answer.status == 201:
            self._last_id = answer.json()["id"]
        return answer.status


@contextmanager
def load(port: int, *, run: str, writers: int = 6) -> Iterator[Ledger]:
    """Have so many clients write until the block is left; yield what they note."""
    answer = Client(port).send("POST", "/api/customers/", {"name": run, "email": f"{run}@faults.example"})
    ledger, stop = Ledger(), threading.Event()
    threads = [
        Writer(port, name=f"{run}-{number}", customer=answer.json()["id"], ledger=ledger, stop=stop)
        for number in range(writers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield ledger
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What is stored against what was acknowledged: each list must be empty."""

    lost: tuple[str, ...]
    twice: tuple[str, ...]
    torn: tuple[str, ...]
    unknown: tuple[str, ...]
    not_in_api: tuple[str, ...]


def reconcile(ledger: Ledger, *, url: str, port: int, run: str) -> Reconciliation:
    """Compare through SQL all of it, and through the API what was acknowledged last."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT o.id, o.status, o.total_cents, count(i.id), coalesce(sum(i.quantity * i.unit_price_cents), 0),"
            " min(regexp_replace(i.sku, '-[0-9]+$', ''))"
            " FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id"
            " LEFT JOIN orders_orderitem i ON i.order_id = o.id WHERE c.email = %s GROUP BY o.id",
            [f"{run}@faults.example"],
        ).fetchall()
    stored = {row[0]: row for row in rows}
    markers = Counter(row[5] for row in rows)
    sample = list(ledger.acknowledged.values())[-20:]
    return Reconciliation(
        lost=(
            *(marker for marker, key in ledger.acknowledged.items() if key not in stored),
            *(f"cancel {key}" for key in ledger.cancelled if key not in stored or stored[key][1] != "cancelled"),
        ),
        twice=tuple(str(marker) for marker, count in markers.items() if count > 1),
        torn=tuple(str(row[0]) for row in rows if row[3] != LINES or row[2] != row[4]),
        unknown=tuple(str(marker) for marker in markers if marker not in ledger.sent),
        not_in_api=tuple(str(key) for key in sample if not _is_shown(Client(port), key)),
    )


def _is_shown(client: Client, order: int) -> bool:
    """Tell whether the API shows an order; a 503 is asked again, as its header says."""
    for _ in range(ASKED_TIMES_MAX):
        answer = client.get(f"/api/orders/{order}/")
        if answer.status != 503:
            return answer.status == 200
        time.sleep(int(answer.headers["Retry-After"]))
    return False
