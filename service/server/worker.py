"""Reads each request whole before a thread sees it: slow clients cost memory, not threads.

gunicorn's threaded worker gives a connection to a thread when it is accepted, and the thread waits for whatever the
client has not sent yet, so that as many slow clients as threads stop the service. Here the worker's one event loop
collects the bytes (`arrival`), with time limits. Health checks have threads of their own, so that a worker whose
threads all wait for the database still answers that it lives.
"""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from service.server import limits
from service.server.arrival import Arrival
from service.server.watchdog import Watchdog

HEALTH_THREADS = 2
READ_BYTES = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, with the request that is arriving on it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.arrival = Arrival()
        self.queued_at = 0.0
        # It has arrived when a thread gets it.
        self.data_ready = True

    def init(self) -> None:
        """Hand the bytes to gunicorn's parser, and keep the thread from waiting for the client for long."""
        super().init()
        self.sock.settimeout(limits.SOCKET_S)
        self.parser.unreader.unread(bytes(self.arrival.buffer))
        self.arrival = Arrival()


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, which begins a request when all of it is here."""

    def init_process(self) -> None:
        """Make what belongs to this process alone, and run."""
        self.health_pool = ThreadPoolExecutor(max_workers=HEALTH_THREADS)
        self.watchdog = Watchdog(limit_s=limits.REQUEST_S)
        self.waited = threading.local()
        # Connections by the time that they have left: reading a request, or being closed.
        self.arriving: dict[Connection, float] = {}
        self.leaving: dict[Connection, float] = {}
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and put the queue's time and the watchdog around it."""
        super().load_wsgi()
        application: Callable[..., Any] = self.wsgi
        self.wsgi: Callable[..., Any] = partial(self._answer, application)

    def _answer(self, application: Callable[..., Any], environ: dict[str, Any], start_response: Any) -> Any:
        from django.db import connections

        environ["service.queued_s"] = self.waited.seconds
        with self.watchdog.watching(connections["default"]):
            return application(environ, start_response)

    def accept(self, listener: socket) -> None:
        """Take a new connection and wait for its request in the event loop."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            client, address = listener.accept()
            self.nr_conns += 1
            self._await(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket) -> None:
        """Read the next request of a connection that was kept alive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)
        self._read(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Give a whole request to the threads."""
        conn.queued_at = time.monotonic()
        pool = self.health_pool if conn.arrival.is_health_check else self.tpool
        pool.submit(self.handle, conn).add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, conn, future)
        )

    def handle(self, conn: Connection) -> Any:
        """Answer a request, in a thread."""
        self.waited.seconds = time.monotonic() - conn.queued_at
        return super().handle(conn)

    def handle_error(self, req: Any, client: socket, addr: Any, exc: BaseException) -> None:
        """Answer what is no request, in JSON: the parser's refusals are the server's own."""
        super().handle_error(req, _JsonErrorSocket(client), addr, exc)

    def finish_request(self, conn: Connection, future: Future[Any]) -> None:
        """Keep the connection, or let it go without waiting for its client."""
        if future.cancelled() or future.exception() is not None:
            self._drop(conn)
        elif future.result():
            super().finish_request(conn, future)
        else:
            self._linger(conn)

    def murder_pending(self) -> None:
        """Close the connections whose time is up: gunicorn's loop calls this once a second or more."""
        now = time.monotonic()
        for conn in [conn for conn, deadline in self.leaving.items() if deadline < now]:
            self.poller.unregister(conn.sock)
            del self.leaving[conn]
            self._drop(conn)
        if not self.alive:
            self.arriving = {conn: min(due, now + limits.LINGER_S) for conn, due in self.arriving.items()}
        for conn in [conn for conn, deadline in self.arriving.items() if deadline < now]:
            self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT if conn.arrival.buffer else None)

    def _await(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        self.arriving[conn] = time.monotonic() + limits.HEADERS_S
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))

    def _on_readable(self, conn: Connection, _client: socket) -> None:
        self._read(conn)

    def _read(self, conn: Connection) -> None:
        try:
            data = conn.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(conn)
            self._drop(conn)
            return
        had_headers = conn.arrival.has_headers
        conn.arrival.add(data)
        if conn.arrival.is_too_large:
            self._refuse(conn, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif conn.arrival.is_whole:
            self._forget(conn)
            self.enqueue_req(conn)
        elif conn.arrival.has_headers and not had_headers:
            self.arriving[conn] = time.monotonic() + limits.BODY_S
            if conn.arrival.expects_continue:
                with suppress(OSError):
                    conn.sock.send(CONTINUE)

    def _refuse(self, conn: Connection, status: HTTPStatus | None) -> None:
        """Let a connection go whose request never became whole, with the reason where there is one."""
        self._forget(conn)
        if status is not None:
            with suppress(OSError):
                conn.sock.send(json_error(status.value, status.phrase))
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """Close our side, and wait in the event loop for the client's: a reset could take the answer from it."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        self.leaving[conn] = time.monotonic() + limits.LINGER_S
        self.poller.register(conn.sock, EVENT_READ, partial(self._discard, conn))

    def _discard(self, conn: Connection, client: socket) -> None:
        try:
            if client.recv(READ_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.poller.unregister(client)
        del self.leaving[conn]
        self._drop(conn)

    def _forget(self, conn: Connection) -> None:
        del self.arriving[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()


class _JsonErrorSocket:
    """A client's socket through which gunicorn's own HTML error page arrives as JSON."""

    def __init__(self, client: socket) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, page: bytes) -> None:
        """Send the same status with a JSON body."""
        _, status, phrase = page.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        self._client.sendall(json_error(int(status), phrase))


def json_error(status: int, phrase: str) -> bytes:
    """Return a whole response that says why the server gives up on a connection."""
    body = json.dumps({"detail": f"{phrase}."}).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
