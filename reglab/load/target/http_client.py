"""A plain HTTP client for what happens around a load: proving, preparing, probing, reconciling, cleaning up."""

import http.client
import json
import select
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.target.proof import PROOF_HEADER, REQUEST_HEADER, Proof, guarded_path
from reglab.load.target.tripwire import Tripwire

BODY_BYTES_MAX: Final = 64 * 1024 * 1024
PAUSE_S: Final = 0.1
# Total time of one request beside the load: proving, preparing, reconciling, cleaning up.
DEADLINE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: its status, its JSON (None where there is none), and the revision that it was proven to come from."""

    status: int
    json: Any
    revision: str = ""


@dataclass(slots=True, kw_only=True)
class Api:
    """Talks to one origin. Follows no redirect, so that nothing reaches another origin.

    Without `proof` it only asks who is there: no token is sent. With it every request is signed, and the first answer
    that proves nothing cuts the tripwire: nobody sends any further request; where it `asks` who is there, the caller
    looks at the answer instead. `deadline_s` is the total for one request, from connecting to the last byte, however
    slowly those arrive. One connection a thread.
    """

    origin: str
    token: str = field(default="", repr=False)
    proof: Proof | None = None
    tripwire: Tripwire = field(default_factory=Tripwire)
    deadline_s: float = 10.0
    asks: bool = False
    _local: threading.local = field(default_factory=threading.local, repr=False)
    _connections: list[http.client.HTTPConnection] = field(default_factory=list, repr=False)

    def request(self, method: str, path: str, body: Any = None, *, content_type: str = "application/json") -> Reply:
        """Send one request. `body` is bytes, or what is sent as JSON.

        Raises LoadTestError where no answer comes, UnsafeTargetError where one comes that proves nothing.
        """
        if self.tripwire.is_cut():
            raise UnsafeTargetError(f"nothing more is sent: {self.tripwire.reason}")
        request, headers = self._headers(has_body=body is not None, content_type=content_type)
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent_path = path if self.proof is None else guarded_path(method, path)
        response, answer = self._exchange(method, sent_path, payload, headers)
        revision = ""
        if self.proof is not None:
            proven = self.proof.revision_of(request, response.getheader(PROOF_HEADER))
            if proven is None and not self.asks:
                self._cut(f"{method} {path} was answered ({response.status}) without the target's proof")
            revision = proven or ""
        return Reply(status=response.status, json=parsed(answer), revision=revision)

    def get(self, path: str, *, tries: int = 4) -> Reply:
        """Send a GET, again where its connection breaks: reading twice does no harm. Stays within one deadline."""
        deadline = time.monotonic() + self.deadline_s
        while True:
            try:
                return self.request("GET", path)
            except UnsafeTargetError:
                raise
            except LoadTestError:
                tries -= 1
                if tries <= 0 or time.monotonic() + PAUSE_S > deadline:
                    raise
                time.sleep(PAUSE_S)

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _headers(self, *, has_body: bool, content_type: str) -> tuple[str, dict[str, str]]:
        headers = {"Accept": "application/json"}
        if has_body:
            headers["Content-Type"] = content_type
        if self.proof is None:
            return "", headers
        request, headers[REQUEST_HEADER] = self.proof.next_request()
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        return request, headers

    def _exchange(
        self, method: str, path: str, payload: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = self._connection()
        deadline = _Deadline(connection, seconds=self.deadline_s)
        try:
            with deadline:
                connection.request(method, path, body=payload, headers=headers)
                response = connection.getresponse()
                answer = response.read(BODY_BYTES_MAX + 1)
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            self._check_garbage(error, deadline, f"{method} {path}")
            reason = f"within {self.deadline_s:g} s" if deadline.is_over else f"({type(error).__name__})"
            raise LoadTestError(f"{method} {self.origin}{path}: no answer {reason}") from None
        if deadline.is_over or len(answer) > BODY_BYTES_MAX:
            connection.close()
            raise LoadTestError(
                f"{method} {self.origin}{path}: no whole answer within {self.deadline_s:g} s and {BODY_BYTES_MAX} bytes"
            )
        return response, answer

    def _check_garbage(self, error: Exception, deadline: "_Deadline", what: str) -> None:
        """Take bytes that are no HTTP for an answer without proof; a connection that ends is no answer at all."""
        is_silence = isinstance(error, OSError | http.client.IncompleteRead) or deadline.is_over
        if not is_silence:
            self._cut(f"{what} was answered with what is no HTTP ({type(error).__name__})")

    def _cut(self, reason: str) -> None:
        self.tripwire.cut(reason)
        raise UnsafeTargetError(f"{self.origin}: {reason}")

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None or connection.sock is None or _is_dropped(connection.sock):
            place = urlsplit(self.origin)
            kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
            connection = kind(place.hostname or "", place.port, timeout=self.deadline_s)
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def _is_dropped(sock: socket.socket) -> bool:
    """Tell whether an idle connection was closed, or written to, by the other side: either way it is of no use."""
    return bool(select.select([sock], [], [], 0)[0])


class _Deadline:
    """Shuts a connection's socket when time is up: a server that drips would never meet a limit a read."""

    def __init__(self, connection: http.client.HTTPConnection, *, seconds: float) -> None:
        self.is_over = False
        self._connection = connection
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        if (sock := self._connection.sock) is not None:
            with suppress(OSError):
                # The plain socket's own method: TLS would first say good-bye, and wait for an answer.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def parsed(body: bytes) -> Any:
    """Return the JSON of a body, None where it is none: too deep counts as none, too."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
