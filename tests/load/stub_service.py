"""An orders service in memory, with one fault at a time: the truth that a load test's report is held against.

A program: `stub_service.py FOLDER JSON`, where the JSON sets the fields of Faults. It writes its port to FOLDER/port
and a line for each request, "method path status received done" in monotonic seconds, to FOLDER/requests.log.
"""

import hashlib
import hmac
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with this service; the defaults are a sound one.

    `serial_ms` is how long each request of the load keeps all others waiting: a capacity of 1000 / serial_ms a second.
    `stall_after_s` counts from the first request that carries a run's id; `refuse_every` answers each n-th such
    request with an instant 503; `lose_item` acknowledges the n-th new item and forgets it; `identity` is sound, none,
    wrong-key, redirect or lost (sound at first, then wrong); `redeploy_after_s` changes the revision.
    """

    delay_ms: float = 0.0
    serial_ms: float = 0.0
    stall_after_s: float = 1e9
    stall_for_s: float = 0.0
    refuse_every: int = 0
    lose_item: int = 0
    identity: str = "sound"
    redeploy_after_s: float = 1e9


@dataclass(slots=True, kw_only=True)
class Shop:
    """The rows, behind one lock."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    rows: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"customers": {}, "orders": {}, "items": {}}
    )
    made: int = 0
    items_made: int = 0
    began_at: float | None = None
    loaded: int = 0
    identities: int = 0

    def add(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        """Insert a row."""
        self.made += 1
        row = {"id": self.made, **values}
        self.rows[table][self.made] = row
        return row

    def order_in_full(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return an order with its lines and total."""
        items = [item for item in self.rows["items"].values() if item["order"] == row["id"]]
        lines = [{name: item[name] for name in ("id", "sku", "quantity", "unit_price_cents")} for item in items]
        email = self.rows["customers"][row["customer"]]["email"]
        total = sum(line["quantity"] * line["unit_price_cents"] for line in lines)
        return {**row, "customer_email": email, "items": lines, "total_cents": total}


SHOP = Shop()
SERIAL = threading.Lock()
FAULTS = Faults()
STARTED = time.monotonic()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        """Answer one request, with the fault where it is due, and log it."""
        received = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, answer = self._answer(body)
        payload = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)
        is_load = "X-Load-Run" in self.headers
        line = f"{self.command} {self.path} {status} {received:.6f} {time.monotonic():.6f} {int(is_load)}\n"
        os.write(LOG, line.encode())

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  # the base class's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, body: Any) -> tuple[int, Any]:
        path = urlsplit(self.path).path
        if path == "/healthz/identity":
            return _identity(parse_qs(urlsplit(self.path).query)["nonce"][0])
        if path == "/healthz/ready":
            return 200, {}
        if "X-Load-Run" in self.headers and (refused := _misbehave()):
            return refused, {}
        with SHOP.lock:
            return _route(self.command, path, parse_qs(urlsplit(self.path).query), body)


def _misbehave() -> int:
    with SHOP.lock:
        SHOP.began_at = SHOP.began_at or time.monotonic()
        SHOP.loaded += 1
        loaded = SHOP.loaded
    if FAULTS.refuse_every and loaded % FAULTS.refuse_every == 0:
        return 503
    stall_end = SHOP.began_at + FAULTS.stall_after_s + FAULTS.stall_for_s
    if SHOP.began_at + FAULTS.stall_after_s <= time.monotonic() < stall_end:
        time.sleep(stall_end - time.monotonic())
    with SERIAL:
        time.sleep(FAULTS.serial_ms / 1e3)
    time.sleep(FAULTS.delay_ms / 1e3)
    return 0


def _identity(nonce: str) -> tuple[int, Any]:
    SHOP.identities += 1
    if FAULTS.identity in ("none", "redirect"):
        return (404 if FAULTS.identity == "none" else 302), {}
    key = os.environ["LOADTEST_KEY"]
    if FAULTS.identity == "wrong-key" or (FAULTS.identity == "lost" and SHOP.identities > 3):
        key = "another key altogether"
    since = time.monotonic() - (SHOP.began_at or time.monotonic())
    revision = "second" if since > FAULTS.redeploy_after_s else "first"
    text = f"regression-lab-identity-1\ntest\n{revision}\n{nonce}"
    signature = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return 200, {"environment": "test", "revision": revision, "nonce": nonce, "signature": signature}


def _route(method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:  # noqa: PLR0911  # a router
    _api, table, *rest = path.strip("/").split("/")
    if not rest:
        return _create(table, body) if method == "POST" else (200, _list(table, query))
    if rest == ["summary"]:
        return 200, {"limit": 50, "rows": []}
    row = SHOP.rows[table].get(int(rest[0]))
    if row is None:
        return 404, {"detail": "Not found."}
    if rest[1:] == ["orders"]:
        return 200, {"results": [], "next": None}
    if rest[1:]:
        row |= {"status": "cancelled"} if rest[1] == "cancel" else {"is_archived": True}
        return 200, {"id": row["id"]}
    if method == "DELETE":
        _delete(table, row["id"])
        return 204, None
    row |= body or {}
    return 200, SHOP.order_in_full(row) if table == "orders" else row


def _create(table: str, body: dict[str, Any]) -> tuple[int, Any]:
    if table == "items":
        SHOP.items_made += 1
        if SHOP.items_made == FAULTS.lose_item:
            SHOP.made += 1
            return 201, {"id": SHOP.made, **body}
    if table != "orders":
        return 201, SHOP.add(table, body)
    order = SHOP.add("orders", {"customer": body["customer"], "status": body["status"], "is_archived": False})
    for line in body["items"]:
        SHOP.add("items", {"order": order["id"], **line})
    return 201, SHOP.order_in_full(order)


def _list(table: str, query: dict[str, list[str]]) -> dict[str, Any]:
    rows = [row for row in reversed(SHOP.rows[table].values()) if not row.get("is_archived")]
    if table == "orders":
        email = query.get("email", [""])[0]
        rows = [row for row in rows if email in SHOP.rows["customers"][row["customer"]]["email"]]
    size, page = int(query.get("page_size", ["20"])[0]), int(query.get("page", ["1"])[0])
    found = rows[(page - 1) * size : page * size]
    results = [SHOP.order_in_full(row) for row in found] if table == "orders" else found
    return {"results": results, "next": "more" if page * size < len(rows) else None}


def _delete(table: str, row: int) -> None:
    del SHOP.rows[table][row]
    if table == "orders":
        for item in [item["id"] for item in SHOP.rows["items"].values() if item["order"] == row]:
            del SHOP.rows["items"][item]


class Server(ThreadingHTTPServer):
    """A thread a connection, none of which holds the program up."""

    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    FAULTS = Faults(**json.loads(sys.argv[2]))
    LOG = os.open(folder / "requests.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    server = Server(("127.0.0.1", 0), Handler)
    (folder / "port.partial").write_text(str(server.server_address[1]), encoding="ascii")
    (folder / "port.partial").replace(folder / "port")
    server.serve_forever()
