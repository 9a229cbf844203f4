"""An orders service in memory, with one fault at a time: the truth that a load test's report is held against.

A program: `stub_service.py FOLDER JSON`, where the JSON sets the fields of Faults. It writes its port to FOLDER/port
and a line for each request, "method path status received done" in monotonic seconds, to FOLDER/requests.log.
"""

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

from tools.hostile_front.shop import Shop
from tools.hostile_front.signing import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with this service; the defaults are a sound one.

    `serial_ms` is how long each request of the load keeps all others waiting: a capacity of 1000 / serial_ms a second.
    `stall_after_s` counts from the first request that carries a run's id; `refuse_every` answers each n-th such
    request with an instant 503; `lose_item` acknowledges the n-th new item and forgets it; `identity` is sound, none,
    wrong-key, redirect, lost (sound at first, then wrong) or overloaded (then a signed 503); `redeploy_after_s` changes
    the revision;
    `unsigned_after` leaves the proof away from the n-th request of the load on; `another_place_after` is the n-th
    question for the identity from which on another database is behind it, until there is FOLDER/back;
    `other_json_after` is the n-th request of
    the load from which on every answer is some other JSON, from 0 on that of the preparation too.
    """

    delay_ms: float = 0.0
    serial_ms: float = 0.0
    stall_after_s: float = 1e9
    stall_for_s: float = 0.0
    refuse_every: int = 0
    lose_item: int = 0
    identity: str = "sound"
    redeploy_after_s: float = 1e9
    unsigned_after: int = 1_000_000_000
    another_place_after: int = 1_000_000_000
    other_json_after: int = 1_000_000_000


@dataclass(slots=True, kw_only=True)
class State:
    """What has happened so far, behind one lock."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    began_at: float | None = None
    loaded: int = 0
    identities: int = 0


# Of the command, the master and a worker, before the load begins.
QUESTIONS_AT_FIRST = 4
STATE = State()
SERIAL = threading.Lock()
FAULTS = Faults()
SHOP = Shop()
FOLDER = Path()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        """Answer one request, with the fault where it is due, and log it."""
        received = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        signed = self.headers.get("X-Load-Request", "")
        name = _identity().request_id(signed)
        status, answer = self._answer(body) if name or not signed else (421, {})
        payload = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        if name and FAULTS.unsigned_after > STATE.loaded:
            self.send_header("X-Load-Proof", _identity().proof(name))
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
            return _identified(parse_qs(urlsplit(self.path).query)["nonce"][0])
        if path == "/healthz/ready":
            return 200, {}
        if "X-Load-Run" in self.headers and (refused := _misbehave()):
            return refused, {}
        with STATE.lock:
            if STATE.loaded >= FAULTS.other_json_after:
                return 200, ["something", "else"]
            return SHOP.answer(self.command, self.path.replace("~load", "", 1), body)


def _misbehave() -> int:
    with STATE.lock:
        STATE.began_at = STATE.began_at or time.monotonic()
        STATE.loaded += 1
        loaded = STATE.loaded
    if FAULTS.refuse_every and loaded % FAULTS.refuse_every == 0:
        return 503
    stall_end = STATE.began_at + FAULTS.stall_after_s + FAULTS.stall_for_s
    if STATE.began_at + FAULTS.stall_after_s <= time.monotonic() < stall_end:
        time.sleep(stall_end - time.monotonic())
    with SERIAL:
        time.sleep(FAULTS.serial_ms / 1e3)
    time.sleep(FAULTS.delay_ms / 1e3)
    return 0


def _identity() -> Identity:
    since = time.monotonic() - (STATE.began_at or time.monotonic())
    revision = "second" if since > FAULTS.redeploy_after_s else "first"
    is_away = STATE.identities >= FAULTS.another_place_after and not (FOLDER / "back").exists()
    place = "elsewhere" if is_away else "here"
    return Identity(key=os.environ["LOADTEST_KEY"], revision=revision, place=place)


def _identified(nonce: str) -> tuple[int, Any]:
    STATE.identities += 1
    if FAULTS.identity in ("none", "redirect"):
        return (404 if FAULTS.identity == "none" else 302), {}
    if FAULTS.identity == "overloaded" and STATE.identities > QUESTIONS_AT_FIRST:
        return 503, {}
    identity = _identity()
    if FAULTS.identity == "wrong-key" or (FAULTS.identity == "lost" and STATE.identities > QUESTIONS_AT_FIRST):
        identity.key = "another key altogether"
    return 200, identity.answer(nonce)


class Server(ThreadingHTTPServer):
    """A thread a connection, none of which holds the program up."""

    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    folder = FOLDER = Path(sys.argv[1])
    FAULTS = Faults(**json.loads(sys.argv[2]))
    SHOP = Shop(lose_item=FAULTS.lose_item)
    LOG = os.open(folder / "requests.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    server = Server(("127.0.0.1", 0), Handler)
    (folder / "port.partial").write_text(str(server.server_address[1]), encoding="ascii")
    (folder / "port.partial").replace(folder / "port")
    server.serve_forever()
