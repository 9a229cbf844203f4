"""A plain HTTP client for what happens around a load: preparing, probing, reconciling, cleaning up."""

import json
from dataclasses import dataclass, field
from typing import Any

import urllib3

from reglab.errors import LoadTestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: its status, its JSON (None where there is none)."""

    status: int
    json: Any


@dataclass(slots=True, kw_only=True)
class Api:
    """Talks to one origin with one token. Follows no redirect, so that nothing reaches another origin."""

    origin: str
    token: str = field(default="", repr=False)
    timeout_s: float = 10.0
    _pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=4), repr=False)

    def request(self, method: str, path: str, body: Any = None, *, retries: int = 0) -> Reply:
        """Send one request. Raises LoadTestError where no answer comes."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        try:
            response = self._pool.request(
                method,
                f"{self.origin}{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                redirect=False,
                timeout=self.timeout_s,
                retries=urllib3.Retry(total=retries, redirect=False, backoff_factor=0.1),
            )
        except urllib3.exceptions.HTTPError as error:
            raise LoadTestError(f"{method} {self.origin}{path}: no answer ({type(error).__name__})") from None
        return Reply(status=response.status, json=_json(response.data))

    def get(self, path: str) -> Reply:
        """Send a GET, again where its connection breaks: reading twice does no harm."""
        return self.request("GET", path, retries=3)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
