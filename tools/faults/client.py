"""Sends one request on one connection, and never twice: an answer that does not come is told, not repeated."""

import http.client
import json
import socket
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any


class Unanswered(Exception):  # noqa: N818  # a state, not a mistake
    """The connection was refused, broke, or stayed silent for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response: its status, its headers, its body, and the seconds that it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """Return the body's value."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to the service on 127.0.0.1."""

    port: int
    timeout_s: float = 30.0

    def get(self, path: str) -> Answer:
        """Read. Raises Unanswered."""
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Answer:
        """Send JSON, or nothing. Raises Unanswered."""
        content = None if body is None else json.dumps(body)
        sent = {**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})}
        started = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout_s)) as connection:
            try:
                connection.request(method, path, content, sent)
                response = connection.getresponse()
                return Answer(
                    status=response.status,
                    headers=dict(response.headers),
                    body=response.read(),
                    seconds=time.monotonic() - started,
                )
            except (OSError, http.client.HTTPException) as error:
                raise Unanswered(f"{method} {path}: {type(error).__name__}: {error}") from error

    def raw(self, content: bytes) -> socket.socket:
        """Open a connection, send these bytes, and leave it open."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout_s)
        if content:
            connection.sendall(content)
        return connection

    def raw_answer(self, content: bytes) -> bytes:
        """Send these bytes, and return all that comes back until the service closes."""
        with closing(self.raw(content)) as connection:
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)
